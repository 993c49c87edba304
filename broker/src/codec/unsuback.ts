import { PacketType, type ProtocolVersion, type UnsubackPacket } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "./properties.js";
import { violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { isReasonCodeOf } from "./reason-code.js";
import type { Writer } from "./writer.js";

export function decodeUnsuback(reader: Reader, version: ProtocolVersion): UnsubackPacket {
  const packetId = reader.packetId();
  const reasonCodes: number[] = [];
  if (version !== 5) {
    reader.finish("UNSUBACK"); // 3.x acknowledges without a payload, 3.11.3
    return { type: PacketType.Unsuback, packetId, properties: NO_PROPERTIES, reasonCodes };
  }

  const properties = readProperties(reader, PacketType.Unsuback);
  if (reader.remaining === 0) throw violation("UNSUBACK has no reason code"); // 3.11.3
  while (reader.remaining > 0) {
    const code = reader.u8("reason code");
    if (!isReasonCodeOf(PacketType.Unsuback, code)) throw violation(`reason code 0x${code.toString(16)} is not one of UNSUBACK`); // [MQTT-3.11.3-2]
    reasonCodes.push(code);
  }
  return { type: PacketType.Unsuback, packetId, properties, reasonCodes };
}

export function unsubackLength(packet: UnsubackPacket, version: ProtocolVersion): number {
  if (version !== 5) return 2;
  if (packet.reasonCodes.length === 0) throw new RangeError("'reasonCodes' is empty");
  return 2 + propertiesLength(packet.properties, PacketType.Unsuback) + packet.reasonCodes.length;
}

export function writeUnsuback(writer: Writer, packet: UnsubackPacket, version: ProtocolVersion): void {
  writer.packetId(packet.packetId);
  if (version !== 5) return;

  writeProperties(writer, packet.properties, PacketType.Unsuback);
  for (const code of packet.reasonCodes) {
    if (!isReasonCodeOf(PacketType.Unsuback, code)) {
      throw new RangeError(`'reasonCodes' contains 0x${code.toString(16)}, which is not one of UNSUBACK`);
    }
    writer.u8(code, "reasonCodes");
  }
}
