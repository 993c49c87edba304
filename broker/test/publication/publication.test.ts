import { describe, expect, it } from "vitest";
import { encode } from "../../src/codec/codec.js";
import { PacketType, type ProtocolVersion, type PublishPacket, type Qos } from "../../src/codec/packet.js";
import { PublishFrame } from "../../src/codec/publish-frame.js";
import { type Message, NEVER } from "../../src/message.js";
import { Publication, remainingProperties } from "../../src/publication/publication.js";
import { Topic } from "../../src/publication/topic.js";
import { Random } from "../codec/random.js";
import { randomPacket } from "../codec/random-packets.js";

const NOW = 1_700_000_000_000;
const VERSIONS: readonly ProtocolVersion[] = [3, 4, 5];
const { Publish } = PacketType;

/** The packet as it lies in a receive buffer, `before` bytes behind its start. */
function received(packet: PublishPacket, version: ProtocolVersion, before = 5, publication = new Publication()) {
  const encoded = encode(packet, version);
  const bytes = Buffer.alloc(before + encoded.length + 7, 0xee);
  bytes.set(encoded, before);
  const end = before + encoded.length;
  let body = before + 1;
  while (bytes[body]! >= 0x80) body++;
  const frame = new PublishFrame();
  frame.readTopic(bytes, bytes[before]! & 0x0f, body + 1, end);
  frame.readRest(bytes, end, version);
  publication.receive(frame, Topic.named(packet.topic), bytes, before, end, version, "publisher", NOW);
  return { publication, bytes, start: before, end };
}

/** What the publication writes for a receiver. */
function written(publication: Publication, version: ProtocolVersion, qos: Qos, dup: boolean, retain: boolean, packetId: number): Buffer {
  const length = publication.bodyLength(version) + (packetId === 0 ? 0 : 2);
  const target = Buffer.alloc(length + 10, 0xee);
  const end = publication.write(target, 3, version, (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0), length, packetId);
  expect([target[2], target[end]]).toEqual([0xee, 0xee]);
  return target.subarray(3, end);
}

function publish(fields: Partial<PublishPacket> = {}): PublishPacket {
  return {
    type: Publish,
    dup: false,
    qos: 0,
    retain: false,
    topic: "a/é",
    packetId: 0,
    properties: {},
    payload: Buffer.from("text"),
    ...fields,
  };
}

/** What goes to a receiver: the publisher's properties but those of its own connection. */
function forReceiver(packet: PublishPacket, version: ProtocolVersion): PublishPacket["properties"] {
  const { topicAlias: _, ...own } = packet.properties;
  return version === 5 ? own : {};
}

describe("a publication that was received", () => {
  it.each([1, 2, 3, 4])("writes what the codec would, from and to every version and QoS (seed %i)", (seed) => {
    const random = new Random(seed);
    const publication = new Publication();
    for (let i = 0; i < 400; i++) {
      const from = random.pick(VERSIONS);
      const { properties, ...made } = randomPacket(random, Publish, from) as PublishPacket;
      const { subscriptionIdentifiers: _, ...clients } = properties; // only a server sends those
      const packet = { ...made, topic: random.pick(["a", "é/日", "x".repeat(300)]), properties: clients };
      received(packet, from, random.integer(0, 20), publication);
      for (const to of VERSIONS) {
        const qos = random.integer(0, 2) as Qos;
        const dup = qos > 0 && random.chance(2);
        const retain = random.chance(2);
        const packetId = qos === 0 ? 0 : random.integer(1, 65_535);
        const expected = encode({ ...packet, qos, dup, retain, packetId, properties: forReceiver(packet, to) }, to);
        const found = written(publication, to, qos, dup, retain, packetId);
        if (!found.equals(expected)) expect([packet, from, to, found.toString("hex")]).toEqual(Buffer.from(expected).toString("hex"));
        const asObject = publication.packet(qos, dup, retain, packetId);
        if (to === 5)
          expect(Buffer.from(encode(asObject, 5)).equals(expected)).toBe(from === 5 || Object.keys(packet.properties).length === 0);
      }
    }
  });

  it.each([0, 1, 125, 126, 127, 16_382, 16_383, 16_384, 2_097_151, 2_097_152])(
    "writes lengths at their edges: %i bytes of payload",
    (length) => {
      const packet = publish({ topic: "t", payload: Buffer.alloc(length, 1) });
      const { publication } = received(packet, 4);
      for (const version of VERSIONS) expect(written(publication, version, 0, false, false, 0).equals(encode(packet, version))).toBe(true);
    },
  );

  it("offers the bytes it came in, if a receiver may have the very same at QoS 0", () => {
    const offered = (packet: PublishPacket, version: ProtocolVersion = 5) => {
      const { publication, start, end } = received(packet, version);
      const { frameStart, frameEnd } = publication;
      if (frameStart === 0 && frameEnd === 0) return false;
      expect([frameStart, frameEnd, publication.frameVersion]).toEqual([start, end, version]);
      return true;
    };
    expect([offered(publish(), 4), offered(publish(), 5)]).toEqual([true, true]);
    expect(offered(publish({ properties: { contentType: "x", messageExpiryIntervalSeconds: 5 } }))).toBe(true);
    expect(offered(publish({ retain: true }))).toBe(false);
    expect(offered(publish({ qos: 1, packetId: 1 }))).toBe(false);
    expect(offered(publish({ properties: { topicAlias: 1 } }))).toBe(false);

    const { publication } = received(publish(), 5);
    received(publish({ properties: { topicAlias: 1, contentType: "x" } }), 5, 0, publication);
    expect(publication.frameEnd).toBe(0);
  });

  it("leaves out the publisher's topic alias, and keeps the other properties", () => {
    const { publication } = received(publish({ properties: { topicAlias: 3, contentType: "x", userProperties: [["k", "v"]] } }), 5);
    expect(publication.properties).toEqual({ contentType: "x", userProperties: [["k", "v"]] });
    expect(received(publish({ properties: { topicAlias: 3 } }), 5).publication.message().properties).toEqual({});
  });

  it("makes one message that owns its bytes, for all who keep it", () => {
    const properties = { correlationData: new Uint8Array([1, 2, 3]), contentType: "x" };
    const { publication, bytes } = received(publish({ qos: 2, packetId: 7, retain: true, properties }), 5);
    const message = publication.message();
    bytes.fill(0);
    expect(message).toEqual({
      ...{ topic: "a/é", qos: 2, retain: true, publisher: "publisher", expiresAtMs: NEVER },
      payload: Buffer.from("text"),
      properties: { contentType: "x", correlationData: expect.any(Uint8Array) },
    });
    expect([...message.properties.correlationData!]).toEqual([1, 2, 3]);
    expect(publication.message()).toBe(message);
  });

  it("makes another message for the next packet that is received into it", () => {
    const { publication } = received(publish({ payload: Buffer.from("first"), properties: { contentType: "x" } }), 5);
    const first = publication.message();
    received(publish({ payload: Buffer.from("second") }), 4, 2, publication);
    expect([Buffer.from(first.payload).toString(), Buffer.from(publication.message().payload).toString()]).toEqual(["first", "second"]);
    expect([first.properties, publication.message().properties]).toEqual([{ contentType: "x" }, {}]);
  });

  it("knows when it expires: so many seconds after it came [MQTT-3.3.2-5]", () => {
    const expiries = [undefined, 0, 1, 4_294_967_295].map((messageExpiryIntervalSeconds) => {
      const properties = messageExpiryIntervalSeconds === undefined ? {} : { messageExpiryIntervalSeconds };
      return received(publish({ properties }), 5).publication.expiresAtMs - NOW;
    });
    expect(expiries).toEqual([NEVER, 0, 1_000, 4_294_967_295_000]);
  });

  it("forgets the expiry of the packet before", () => {
    const { publication } = received(publish({ properties: { messageExpiryIntervalSeconds: 5 } }), 5);
    received(publish(), 5, 0, publication);
    expect([publication.expiresAtMs, publication.properties]).toEqual([NEVER, {}]);
  });
});

