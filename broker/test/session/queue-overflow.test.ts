import { describe, expect, it } from "vitest";
import { DropCause } from "../../src/sys/counters.js";
import { deliverAll, messageOf, publicationOf, RecordingLink, sessionContext, sessionOf } from "./support.js";

const { QueueFull, QueueFullOldest, QueueFullQos0, BrokerFull } = DropCause;

function offline(bounds: Parameters<typeof sessionContext>[0]) {
  const context = sessionContext(bounds);
  const session = sessionOf(context);
  return { context, session, dropped: context.counters.publishDropped };
}

type Offline = ReturnType<typeof offline>;
const forwardAll = ({ session }: Offline, texts: readonly string[]) => {
  for (const text of texts) session.forward(publicationOf(messageOf(text, { qos: 0 })), false, undefined, undefined);
};
const stored = ({ context }: Offline) =>
  context.messages.load("c").deliveries.map(({ message }) => Buffer.from(message.payload).toString());

/** The client comes back, and gets what waited. */
function comeBack({ session }: Offline): RecordingLink {
  const link = new RecordingLink();
  session.outbox?.resume();
  session.link = link;
  session.sendQueued();
  return link;
}

describe("a full queue", () => {
  it("loses new messages by default, which the store never sees", () => {
    const parts = offline({ maxQueuedMessages: 2 });
    deliverAll(parts.session, ["1", "2", "3"]);
    expect([parts.dropped[QueueFull], stored(parts), parts.context.held.messages]).toEqual([1, ["1", "2"], 2]);
    expect(comeBack(parts).texts).toEqual(["1", "2"]);
  });

  it("loses its oldest if it is told to, which leave the store too", () => {
    const parts = offline({ maxQueuedMessages: 2, queueOverflow: "drop-oldest" });
    deliverAll(parts.session, ["1", "2", "3", "4"]);
    expect([parts.dropped[QueueFullOldest], stored(parts), parts.context.held.messages]).toEqual([2, ["3", "4"], 2]);
    expect(comeBack(parts).texts).toEqual(["3", "4"]);
  });

  it("never loses what is in flight", () => {
    const parts = offline({ maxQueuedMessages: 1, queueOverflow: "drop-oldest" });
    const link = Object.assign(new RecordingLink(), { maxInflight: 2 });
    parts.session.link = link;
    deliverAll(parts.session, ["1", "2", "3", "4", "5"]);
    expect([link.texts, parts.session.inflightCount, stored(parts)]).toEqual([["1", "2"], 2, ["1", "2", "5"]]);
    expect(comeBack(parts).texts).toEqual(["1", "2", "5"]);
  });

  it("ends the connection of its client if it is told to, and keeps what it has", () => {
    const parts = offline({ maxQueuedMessages: 1, queueOverflow: "disconnect" });
    deliverAll(parts.session, ["1", "2"]); // nobody there to be disconnected
    const link = Object.assign(new RecordingLink(), { maxInflight: 1 });
    parts.session.link = link;
    parts.session.sendQueued();
    deliverAll(parts.session, ["3"]);
    expect(link.overflows).toBe(0);
    deliverAll(parts.session, ["4"]);
    expect([link.overflows, parts.dropped[QueueFull], stored(parts)]).toEqual([1, 2, ["1", "3"]]);
  });
});

describe("QoS 0 messages for a client that is away", () => {
  it("are not kept by default", () => {
    const parts = offline({});
    forwardAll(parts, ["1"]);
    expect([parts.session.outbox, comeBack(parts).forwarded]).toEqual([null, []]);
  });

  it("are kept if they are to be, in memory alone, and sent in order with the others", () => {
    const parts = offline({ queueQos0: true });
    forwardAll(parts, ["0a"]);
    deliverAll(parts.session, ["1"]);
    forwardAll(parts, ["0b"]);
    expect([stored(parts), parts.context.held.messages]).toEqual([["1"], 3]);
    const link = comeBack(parts);
    expect([link.forwarded.map(({ text }) => text), link.texts]).toEqual([["0a", "0b"], ["1"]]);
    expect([parts.session.queuedCount, parts.context.held.messages]).toEqual([0, 1]);
    forwardAll(parts, ["0c"]);
    expect(link.forwarded.at(-1)?.text).toBe("0c");
  });

  it("are not overtaken by others when the client is back but does not read yet [MQTT-4.6.0-6]", () => {
    const parts = offline({ queueQos0: true });
    forwardAll(parts, ["1", "2"]);
    const link = Object.assign(new RecordingLink(), { isWritable: false });
    parts.session.link = link;
    forwardAll(parts, ["3"]);
    link.isWritable = true;
    parts.session.sendQueued();
    expect(link.forwarded.map(({ text }) => text)).toEqual(["1", "2", "3"]);
  });

  it("are not kept for a session that ends with its connection", () => {
    const context = sessionContext({ queueQos0: true });
    const session = sessionOf(context, "clean", 0);
    session.forward(publicationOf(messageOf("1", { qos: 0 })), false, undefined, undefined);
    expect(session.outbox).toBeNull();
  });

  it("give way first when the queue is full, and are counted by themselves", () => {
    const parts = offline({ queueQos0: true, maxQueuedMessages: 2 });
    forwardAll(parts, ["0a", "0b", "0c"]);
    expect(parts.dropped[QueueFullQos0]).toBe(1);
    deliverAll(parts.session, ["1", "2", "3"]);
    expect([parts.dropped[QueueFullQos0], parts.dropped[QueueFull], stored(parts)]).toEqual([3, 1, ["1", "2"]]);
    expect(comeBack(parts).forwarded).toEqual([]);
  });
});

describe("what all sessions hold together", () => {
  it("has a bound, beyond which nothing new is kept for anyone, and no client is punished for it", () => {
    const parts = offline({ maxHeldBytes: 10, queueOverflow: "disconnect" });
    deliverAll(parts.session, ["12345"]);
    const other = sessionOf(parts.context, "other");
    const link = Object.assign(new RecordingLink(), { maxInflight: 0 });
    other.link = link;
    deliverAll(other, ["12345", "1"]);
    expect([parts.context.held, parts.dropped[BrokerFull], link.overflows]).toEqual([{ messages: 2, bytes: 10 }, 1, 0]);
  });

  it("grows no more while memory is short; who can be sent to is", () => {
    const overload = { memory: true, loop: false };
    const parts = offline({ overload });
    deliverAll(parts.session, ["1"]);
    expect([parts.dropped[BrokerFull], parts.session.queuedCount]).toEqual([1, 0]);
    const link = new RecordingLink();
    parts.session.link = link;
    deliverAll(parts.session, ["2"]);
    expect(link.texts).toEqual(["2"]);
  });
});

describe("what is in flight to one client", () => {
  it("has a bound of bytes too, beyond which the rest waits; one message always goes", () => {
    const parts = offline({ maxInflightBytes: 1_000 });
    const link = new RecordingLink();
    parts.session.link = link;
    const long = "x".repeat(2_000);
    deliverAll(parts.session, [long, "2", "3"]);
    expect([link.texts.length, parts.session.queuedCount]).toEqual([1, 2]);
    parts.session.acknowledged(1);
    parts.session.sendQueued();
    expect([link.texts.slice(1), parts.session.outbox!.inflight.bytes < 1_000]).toEqual([["2", "3"], true]);
  });
});
