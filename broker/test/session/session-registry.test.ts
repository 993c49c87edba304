import { beforeEach, describe, expect, it } from "vitest";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { NEVER_EXPIRES } from "../../src/session/session.js";
import { TestRegistry } from "./registry.js";
import { deliverAll, messageOf, optionsOf, publicationOf, RecordingLink } from "./support.js";

describe("SessionRegistry", () => {
  let parts: TestRegistry;
  beforeEach(() => {
    parts = new TestRegistry();
  });

  it("makes a session for a client that has none, and counts it [MQTT-3.1.2-6]", () => {
    const { session, isPresent } = parts.open("c");
    expect([isPresent, parts.registry.get("c"), parts.registry.size, [...parts.registry]]).toEqual([false, session, 1, [session]]);
    expect([parts.context.counters.sessionsCreated, parts.context.counters.sessionsResumed]).toEqual([1, 0]);
  });

  it("gives the session again to a client that comes back, with its subscriptions and messages [MQTT-3.1.2-5]", () => {
    const { session } = parts.open("c");
    parts.registry.subscribe(session, optionsOf("t"));
    parts.leave(session);
    deliverAll(session, ["1"]);
    const again = parts.open("c", { expirySeconds: 5 });
    expect([again.isPresent, again.session, session.expirySeconds, session.queuedCount]).toEqual([true, session, 5, 1]);
    expect([parts.unsubscribed, parts.released, parts.context.counters.sessionsResumed]).toEqual([[], [], 1]);
  });

  it("counts what comes for a session since it is here, wherever its sequences begin after a move", () => {
    const stored = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined };
    const session = parts.registry.place({ session: stored, subscriptions: [] }, "peer", 1_000_001, 1);
    deliverAll(session, ["1", "2"]);
    parts.registry.complete(session, undefined);
    deliverAll(session, ["3"]);
    expect(session.deliveredCount).toBe(3);
  });

  it("ends the session of a client that starts clean: subscriptions, messages, what is stored [MQTT-3.1.2-4]", () => {
    const { session } = parts.open("c");
    parts.registry.subscribe(session, optionsOf("t"));
    parts.registry.subscribe(session, optionsOf("u"));
    parts.leave(session);
    deliverAll(session, ["1"]);
    const again = parts.open("c", { cleanStart: true, expirySeconds: 0 });
    expect([again.isPresent, again.session === session, session.hasEnded]).toEqual([false, false, true]);
    expect(parts.unsubscribed.map(({ topicFilter }) => topicFilter)).toEqual(["t", "u"]);
    expect([[...parts.sessions.all()], parts.context.messages.load("c").deliveries, parts.context.held.messages]).toEqual([[], [], 0]);
    deliverAll(session, ["to nobody"]);
    expect([again.session.queuedCount, parts.context.held.messages]).toEqual([0, 0]);
  });

  it("tells the connection that has the session that another took it over, before that gets it [MQTT-3.1.4-3], 3.1.1 [MQTT-3.1.4-2]", () => {
    const first = parts.open("c");
    const second = parts.open("c");
    expect([first.link.disconnects, second.session, second.isPresent]).toEqual([[ReasonCode.SessionTakenOver], first.session, true]);
    expect([second.session.link, parts.context.counters.sessionsTakenOver]).toEqual([second.link, 1]);
    parts.wait(100);
    expect(parts.registry.get("c")).toBe(first.session);
  });

  it("does not go on with a session that ended with the connection taken over [MQTT-3.1.2-6]", () => {
    const first = parts.open("c", { expirySeconds: 0 });
    const second = parts.open("c");
    expect([second.isPresent, first.session.hasEnded, parts.registry.size]).toEqual([false, true, 1]);
  });

  it("gives back to the peers a client whose session has ended, once", () => {
    const { session } = parts.open("c", { expirySeconds: 0 });
    parts.leave(session);
    parts.registry.end(session);
    expect([parts.released, parts.registry.size]).toEqual([["c"], 0]);
  });

  it("ends a session when its expiry interval has passed since its connection went, and counts it [MQTT-4.1.0-2]", () => {
    const { session } = parts.open("c", { expirySeconds: 10 });
    parts.wait(60);
    parts.leave(session);
    parts.wait(9);
    expect(session.hasEnded).toBe(false);
    parts.wait(2);
    expect([session.hasEnded, parts.registry.size, parts.context.counters.sessionsExpired, [...parts.sessions.all()]]).toEqual([
      ...[true, 0, 1],
      [],
    ]);
  });

  it("does not end one whose client is back, nor one that never expires [MQTT-4.1.0-1]", () => {
    const back = parts.open("back", { expirySeconds: 10 }).session;
    const ever = parts.open("ever", { expirySeconds: NEVER_EXPIRES }).session;
    parts.leave(back);
    parts.leave(ever);
    parts.wait(5);
    parts.open("back", { expirySeconds: 10 });
    parts.wait(1_000);
    expect([back.hasEnded, ever.hasEnded, parts.wheel.size]).toEqual([false, false, 0]);
  });

  it("takes a session out of the store when it is to end with its new connection", () => {
    const { session } = parts.open("c");
    parts.leave(session);
    deliverAll(session, ["1"]);
    parts.open("c", { expirySeconds: 0 });
    expect([[...parts.sessions.all()], parts.context.messages.load("c").deliveries, session.queuedCount]).toEqual([[], [], 1]);
  });

  it("tells whether a subscription is new, and gives up only what is there", () => {
    const { session } = parts.open("c");
    const told = [optionsOf("t"), optionsOf("t", { qos: 2 }), optionsOf("u")].map((options) => parts.registry.subscribe(session, options));
    expect([told, parts.subscribed.length, session.subscriptions!.get("t")!.qos]).toEqual([[true, false, true], 3, 2]);
    expect([parts.registry.unsubscribe(session, "t"), parts.registry.unsubscribe(session, "t")]).toEqual([true, false]);
    expect(parts.unsubscribed.map(({ topicFilter, qos }) => [topicFilter, qos])).toEqual([["t", 2]]);
    expect([...parts.sessions.all()].map(({ subscriptions }) => subscriptions.map(({ topicFilter }) => topicFilter))).toEqual([["u"]]);
  });

  it("looks for other members of shared subscriptions for what a session still owed when it ends (4.8.2)", () => {
    const { session, link } = parts.open("c", { expirySeconds: 0 });
    link.maxInflight = 1;
    parts.registry.subscribe(session, optionsOf("$share/g/t"));
    deliverAll(session, ["own, in flight", "own, queued"]);
    const shared = session.subscriptions!.get("$share/g/t")!;
    session.deliver(publicationOf(messageOf("shared, queued")), 1, false, undefined, shared);
    parts.leave(session);
    expect(parts.redelivered.map(({ message }) => Buffer.from(message.payload).toString())).toEqual(["shared, queued"]);
    expect(parts.context.held).toEqual({ messages: 0, bytes: 0 });
  });

  describe("with a will", () => {
    const will = (text = "bye") => messageOf(text);

    it("publishes it when the connection goes, if it has no delay [MQTT-3.1.2-8]", () => {
      const { session } = parts.open("c");
      parts.leave(session, will());
      parts.wait(100);
      expect(parts.willTexts).toEqual(["bye"]);
    });

    it("waits for its delay [MQTT-3.1.2-8]", () => {
      const { session } = parts.open("c");
      parts.leave(session, will(), 10);
      parts.wait(9);
      expect(parts.willTexts).toEqual([]);
      parts.wait(2);
      expect([parts.willTexts, session.delayedWill, session.hasEnded]).toEqual([["bye"], null, false]);
      parts.wait(100);
      expect(parts.willTexts).toEqual(["bye"]);
    });

    it("does not publish one whose client is back in time [MQTT-3.1.3-9]", () => {
      const { session } = parts.open("c");
      parts.leave(session, will(), 10);
      parts.wait(5);
      parts.open("c");
      parts.wait(100);
      expect(parts.willTexts).toEqual([]);
    });

    it.each([
      ["expires first", () => parts.wait(11)],
      ["is started anew", () => parts.open("c", { cleanStart: true })],
      ["is ended by the broker", () => parts.registry.end(parts.registry.get("c")!)],
    ])("publishes one that waits, once, if the session %s [MQTT-3.1.2-8]", (_, end) => {
      const { session } = parts.open("c", { expirySeconds: 10 });
      parts.leave(session, will(), 30);
      end();
      parts.wait(100);
      expect([parts.willTexts, session.hasEnded]).toEqual([["bye"], true]);
    });

    it("does not wait for a delay if the session ends with the connection [MQTT-3.1.2-8]", () => {
      const { session } = parts.open("c", { expirySeconds: 0 });
      parts.leave(session, will(), 30);
      expect(parts.willTexts).toEqual(["bye"]);
    });

    it("publishes the one of a connection that is taken over, unless it is delayed [MQTT-3.1.3-9]", () => {
      parts.open("c", { will: will("at once") });
      parts.open("c", { will: will("delayed"), willDelaySeconds: 5 });
      parts.open("c");
      parts.wait(100);
      expect(parts.willTexts).toEqual(["at once"]);
    });

    it("counts its expiry interval from its publication, not from the loss of the connection (3.1.3.2.4)", () => {
      const { clock } = parts.context;
      const publishedAtMs = clock.nowMs + 10_000;
      const expiring = messageOf("bye", { properties: { messageExpiryIntervalSeconds: 5 }, expiresAtMs: clock.nowMs + 5_000 });
      const due = parts.open("due").session;
      parts.leave(due, expiring, 10);
      const ended = parts.open("ended", { expirySeconds: 10 }).session;
      parts.leave(ended, expiring, 30);
      parts.wait(11);
      expect(parts.wills.map(({ expiresAtMs }) => expiresAtMs)).toEqual([publishedAtMs + 5_000, publishedAtMs + 5_000]);
    });
  });

  describe("that starts on what another has stored", () => {
    it("has the sessions with their subscriptions, messages, and QoS 2 identifiers", async () => {
      const { session, link } = parts.open("c");
      link.maxInflight = 2;
      parts.registry.subscribe(session, optionsOf("t", { qos: 2, identifier: 5, noLocal: true }));
      parts.registry.subscribe(session, optionsOf("$share/g/t"));
      deliverAll(session, ["1", "2", "3"], 2);
      session.receivedByClient(1, ReasonCode.Success);
      parts.context.messages.addReceived("c", 77);
      const again = await parts.restarted();
      const restored = again.registry.get("c")!;
      expect([restored.inflightCount, restored.queuedCount, [...restored.received!.keys()], restored.expirySeconds]).toEqual([
        2,
        1,
        [77],
        60,
      ]);
      expect(
        again.subscribed.map(({ topicFilter, qos, identifiers, noLocal, shared }) => [
          topicFilter,
          qos,
          identifiers,
          noLocal,
          shared?.shareName,
        ]),
      ).toEqual([
        ["t", 2, [5], true, undefined],
        ["$share/g/t", 1, undefined, false, "g"],
      ]);
      expect(again.context.held.messages).toBe(3);
      const back = again.open("c");
      back.session.sendQueued();
      expect([back.isPresent, back.link.texts, back.link.acknowledged.length]).toEqual([true, ["2", "3"], 1]);
      deliverAll(back.session, ["4"]);
      expect(back.link.published.at(-1)).toMatchObject({ text: "4", packetId: 4 });
    });

    it("lets expiry intervals run on from where they were [MQTT-4.1.0-2]", async () => {
      parts.leave(parts.open("c", { expirySeconds: 100 }).session);
      parts.wait(50);
      parts.context.clock.nowMs += 20_000; // nobody is there to see these pass
      const again = await parts.restarted();
      again.wait(29);
      expect(again.registry.size).toBe(1);
      again.wait(2);
      expect(again.registry.size).toBe(0);
    });

    it("does not let a will that was due meanwhile prolong the session [MQTT-4.1.0-2]", async () => {
      parts.leave(parts.open("c", { expirySeconds: 100 }).session, messageOf("bye"), 50);
      parts.wait(60);
      expect(parts.willTexts).toEqual(["bye"]);
      const again = await parts.restarted();
      again.wait(42);
      expect([again.registry.size, again.willTexts]).toEqual([0, []]);
    });

    it("ends what expired, and publishes what was due, while there was no broker [MQTT-3.1.2-8] [MQTT-4.1.0-2]", async () => {
      parts.leave(parts.open("expired", { expirySeconds: 10 }).session);
      parts.leave(parts.open("due").session, messageOf("bye"), 10);
      parts.leave(parts.open("waiting").session, messageOf("later"), 40);
      parts.context.clock.nowMs += 20_000;
      const again = await parts.restarted();
      again.wait(1);
      expect([[...again.registry].map(({ clientId }) => clientId), again.willTexts]).toEqual([["due", "waiting"], ["bye"]]);
      again.open("waiting");
      again.wait(39);
      expect(again.willTexts).toEqual(["bye"]);
    });

    it("begins the absence of a client that was connected to it with its own start, however often it starts", async () => {
      parts.open("c", { expirySeconds: 100 });
      parts.wait(1_000);
      const second = await parts.restarted();
      second.wait(60);
      const third = await second.restarted();
      third.wait(39);
      expect(third.registry.size).toBe(1);
      third.wait(2);
      expect(third.registry.size).toBe(0);
    });

    it("remembers nothing of sessions that ended with their connections", async () => {
      const { session } = parts.open("c", { expirySeconds: 0 });
      parts.registry.subscribe(session, optionsOf("t"));
      session.link = new RecordingLink();
      deliverAll(session, ["1"]);
      expect((await parts.restarted()).registry.size).toBe(0);
    });
  });
});
