import { expect, it } from "vitest";
import { type Message, NEVER } from "../../src/message.js";
import { MemorySessionStore } from "../../src/persistence/memory-session-store.js";
import { Publication } from "../../src/publication/publication.js";
import { Topic } from "../../src/publication/topic.js";
import { SessionRegistry } from "../../src/session/session-registry.js";
import { Counters } from "../../src/sys/counters.js";
import { TimerWheel } from "../../src/timer-wheel.js";
import { SettableClock } from "../support/settable-clock.js";
import { sessionContext } from "./support.js";

it("a session that has ended holds no messages, whoever still holds the session", () => {
  const clock = new SettableClock();
  const counters = new Counters();
  const held = { messages: 0, bytes: 0 };
  const context = { ...sessionContext(), clock, counters, held };
  const ignore = () => {};
  const registry = new SessionRegistry({
    context,
    sessions: new MemorySessionStore(),
    clock,
    counters,
    wheel: new TimerWheel({ clock }),
    subscribe: () => undefined,
    unsubscribe: ignore,
    redeliver: ignore,
    publishWill: ignore,
    released: ignore,
  });
  const { session } = registry.open("away", undefined, false, 60);
  registry.subscribe(session, { topicFilter: "t", qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 });
  const payload = new Uint8Array(100);
  const message: Message = { topic: "t", payload, qos: 1, retain: false, properties: {}, expiresAtMs: NEVER, publisher: "other" };
  const publication = new Publication();
  publication.load(message, Topic.named("t"), clock.now());
  session.deliver(publication, 1, false, undefined, undefined);
  expect([session.queuedCount, session.subscriptions?.size, held.messages]).toEqual([1, 1, 1]);

  registry.end(session);
  expect([session.outbox, session.subscriptions, session.received]).toEqual([null, null, null]);
  expect(held).toEqual({ messages: 0, bytes: 0 });
  session.deliver(publication, 1, false, undefined, undefined);
  expect(session.outbox).toBeNull();
});
