import { PacketType, type ProtocolVersion, type SubackPacket } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "./properties.js";
import { violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { isReasonCodeOf, ReasonCode } from "./reason-code.js";
import type { Writer } from "./writer.js";

const FIRST_FAILURE = 0x80;

export function decodeSuback(reader: Reader, version: ProtocolVersion): SubackPacket {
  const packetId = reader.packetId();
  const properties = version === 5 ? readProperties(reader, PacketType.Suback) : NO_PROPERTIES;
  if (reader.remaining === 0) throw violation("SUBACK has no reason code"); // 3.9.3

  const reasonCodes: number[] = [];
  while (reader.remaining > 0) {
    const code = reader.u8("reason code");
    if (!isAllowed(code, version)) throw violation(`reason code 0x${code.toString(16)} is not one of SUBACK`); // [MQTT-3.9.3-2]
    reasonCodes.push(code);
  }
  return { type: PacketType.Suback, packetId, properties, reasonCodes };
}

export function subackLength(packet: SubackPacket, version: ProtocolVersion): number {
  if (packet.reasonCodes.length === 0) throw new RangeError("'reasonCodes' is empty");
  return 2 + packet.reasonCodes.length + (version === 5 ? propertiesLength(packet.properties, PacketType.Suback) : 0);
}

/**
 * 3.x has one code for failure, which stands for all of 5.0's. MQTT 3.1 has none at all; it gets 3.1.1's, since
 * granting what was refused would be worse.
 */
export function writeSuback(writer: Writer, packet: SubackPacket, version: ProtocolVersion): void {
  writer.packetId(packet.packetId);
  if (version === 5) writeProperties(writer, packet.properties, PacketType.Suback);
  for (const code of packet.reasonCodes) {
    const onWire = version !== 5 && code >= FIRST_FAILURE ? ReasonCode.UnspecifiedError : code;
    if (!isAllowed(onWire, version)) throw new RangeError(`'reasonCodes' contains 0x${code.toString(16)}, which is not one of SUBACK`);
    writer.u8(onWire, "reasonCodes");
  }
}

function isAllowed(code: number, version: ProtocolVersion): boolean {
  return version === 5 ? isReasonCodeOf(PacketType.Suback, code) : code <= ReasonCode.GrantedQos2 || code === ReasonCode.UnspecifiedError;
}
