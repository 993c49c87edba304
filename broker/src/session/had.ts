import type { StoredMessages } from "../persistence/message-store.js";
import { type Delivery, DeliveryState } from "./delivery.js";

type Taken = StoredMessages["taken"];

/** Whether a session that has had these has had a message. */
export function hasHad(taken: Taken, { source }: Delivery): boolean {
  return source !== undefined && (taken?.get(source.origin)?.has(source.number) ?? false);
}

/** Whether it has had one that the same broker took later. */
export function hasLater(taken: Taken, { source }: Delivery): boolean {
  return source !== undefined && (taken?.get(source.origin)?.hasAbove(source.number) ?? false);
}

/** By its source; undefined if that is not known. */
export const nameOf = ({ source }: Pick<Delivery, "source">): string | undefined => source && `${source.origin} ${source.number}`;

/** Of what waits, what is among others too. */
export function waitingAmong(deliveries: Iterable<Delivery>, others: Iterable<Delivery>): Set<Delivery> {
  const names = new Set<string | undefined>();
  for (const other of others) if (other.state === DeliveryState.Queued) names.add(nameOf(other));
  names.delete(undefined);
  return new Set([...deliveries].filter((delivery) => delivery.state === DeliveryState.Queued && names.has(nameOf(delivery))));
}
