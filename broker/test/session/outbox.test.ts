import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import type { Message } from "../../src/message.js";
import { Session } from "../../src/session/session.js";
import { DropCause } from "../../src/sys/counters.js";
import { deliverAll, messageOf, publicationOf, RecordingLink, sessionContext, sessionOf } from "./support.js";

const { Pubrel } = PacketType;

function online(bounds: Parameters<typeof sessionContext>[0] = {}) {
  const context = sessionContext(bounds);
  const session = sessionOf(context);
  const link = new RecordingLink();
  session.link = link;
  return { context, session, link };
}

/** The client has gone, and come back over another connection. */
function reconnect(session: Session, fields: Partial<RecordingLink> = {}): RecordingLink {
  const link = Object.assign(new RecordingLink(), fields);
  session.outbox?.resume();
  session.link = link;
  session.sendQueued();
  return link;
}

const sentAs = ({ published }: RecordingLink) => published.map(({ text, packetId, dup }) => [text, packetId, dup]);

describe("a session whose client is there", () => {
  it("sends at once, with everything that belongs to the message", () => {
    const { session, link } = online();
    session.deliver(publicationOf(messageOf("1")), 2, true, [7, 8], undefined);
    expect(link.published).toEqual([{ text: "1", qos: 2, dup: false, retain: true, packetId: 1, identifiers: [7, 8] }]);
    expect([session.inflightCount, session.queuedCount]).toEqual([1, 0]);
  });

  it("sends no more than the window, and the rest in order as room is made [MQTT-3.3.4-9] [MQTT-4.6.0-5], 3.1.1 [MQTT-4.6.0-5]", () => {
    const { session, link } = online();
    link.maxInflight = 2;
    deliverAll(session, ["1", "2", "3", "4", "5"]);
    expect([link.texts, session.queuedCount]).toEqual([["1", "2"], 3]);
    for (const packetId of [2, 1]) {
      expect(session.acknowledged(packetId)).toBe(true);
      session.sendQueued();
    }
    expect([link.texts, session.inflightCount, session.queuedCount]).toEqual([["1", "2", "3", "4"], 2, 1]);
  });

  it("does not let a message overtake one that waits, even if the window has room [MQTT-4.6.0-5], 3.1.1 [MQTT-4.6.0-5]", () => {
    const { session, link } = online();
    link.isWritable = false;
    deliverAll(session, ["1"]);
    link.isWritable = true;
    deliverAll(session, ["2"]);
    session.sendQueued();
    expect(link.texts).toEqual(["1", "2"]);
  });

  it("sends nothing while the socket is full, and as much as it takes afterwards", () => {
    const { session, link } = online();
    link.isWritable = false;
    deliverAll(session, ["1", "2", "3"]);
    session.sendQueued();
    expect(link.texts).toEqual([]);
    link.isWritable = true;
    session.sendQueued();
    expect(link.texts).toEqual(["1", "2", "3"]);
  });

  it("keeps a QoS 2 message in the window until PUBCOMP [MQTT-3.3.4-9]", () => {
    const { session, link } = online();
    link.maxInflight = 1;
    deliverAll(session, ["1", "2"], 2);
    session.receivedByClient(1, ReasonCode.Success);
    session.sendQueued();
    expect([link.texts, link.acknowledged]).toEqual([["1"], [[Pubrel, 1, ReasonCode.Success]]]);
    expect(session.completed(1)).toBe(true);
    session.sendQueued();
    expect(link.texts).toEqual(["1", "2"]);
  });

  it("ends QoS 2 if the client refuses the message, without PUBREL (4.3.3)", () => {
    const { session, link } = online();
    deliverAll(session, ["1"], 2);
    session.receivedByClient(1, ReasonCode.QuotaExceeded);
    expect([link.acknowledged, session.inflightCount]).toEqual([[], 0]);
  });

  it("answers a second PUBREC as the first, and one for an unknown message with 0x92 [MQTT-4.3.3-4]", () => {
    const { session, link } = online();
    deliverAll(session, ["1"], 2);
    for (const packetId of [1, 1, 9]) session.receivedByClient(packetId, ReasonCode.Success);
    const { Success, PacketIdentifierNotFound } = ReasonCode;
    expect(link.acknowledged).toEqual([
      [Pubrel, 1, Success],
      [Pubrel, 1, Success],
      [Pubrel, 9, PacketIdentifierNotFound],
    ]);
  });

  it("takes no acknowledgement for a message that is not in flight, or is at another QoS", () => {
    const { session } = online();
    expect([session.acknowledged(1), session.completed(1)]).toEqual([false, false]);
    deliverAll(session, ["1"], 1);
    deliverAll(session, ["2"], 2);
    expect([session.completed(1), session.acknowledged(2), session.acknowledged(3), session.inflightCount]).toEqual([
      ...[false, false, false],
      2,
    ]);
    expect([session.acknowledged(1), session.acknowledged(1), session.completed(2), session.inflightCount]).toEqual([true, false, true, 0]);
  });

  it("drops and counts what is larger than the client takes, and sends the next [MQTT-3.1.2-24] [MQTT-3.1.2-25]", () => {
    const { context, session, link } = online();
    link.maxPayloadBytes = 3;
    deliverAll(session, ["1", "large", "2"]);
    expect([link.texts, context.counters.publishDropped[DropCause.TooLarge], session.inflightCount]).toEqual([["1", "2"], 1, 2]);
  });
});

