import { PacketType, type ProtocolVersion, type Qos, type RetainHandling, type SubscribePacket, type Subscription } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "./properties.js";
import { malformed, violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { requireInteger, topicLength, type Writer } from "./writer.js";

const QOS = 0x03;
const NO_LOCAL = 0x04;
const RETAIN_AS_PUBLISHED = 0x08;
const RETAIN_HANDLING_SHIFT = 4;
const RESERVED = 0xc0;

/**
 * The filters are strings with at least one character here; where wildcards may stand, and that No Local does not go with a
 * shared subscription [MQTT-3.8.3-4], is checked where filters are understood, because the answer can be a SUBACK.
 */
export function decodeSubscribe(reader: Reader, version: ProtocolVersion): SubscribePacket {
  const packetId = reader.packetId();
  const properties = version === 5 ? readProperties(reader, PacketType.Subscribe) : NO_PROPERTIES;
  if (reader.remaining === 0) throw violation("SUBSCRIBE has no topic filter"); // [MQTT-3.8.3-2], 3.1.1 [MQTT-3.8.3-3]

  const subscriptions: Subscription[] = [];
  while (reader.remaining > 0) subscriptions.push(readSubscription(reader, version));
  return { type: PacketType.Subscribe, packetId, properties, subscriptions };
}

export function subscribeLength(packet: SubscribePacket, version: ProtocolVersion): number {
  if (packet.subscriptions.length === 0) throw new RangeError("'subscriptions' is empty");
  let length = version === 5 ? 2 + propertiesLength(packet.properties, PacketType.Subscribe) : 2;
  for (const { topicFilter } of packet.subscriptions) length += topicLength(topicFilter, "topicFilter") + 1;
  return length;
}

export function writeSubscribe(writer: Writer, packet: SubscribePacket, version: ProtocolVersion): void {
  writer.packetId(packet.packetId);
  if (version === 5) writeProperties(writer, packet.properties, PacketType.Subscribe);
  for (const subscription of packet.subscriptions) {
    writer.utf8(subscription.topicFilter);
    writer.u8(optionsOf(subscription, version), "subscription options");
  }
}

function readSubscription(reader: Reader, version: ProtocolVersion): Subscription {
  const topicFilter = reader.topicFilter();
  const options = reader.u8("subscription options");
  const qos = options & QOS;
  const reserved = version === 5 ? RESERVED : ~QOS;
  if (options & reserved) throw malformed("reserved subscription option is set"); // [MQTT-3.8.3-5], 3.1.1 [MQTT-3-8.3-4]
  if (qos === 3) throw version === 5 ? violation("subscription QoS is 3") : malformed("subscription QoS is 3"); // 3.8.3.1

  const retainHandling = version === 5 ? (options >> RETAIN_HANDLING_SHIFT) & 0x03 : 0;
  if (retainHandling === 3) throw violation("retain handling is 3"); // 3.8.3.1
  return {
    topicFilter,
    qos: qos as Qos,
    noLocal: version === 5 && (options & NO_LOCAL) !== 0,
    retainAsPublished: version === 5 && (options & RETAIN_AS_PUBLISHED) !== 0,
    retainHandling: retainHandling as RetainHandling,
  };
}

/** 3.x has the QoS only. */
function optionsOf(subscription: Subscription, version: ProtocolVersion): number {
  const { qos, retainHandling } = subscription;
  requireInteger(qos, 0, 2, "qos");
  if (version !== 5) return qos;

  requireInteger(retainHandling, 0, 2, "retainHandling");
  const flags = (subscription.noLocal ? NO_LOCAL : 0) | (subscription.retainAsPublished ? RETAIN_AS_PUBLISHED : 0);
  return qos | flags | (retainHandling << RETAIN_HANDLING_SHIFT);
}
