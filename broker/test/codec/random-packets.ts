import type { AckType, Packet, PacketType, ProtocolVersion, Qos, RetainHandling, Will } from "../../src/codec/packet.js";
import { PacketType as Type } from "../../src/codec/packet.js";
import { PROPERTIES, type PropertiesOf, type PropertyCarrier, type PropertyRow, WILL } from "../../src/codec/property-table.js";
import { isReasonCodeOf, REASON_CODE_OF_RETURN_CODE } from "../../src/codec/reason-code.js";
import type { Random } from "./random.js";

const CHARACTERS = ["a", "b", "/", "0", "$", " ", "é", "€", "🐝", "\ufeff", "\u0001"];

/** A packet of this type with everything it may have in `version`, at random. */
export function randomPacket(random: Random, type: PacketType, version: ProtocolVersion): Packet {
  switch (type) {
    case Type.Connect:
      return randomConnect(random, version);
    case Type.Connack: {
      const code = reasonCode(random, type, version);
      return {
        type,
        sessionPresent: code === 0 && version > 3 && random.chance(2),
        reasonCode: code,
        properties: properties(random, type, version),
      };
    }
    case Type.Publish:
      return randomPublish(random, version);
    case Type.Puback:
    case Type.Pubrec:
    case Type.Pubrel:
    case Type.Pubcomp:
      return randomAck(random, type, version);
    case Type.Subscribe:
      return {
        type,
        packetId: random.integer(1, 65_535),
        properties: properties(random, type, version),
        subscriptions: random.list(1, 4, () => ({
          topicFilter: text(random, 1),
          qos: random.integer(0, 2) as Qos,
          noLocal: version === 5 && random.chance(2),
          retainAsPublished: version === 5 && random.chance(2),
          retainHandling: (version === 5 ? random.integer(0, 2) : 0) as RetainHandling,
        })),
      };
    case Type.Suback: {
      const reasonCodes = random.list(1, 4, () => (version === 5 ? reasonCode(random, type, version) : random.pick([0, 1, 2, 0x80])));
      return { type, packetId: random.integer(1, 65_535), properties: properties(random, type, version), reasonCodes };
    }
    case Type.Unsubscribe: {
      const topicFilters = random.list(1, 4, () => text(random, 1));
      return { type, packetId: random.integer(1, 65_535), properties: properties(random, type, version), topicFilters };
    }
    case Type.Unsuback: {
      const reasonCodes = version === 5 ? random.list(1, 4, () => reasonCode(random, type, version)) : [];
      return { type, packetId: random.integer(1, 65_535), properties: properties(random, type, version), reasonCodes };
    }
    case Type.Pingreq:
    case Type.Pingresp:
      return { type };
    case Type.Disconnect:
      return { type, reasonCode: version === 5 ? reasonCode(random, type, version) : 0, properties: properties(random, type, version) };
    case Type.Auth:
      return {
        type,
        reasonCode: reasonCode(random, type, version),
        properties: { ...properties(random, type, version), authenticationMethod: text(random) },
      };
  }
}

function randomConnect(random: Random, version: ProtocolVersion): Packet {
  const { authenticationData: _, ...own } = properties(random, Type.Connect, version);
  const userName = random.chance(2) ? text(random) : undefined;
  const will: Will | undefined = random.chance(2)
    ? {
        topic: text(random, 1),
        payload: binary(random),
        qos: random.integer(0, 2) as Qos,
        retain: random.chance(2),
        properties: properties(random, WILL, version),
      }
    : undefined;
  return {
    type: Type.Connect,
    version,
    cleanStart: random.chance(2),
    keepAliveSeconds: random.integer(0, 65_535),
    clientId: text(random),
    will,
    userName,
    password: random.chance(2) && (version === 5 || userName !== undefined) ? binary(random) : undefined,
    properties: own,
  };
}

function randomPublish(random: Random, version: ProtocolVersion): Packet {
  const qos = random.integer(0, 2) as Qos;
  const own = properties(random, Type.Publish, version);
  return {
    type: Type.Publish,
    dup: qos > 0 && random.chance(2),
    qos,
    retain: random.chance(2),
    topic: text(random, own.topicAlias === undefined ? 1 : 0),
    packetId: qos > 0 ? random.integer(1, 65_535) : 0,
    properties: own,
    payload: binary(random),
  };
}

function randomAck(random: Random, type: AckType, version: ProtocolVersion): Packet {
  const code = version === 5 ? reasonCode(random, type, version) : 0;
  return { type, packetId: random.integer(1, 65_535), reasonCode: code, properties: properties(random, type, version) };
}

function properties<C extends PropertyCarrier>(random: Random, carrier: C, version: ProtocolVersion): PropertiesOf[C] {
  const chosen = PROPERTIES.filter((row) => version === 5 && row.carriers.includes(carrier) && random.chance(3));
  const entries = chosen.map((row) => [row.name, row.repeatable ? random.list(1, 3, () => value(random, row)) : value(random, row)]);
  return Object.fromEntries(entries);
}

function value(random: Random, row: PropertyRow): unknown {
  const min = row.zeroIs === undefined ? 0 : 1;
  switch (row.type) {
    case "bit":
      return random.integer(0, 1);
    case "boolean":
      return random.chance(2);
    case "u16":
      return random.integer(min, 65_535);
    case "u32":
      return random.integer(min, 2 ** random.integer(1, 32) - 1);
    case "varint":
      return random.integer(min, 2 ** random.integer(1, 28) - 1);
    case "utf8":
      return text(random);
    case "topic":
      return text(random, 1);
    case "binary":
      return binary(random);
    case "pair":
      return [text(random), text(random)];
  }
}

function reasonCode(random: Random, type: PacketType, version: ProtocolVersion): number {
  if (version !== 5) return random.pick(REASON_CODE_OF_RETURN_CODE);
  return random.pick(Array.from({ length: 256 }, (_, code) => code).filter((code) => isReasonCodeOf(type, code)));
}

function text(random: Random, min = 0): string {
  return random.list(min, random.chance(20) ? 300 : 12, () => random.pick(CHARACTERS)).join("");
}

function binary(random: Random): Uint8Array {
  return Uint8Array.from(random.list(0, random.chance(20) ? 20_000 : 20, () => random.integer(0, 255)));
}