describe("a session whose client comes back", () => {
  it("sends again what was not acknowledged, in its order, with DUP and the same identifiers [MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.6.0-1], 3.1.1 [MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.6.0-1]", () => {
    const { session } = online();
    deliverAll(session, ["1", "2", "3", "4"]);
    session.acknowledged(2);
    session.link = null;
    deliverAll(session, ["5"]);
    expect(sentAs(reconnect(session))).toEqual([
      ["1", 1, true],
      ["3", 3, true],
      ["4", 4, true],
      ["5", 5, false],
    ]);
  });

  it("sends PUBREL again, and not the message, once PUBREC has come [MQTT-4.4.0-1] [MQTT-4.3.3-6]", () => {
    const { session } = online();
    deliverAll(session, ["1", "2"], 2);
    session.receivedByClient(1, ReasonCode.Success);
    const link = reconnect(session);
    expect([sentAs(link), link.acknowledged]).toEqual([[["2", 2, true]], [[Pubrel, 1, ReasonCode.Success]]]);
  });

  it("keeps to a smaller window than before, when it sends again too [MQTT-3.3.4-9]", () => {
    const { session } = online();
    deliverAll(session, ["1", "2", "3", "4"]);
    session.link = null;
    deliverAll(session, ["5"]);
    const link = reconnect(session, { maxInflight: 2 });
    expect(link.texts).toEqual(["1", "2"]);
    const seen: string[][] = [];
    for (const packetId of [1, 2, 3, 4]) {
      session.acknowledged(packetId);
      session.sendQueued();
      seen.push(link.texts.slice(2));
    }
    expect(seen).toEqual([["3"], ["3", "4"], ["3", "4", "5"], ["3", "4", "5"]]);
  });

  it("sends nothing new before all of that has gone out", () => {
    const { session } = online();
    deliverAll(session, ["1", "2"]);
    const link = reconnect(session, { maxInflight: 1 });
    deliverAll(session, ["3"]);
    link.maxInflight = 10;
    session.sendQueued();
    expect(link.texts).toEqual(["1", "2", "3"]);

    const full = reconnect(session, { isWritable: false });
    full.isWritable = true;
    deliverAll(session, ["4"]);
    session.sendQueued();
    expect(full.texts).toEqual(["1", "2", "3", "4"]);
  });

  it("begins anew when it goes again before all has been sent", () => {
    const { session } = online();
    deliverAll(session, ["1", "2", "3"]);
    reconnect(session, { maxInflight: 1 });
    expect(reconnect(session).texts).toEqual(["1", "2", "3"]);
  });

  it("waits for a full socket between messages", () => {
    const { session } = online();
    deliverAll(session, ["1", "2"]);
    const link = reconnect(session, { isWritable: false });
    expect(link.texts).toEqual([]);
    link.isWritable = true;
    session.sendQueued();
    expect(link.texts).toEqual(["1", "2"]);
  });

  it("gives up a message that the new connection takes no packet for, and counts it [MQTT-3.1.2-25]", () => {
    const { context, session } = online();
    deliverAll(session, ["large", "1"]);
    const link = reconnect(session, { maxPayloadBytes: 3 });
    expect([link.texts, session.inflightCount, context.counters.publishDropped[DropCause.TooLarge]]).toEqual([["1"], 1, 1]);
  });
});

