import type { StoredMessages } from "../persistence/message-store.js";
import { type Delivery, DeliveryState } from "./delivery.js";

type Taken = StoredMessages["taken"];

/** Whether a session that has had these has had a message for itself: what comes to it as a member of a shared group is another matter. */
export function hasHad(taken: Taken, { source, shared }: Delivery): boolean {
  return source !== undefined && shared === undefined && (taken?.get(source.origin)?.has(source.number) ?? false);
}

/** Whether it has had one that the same broker took later. */
export function hasLater(taken: Taken, { source }: Delivery): boolean {
  return source !== undefined && (taken?.get(source.origin)?.hasAbove(source.number) ?? false);
}

/** On one way the messages have numbers of their own: those of a broker for the session itself, or for a shared group. Undefined if that is not known. */
export function wayOf({ source, shared }: Partial<Pick<Delivery, "source" | "shared">>): string | undefined {
  return source === undefined || shared === undefined ? source?.origin : `${source.origin} ${shared.topicFilter}`;
}

/** By its source, and the shared group that it is for; undefined if that is not known. */
export function nameOf(delivery: Partial<Pick<Delivery, "source" | "shared">>): string | undefined {
  return delivery.source && `${wayOf(delivery)} ${delivery.source.number}`;
}

/** Of what waits, what is among others too. */
export function waitingAmong(deliveries: Iterable<Delivery>, others: Iterable<Delivery>): Set<Delivery> {
  const names = new Set<string | undefined>();
  for (const other of others) if (other.state === DeliveryState.Queued) names.add(nameOf(other));
  names.delete(undefined);
  return new Set([...deliveries].filter((delivery) => delivery.state === DeliveryState.Queued && names.has(nameOf(delivery))));
}
