import { PacketType, type ProtocolVersion, type PublishPacket, type PublishProperties, type Qos } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "./properties.js";
import { malformed, violation } from "./protocol-error.js";
import { Reader, viewOf } from "./reader.js";
import { decodeTopicName } from "./topic-name.js";
import { requireInteger, stringLength, type Writer } from "./writer.js";

const RETAIN = 0x01;
const QOS_SHIFT = 1;
const DUP = 0x08;

/**
 * Decodes the packet whose variable header starts at `start` and whose payload stops at `end`. `flags` are the low
 * four bits of its first byte.
 *
 * Runs for every message, so it works on offsets: without properties it allocates the packet, its topic and the view of
 * its payload, and nothing else.
 */
export function decodePublish(bytes: Uint8Array, flags: number, start: number, end: number, version: ProtocolVersion): PublishPacket {
  const qos = (flags >> QOS_SHIFT) & 0x03;
  const dup = (flags & DUP) !== 0;
  if (qos === 3) throw malformed("QoS is 3"); // [MQTT-3.3.1-4]
  if (dup && qos === 0) throw malformed("DUP is set at QoS 0"); // [MQTT-3.3.1-2]

  const topicStart = start + 2;
  if (topicStart > end) throw malformed("topic name is cut off");
  let at = topicStart + ((bytes[start]! << 8) | bytes[start + 1]!);
  if (at > end) throw malformed("topic name is cut off");
  const topic = decodeTopicName(bytes, topicStart, at, "topic name");

  let packetId = 0;
  if (qos > 0) {
    if (at + 2 > end) throw malformed("packet identifier is cut off");
    packetId = (bytes[at]! << 8) | bytes[at + 1]!;
    if (packetId === 0) throw violation("packet identifier is 0"); // [MQTT-2.2.1-3], 3.1.1 [MQTT-2.3.1-1]
    at += 2;
  }

  let properties: PublishProperties = NO_PROPERTIES;
  if (version === 5) {
    if (at < end && bytes[at] === 0) {
      at++;
    } else {
      const reader = new Reader(bytes, at, end);
      properties = readProperties(reader, PacketType.Publish);
      at = reader.position;
    }
  }
  if (topic.length === 0 && properties.topicAlias === undefined) {
    throw violation("topic name is empty and no topic alias stands for it"); // 3.3.2.1, [MQTT-4.7.3-1]
  }
  const retain = (flags & RETAIN) !== 0;
  return { type: PacketType.Publish, dup, qos: qos as Qos, retain, topic, packetId, properties, payload: viewOf(bytes, at, end) };
}

/** 3.x has no properties: those of a 5.0 message stay behind. */
export function publishLength(packet: PublishPacket, version: ProtocolVersion): number {
  const { topic, qos, properties, payload } = packet;
  if (topic.length === 0 && (version !== 5 || properties.topicAlias === undefined)) {
    throw new RangeError("'topic' is empty and no 'topicAlias' stands for it");
  }
  let length = stringLength(topic, "topic") + payload.length;
  if (qos > 0) length += 2;
  if (version === 5) length += properties === NO_PROPERTIES ? 1 : propertiesLength(properties, PacketType.Publish);
  return length;
}

export function writePublish(writer: Writer, packet: PublishPacket, version: ProtocolVersion): void {
  writer.utf8(packet.topic);
  if (packet.qos > 0) writer.packetId(packet.packetId);
  if (version === 5) writeProperties(writer, packet.properties, PacketType.Publish);
  writer.raw(packet.payload);
}

/** The low four bits of the first byte. */
export function publishFlags(qos: Qos, dup: boolean, retain: boolean): number {
  requireInteger(qos, 0, 2, "qos");
  if (dup && qos === 0) throw new RangeError("'dup' must be false at QoS 0"); // [MQTT-3.3.1-2]
  return (dup ? DUP : 0) | (qos << QOS_SHIFT) | (retain ? RETAIN : 0);
}
