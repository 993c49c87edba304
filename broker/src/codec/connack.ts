import { type ConnackPacket, PacketType, type ProtocolVersion } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "./properties.js";
import { malformed, violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { isReasonCodeOf, REASON_CODE_OF_RETURN_CODE, ReasonCode, returnCodeOf } from "./reason-code.js";
import type { Writer } from "./writer.js";

const SESSION_PRESENT = 0x01;

export function decodeConnack(reader: Reader, version: ProtocolVersion): ConnackPacket {
  const flags = reader.u8("connect acknowledge flags");
  const code = reader.u8("reason code");
  // The byte is unused in 3.1. Elsewhere bits 7-1 are reserved: [MQTT-3.2.2-1], 3.1.1 3.2.2.1.
  if (version !== 3 && flags > SESSION_PRESENT) throw malformed("reserved connect acknowledge flag is set");
  const sessionPresent = version !== 3 && flags === SESSION_PRESENT;

  const reasonCode = version === 5 ? code : REASON_CODE_OF_RETURN_CODE[code];
  if (reasonCode === undefined || !isReasonCodeOf(PacketType.Connack, reasonCode)) {
    throw violation(`reason code 0x${code.toString(16)} is not one of CONNACK`); // [MQTT-3.2.2-8]
  }
  if (sessionPresent && reasonCode !== ReasonCode.Success) {
    throw violation("session present with a reason code other than success"); // [MQTT-3.2.2-6], 3.1.1 [MQTT-3.2.2-4]
  }
  const properties = version === 5 ? readProperties(reader, PacketType.Connack) : NO_PROPERTIES;
  reader.finish("CONNACK");
  return { type: PacketType.Connack, sessionPresent, reasonCode, properties };
}

export function connackLength(packet: ConnackPacket, version: ProtocolVersion): number {
  return version === 5 ? 2 + propertiesLength(packet.properties, PacketType.Connack) : 2;
}

export function writeConnack(writer: Writer, packet: ConnackPacket, version: ProtocolVersion): void {
  if (packet.sessionPresent && packet.reasonCode !== ReasonCode.Success) {
    throw new RangeError("'sessionPresent' must be false unless 'reasonCode' is Success");
  }
  writer.u8(packet.sessionPresent && version !== 3 ? SESSION_PRESENT : 0, "sessionPresent");
  writer.u8(codeOnWire(packet.reasonCode, version), "reasonCode");
  if (version === 5) writeProperties(writer, packet.properties, PacketType.Connack);
}

function codeOnWire(reasonCode: number, version: ProtocolVersion): number {
  const code = version !== 5 ? returnCodeOf(reasonCode) : isReasonCodeOf(PacketType.Connack, reasonCode) ? reasonCode : undefined;
  if (code === undefined) throw new RangeError(`'reasonCode' 0x${reasonCode.toString(16)} has no CONNACK in version ${version}`);
  return code;
}
