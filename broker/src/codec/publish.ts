import { PacketType, type ProtocolVersion, type PublishPacket, type Qos } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, writeProperties } from "./properties.js";
import { PublishFrame } from "./publish-frame.js";
import { viewOf } from "./reader.js";
import { decodeTopicName } from "./topic-name.js";
import { requireInteger, stringLength, type Writer } from "./writer.js";

const RETAIN = 0x01;
const QOS_SHIFT = 1;
const DUP = 0x08;

/**
 * Decodes the packet whose variable header starts at `start` and whose payload stops at `end`. `flags` are the low
 * four bits of its first byte.
 */
export function decodePublish(bytes: Uint8Array, flags: number, start: number, end: number, version: ProtocolVersion): PublishPacket {
  const frame = new PublishFrame();
  frame.readTopic(bytes, flags, start, end);
  const topic = decodeTopicName(bytes, frame.topicStart, frame.topicEnd, "topic name");
  frame.readRest(bytes, end, version);
  const { dup, qos, retain, packetId, properties, payloadStart } = frame;
  return { type: PacketType.Publish, dup, qos, retain, topic, packetId, properties, payload: viewOf(bytes, payloadStart, end) };
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
