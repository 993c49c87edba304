import { encode } from "../../src/codec/codec.js";
import {
  type ConnectPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
  type Qos,
  type RetainHandling,
} from "../../src/codec/packet.js";
import type { Random } from "../codec/random.js";
import { randomPacket } from "../codec/random-packets.js";

const { Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Unsubscribe, Pingreq, Disconnect, Auth } = PacketType;
const FROM_CLIENTS = [Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Unsubscribe, Pingreq, Disconnect, Auth] as const;
const ALL_TYPES = Object.values(PacketType);

/** So few that attackers meet each other there. */
const TOPICS = ["fuzz", "fuzz/a", "fuzz/b/c", "fuzz/b/", "/fuzz", "fuzz/ü", "$fuzz/x"];
const FILTERS = [...TOPICS, "fuzz/#", "fuzz/+/c", "+/a", "$fuzz/+", "$share/g/fuzz/#", "$share/h/fuzz/a", "$share/h/+/a", "#", "$SYS/#"];
/** Identifiers that attackers take from each other. */
const SHARED_IDENTIFIERS = 48;
const PACKET_IDENTIFIERS = 12;

/** CONNECT as clients send it, of attacker `number`: persistent or not, with a will or not, and sometimes anything that encodes. */
export function connectPacket(random: Random, version: ProtocolVersion, number: number): Packet {
  if (random.chance(10)) return randomPacket(random, PacketType.Connect, version);
  const clientId = random.chance(3) ? `fuzz-shared-${random.integer(1, SHARED_IDENTIFIERS)}` : `fuzz-${number}`;
  const will: ConnectPacket["will"] = random.chance(3)
    ? {
        topic: random.pick(TOPICS),
        payload: payload(random),
        qos: qos(random),
        retain: random.chance(3),
        properties: version === 5 && random.chance(2) ? { willDelayIntervalSeconds: random.integer(0, 2) } : {},
      }
    : undefined;
  const properties: ConnectPacket["properties"] =
    version === 5 && random.chance(2)
      ? {
          sessionExpiryIntervalSeconds: random.pick([0, 1, 0xffff_ffff]),
          receiveMaximum: random.integer(1, 20),
          topicAliasMaximum: random.integer(0, 20),
          ...(random.chance(4) ? { maximumPacketSizeBytes: random.integer(1, 300) } : {}),
        }
      : {};
  const keepAliveSeconds = random.pick([0, 1, 60]);
  return { type: PacketType.Connect, version, cleanStart: random.chance(2), keepAliveSeconds, clientId, will, properties };
}

/** A packet as it makes sense between these attackers, or any packet of a client, or now and then one that only a server sends. */
export function clientPacket(random: Random, version: ProtocolVersion): Packet {
  if (random.chance(2)) return sensiblePacket(random, version);
  const type = random.chance(15) ? random.pick(ALL_TYPES) : random.pick(FROM_CLIENTS);
  return randomPacket(random, type === Auth && version !== 5 ? Pingreq : type, version);
}

/** A SUBSCRIBE and a PUBLISH that comes back to its sender, to be repeated. */
export function floodPackets(random: Random, version: ProtocolVersion): { readonly subscribe: Uint8Array; readonly publish: Uint8Array } {
  const topic = random.pick(TOPICS);
  const level = qos(random);
  const retainHandling = version === 5 ? 2 : 0;
  const subscriptions = [{ topicFilter: topic, qos: level, noLocal: false, retainAsPublished: false, retainHandling } as const];
  return {
    subscribe: encode({ type: Subscribe, packetId: 1, properties: {}, subscriptions }, version),
    publish: encode(publish(random, topic, level, new Uint8Array(random.pick([0, 200, 16_384]))), version),
  };
}

function sensiblePacket(random: Random, version: ProtocolVersion): Packet {
  const packetId = random.integer(1, PACKET_IDENTIFIERS);
  switch (random.integer(0, 9)) {
    case 0:
    case 1: {
      const subscriptions = random.list(1, 3, () => ({
        topicFilter: random.pick(FILTERS),
        qos: qos(random),
        noLocal: false,
        retainAsPublished: version === 5 && random.chance(2),
        retainHandling: (version === 5 ? random.integer(0, 2) : 0) as RetainHandling,
      }));
      return { type: Subscribe, packetId, properties: {}, subscriptions };
    }
    case 2:
      return { type: Unsubscribe, packetId, properties: {}, topicFilters: [random.pick(FILTERS)] };
    case 3:
      return { type: random.pick([Puback, Pubrec, Pubrel, Pubcomp]), packetId, reasonCode: 0, properties: {} };
    case 4:
      return { type: Pingreq };
    default: {
      const packet = publish(random, random.pick(TOPICS), qos(random), payload(random));
      if (version !== 5 || !random.chance(3)) return packet;
      return { ...packet, topic: random.chance(2) ? "" : packet.topic, properties: { topicAlias: random.integer(1, 4) } };
    }
  }
}

function publish(random: Random, topic: string, level: Qos, bytes: Uint8Array) {
  const packetId = level > 0 ? random.integer(1, PACKET_IDENTIFIERS) : 0;
  return {
    type: Publish,
    dup: level > 0 && random.chance(4),
    qos: level,
    retain: random.chance(4),
    topic,
    packetId,
    properties: {},
    payload: bytes,
  };
}

function qos(random: Random): Qos {
  return random.integer(0, 2) as Qos;
}

function payload(random: Random): Uint8Array {
  return new Uint8Array(random.chance(30) ? random.integer(0, 9_000) : random.integer(0, 30)).fill(random.integer(0, 255));
}
