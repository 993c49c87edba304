import { PacketType, type ProtocolVersion, type UnsubscribePacket } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "./properties.js";
import { violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { topicLength, type Writer } from "./writer.js";

export function decodeUnsubscribe(reader: Reader, version: ProtocolVersion): UnsubscribePacket {
  const packetId = reader.packetId();
  const properties = version === 5 ? readProperties(reader, PacketType.Unsubscribe) : NO_PROPERTIES;
  if (reader.remaining === 0) throw violation("UNSUBSCRIBE has no topic filter"); // [MQTT-3.10.3-2]

  const topicFilters: string[] = [];
  while (reader.remaining > 0) topicFilters.push(reader.topicFilter());
  return { type: PacketType.Unsubscribe, packetId, properties, topicFilters };
}

export function unsubscribeLength(packet: UnsubscribePacket, version: ProtocolVersion): number {
  if (packet.topicFilters.length === 0) throw new RangeError("'topicFilters' is empty");
  let length = version === 5 ? 2 + propertiesLength(packet.properties, PacketType.Unsubscribe) : 2;
  for (const topicFilter of packet.topicFilters) length += topicLength(topicFilter, "topicFilters");
  return length;
}

export function writeUnsubscribe(writer: Writer, packet: UnsubscribePacket, version: ProtocolVersion): void {
  writer.packetId(packet.packetId);
  if (version === 5) writeProperties(writer, packet.properties, PacketType.Unsubscribe);
  for (const topicFilter of packet.topicFilters) writer.utf8(topicFilter);
}
