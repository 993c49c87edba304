import type { StoredMessages } from "../persistence/message-store.js";
import type { Delivery } from "./delivery.js";

type Taken = StoredMessages["taken"];

/** Whether a session that has had these has had a message. */
export function hasHad(taken: Taken, { source }: Delivery): boolean {
  return source !== undefined && (taken?.get(source.origin)?.has(source.number) ?? false);
}

/** Whether it has had one that the same broker took later. */
export function hasLater(taken: Taken, { source }: Delivery): boolean {
  return source !== undefined && (taken?.get(source.origin)?.hasAbove(source.number) ?? false);
}
