import { expect, it } from "vitest";
import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { MemorySessionStore } from "../../src/persistence/memory-session-store.js";
import { Delivery } from "../../src/session/delivery.js";
import { messageOf } from "../session/support.js";
import { describeMessageStore } from "./message-store.suite.js";
import { describeSessionStore } from "./session-store.suite.js";

describeSessionStore("MemorySessionStore", () => ({ store: new MemorySessionStore() }));
describeMessageStore("MemoryMessageStore", () => ({ store: new MemoryMessageStore() }));

it("never has anything to wait for in memory", () => {
  const messages = new MemoryMessageStore();
  messages.add("c", new Delivery(1, messageOf("1"), 1, false, undefined, undefined));
  messages.addReceived("c", 1);
  const sessions = new MemorySessionStore();
  sessions.save({ clientId: "c", userName: undefined, expirySeconds: 1, disconnectedAtMs: undefined, will: undefined });
  expect([messages.commit(), sessions.commit(), messages.load("c") instanceof Promise]).toEqual([undefined, undefined, false]);
});