describe("a publication of a message that was kept", () => {
  const message = (fields: Partial<Message> = {}): Message => ({
    ...{ topic: "a/é", payload: Buffer.from("text"), qos: 2, retain: true, properties: {}, expiresAtMs: NEVER, publisher: "p" },
    ...fields,
  });

  function loaded(kept: Message, nowMs = NOW): Publication {
    const publication = new Publication();
    publication.load(kept, Topic.named(kept.topic), nowMs);
    return publication;
  }

  it.each([1, 2])("writes what the codec would, for every version and QoS (seed %i)", (seed) => {
    const random = new Random(seed);
    for (let i = 0; i < 300; i++) {
      const packet = randomPacket(random, Publish, 5) as PublishPacket;
      const { topicAlias: _, subscriptionIdentifiers: __, messageExpiryIntervalSeconds: ___, ...properties } = packet.properties;
      const kept = message({ topic: packet.topic || "t", payload: packet.payload, properties });
      const publication = loaded(kept);
      expect([publication.frameEnd, publication.message()]).toEqual([0, kept]);
      for (const version of VERSIONS) {
        const qos = random.integer(0, 2) as Qos;
        const packetId = qos === 0 ? 0 : random.integer(1, 65_535);
        const own = publish({ qos, packetId, topic: kept.topic, payload: kept.payload, properties: version === 5 ? properties : {} });
        expect(written(publication, version, qos, false, false, packetId).equals(encode(own, version))).toBe(true);
      }
    }
  });

  it("tells what remains of the expiry interval, rounded up [MQTT-3.3.2-6]", () => {
    const kept = message({ properties: { messageExpiryIntervalSeconds: 60, contentType: "x" }, expiresAtMs: NOW + 60_000 });
    const remaining = [0, 1, 999, 1_000, 59_001, 60_000, 70_000].map((passedMs) => {
      const { properties, expiresAtMs } = loaded(kept, NOW + passedMs);
      expect([properties.contentType, expiresAtMs]).toEqual(["x", NOW + 60_000]);
      return properties.messageExpiryIntervalSeconds;
    });
    expect(remaining).toEqual([60, 60, 60, 59, 1, 0, 0]);
    expect(kept.properties.messageExpiryIntervalSeconds).toBe(60);
  });

  it("has no expiry interval without one", () => {
    const kept = message({ properties: { contentType: "x" } });
    expect(remainingProperties(kept, NOW)).toBe(kept.properties);
  });

  it("takes the place of what was received into it before, bytes and all", () => {
    const { publication } = received(publish({ properties: { contentType: "x" } }), 5);
    const kept = message({ topic: "b", qos: 0, retain: false, payload: new Uint8Array(0) });
    publication.load(kept, Topic.named("b"), NOW);
    expect([publication.message(), publication.payloadLength, publication.frameEnd]).toEqual([kept, 0, 0]);
    expect(written(publication, 5, 0, false, false, 0).equals(encode(publish({ topic: "b", payload: new Uint8Array(0) }), 5))).toBe(true);
  });
});