describe("a session's queue", () => {
  it("holds so many messages, drops what comes then, and counts it", () => {
    const { context, session, link } = online({ maxQueuedMessages: 3 });
    session.link = null;
    deliverAll(session, ["1", "2", "3", "4", "5"]);
    expect([session.queuedCount, context.counters.publishDropped[DropCause.QueueFull], context.held.messages]).toEqual([3, 2, 3]);
    session.link = link;
    session.sendQueued();
    expect([link.texts, session.queuedCount]).toEqual([["1", "2", "3"], 0]);
    session.link = null;
    deliverAll(session, ["6"]);
    expect(session.queuedCount).toBe(1);
  });

  it("holds so many bytes, empty messages not free, and has room again when they have gone", () => {
    const { context, session, link } = online({ maxQueuedMessages: 1e9, maxQueuedBytes: 100_000 });
    session.link = null;
    deliverAll(session, Array(1_000).fill(""));
    const held = session.queuedCount;
    expect(held).toBeGreaterThan(10);
    expect(held).toBeLessThan(1_000);
    expect([session.outbox!.queuedBytes <= 100_000, context.counters.publishDropped[DropCause.QueueFull]]).toEqual([true, 1_000 - held]);
    session.link = Object.assign(link, { maxInflight: 65_535 });
    session.sendQueued();
    expect([session.outbox!.queuedBytes, session.queuedCount]).toEqual([0, 0]);
    session.link = null;
    deliverAll(session, ["x".repeat(50_000)]);
    deliverAll(session, ["x".repeat(50_000)]);
    expect(session.queuedCount).toBe(1);
  });

  it("gives up what has expired in it, and counts it [MQTT-3.3.2-5]", () => {
    const { context, session, link } = online();
    const { clock } = context;
    session.link = null;
    deliverAll(session, ["short"], 1, { expiresAtMs: clock.nowMs + 1_000 });
    deliverAll(session, ["long"], 1, { expiresAtMs: clock.nowMs + 1_001 });
    clock.nowMs += 1_000;
    session.link = link;
    session.sendQueued();
    expect([link.texts, context.counters.publishDropped[DropCause.Expired], context.held.messages]).toEqual([["long"], 1, 1]);
    expect(link.published[0]!.packetId).toBe(1);
  });

  it("counts what all sessions hold together until the last of it is acknowledged", () => {
    const { context, session } = online();
    const other = sessionOf(context, "other", 0);
    deliverAll(session, ["12", "345"]);
    deliverAll(other, ["6789"]);
    expect(context.held).toEqual({ messages: 3, bytes: 9 });
    session.acknowledged(1);
    session.acknowledged(2);
    other.outbox!.letGo();
    expect(context.held).toEqual({ messages: 0, bytes: 0 });
  });

  it("is stored only if the session outlives its connection", () => {
    const context = sessionContext();
    const [kept, clean] = [sessionOf(context, "kept", 1), new Session("clean", undefined, 0, context)];
    for (const session of [kept, clean]) deliverAll(session, ["1", "2"]);
    expect(context.messages.load("kept").deliveries.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(context.messages.load("clean").deliveries).toEqual([]);
    kept.link = new RecordingLink();
    kept.sendQueued();
    kept.acknowledged(1);
    expect(context.messages.load("kept").deliveries.map(({ packetId }) => packetId)).toEqual([2]);
  });
});

describe("retained messages for a new subscription", () => {
  const retained = (text: string, qos: 0 | 1 = 1) => retainedFor(text, qos, messageOf(text, { retain: true }));
  const retainedFor = (topicFilter: string, qos: 0 | 1, ...messages: Message[]) => ({
    ...{ topicFilter, qos, identifiers: [3], messages: messages.values() },
  });

  it("go out as retained, at their QoS, within the window [MQTT-3.3.1-8] [MQTT-3.3.4-9], 3.1.1 [MQTT-3.3.1-8]", () => {
    const { session, link } = online();
    link.maxInflight = 1;
    for (const each of [retained("0", 0), retained("1"), retained("2"), retained("3", 0)]) session.replay(each);
    session.sendQueued();
    expect(link.forwarded).toEqual([{ text: "0", qos: 0, dup: false, retain: true, packetId: 0, identifiers: [3] }]);
    expect(link.published).toEqual([{ text: "1", qos: 1, dup: false, retain: true, packetId: 1, identifiers: [3] }]);
    session.acknowledged(1);
    session.sendQueued();
    session.acknowledged(2);
    session.sendQueued();
    expect([link.texts, link.forwarded.map(({ text }) => text)]).toEqual([
      ["1", "2"],
      ["0", "3"],
    ]);
  });

  it("are not bounded by the queue, since each is sent from where it is retained", () => {
    const { context, session, link } = online({ maxQueuedMessages: 2 });
    for (let i = 0; i < 50; i++) session.replay(retained(String(i)));
    session.sendQueued();
    expect([link.texts.length, context.counters.publishDropped[DropCause.QueueFull]]).toEqual([50, 0]);
  });

  it("do not go out when they have expired meanwhile [MQTT-3.3.2-5]", () => {
    const { context, session, link } = online();
    link.isWritable = false;
    session.replay(retainedFor("#", 0, messageOf("old", { expiresAtMs: context.clock.nowMs + 1 })));
    context.clock.nowMs += 1;
    link.isWritable = true;
    session.sendQueued();
    expect(link.forwarded).toEqual([]);
  });

  it("are given up when the client goes", () => {
    const { session, link } = online();
    link.isWritable = false;
    session.replay(retained("1"));
    session.outbox!.dropRetained();
    expect(reconnect(session).published).toEqual([]);
  });
});
