import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { MemorySessionStore } from "../../src/persistence/memory-session-store.js";
import { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import { ManualClock } from "../support/manual-clock.js";
import type { TestBroker } from "../support/start-broker.js";

export function stores() {
  const clock = new ManualClock();
  return { clock, sessions: new MemorySessionStore(), messages: new MemoryMessageStore(), retained: new MemoryRetainedStore({ clock }) };
}

const CHANGES = ["save", "remove", "subscribe", "unsubscribe", "add", "addReceived", "removeReceived", "clear", "set", "delete"];

/** A broker that is no more, as far as its stores can tell: from now on it writes nothing, whatever it does on its way out. */
export async function crash(broker: TestBroker, { sessions, messages, retained }: ReturnType<typeof stores>): Promise<void> {
  const frozen = [sessions, messages, retained];
  for (const store of frozen) for (const method of CHANGES) if (method in store) Object.assign(store, { [method]: () => {} });
  await broker.stop();
  for (const store of frozen) for (const method of CHANGES) Reflect.deleteProperty(store, method);
}
