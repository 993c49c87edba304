import { type DisconnectPacket, PacketType, type ProtocolVersion } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "./properties.js";
import { violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { isReasonCodeOf, ReasonCode } from "./reason-code.js";
import type { Writer } from "./writer.js";

/*
 * Which codes and properties only one side may send ([MQTT-3.14.2-2], the "sent by" column of table 3-10) depends on who
 * sent the packet, which the codec does not know.
 */

export function decodeDisconnect(reader: Reader, version: ProtocolVersion): DisconnectPacket {
  const hasReason = version === 5 && reader.remaining > 0;
  const reasonCode = hasReason ? reader.u8("reason code") : ReasonCode.NormalDisconnection;
  if (!isReasonCodeOf(PacketType.Disconnect, reasonCode)) {
    throw violation(`reason code 0x${reasonCode.toString(16)} is not one of DISCONNECT`); // [MQTT-3.14.2-1]
  }
  const properties = hasReason && reader.remaining > 0 ? readProperties(reader, PacketType.Disconnect) : NO_PROPERTIES;
  reader.finish("DISCONNECT");
  return { type: PacketType.Disconnect, reasonCode, properties };
}

/** 3.x has nothing but the fixed header. In 5.0 what says nothing is left out, as in the acknowledgements. */
export function disconnectLength(packet: DisconnectPacket, version: ProtocolVersion): number {
  if (version !== 5) return 0;
  const properties = propertiesLength(packet.properties, PacketType.Disconnect);
  if (properties > 1) return 1 + properties;
  return packet.reasonCode === ReasonCode.NormalDisconnection ? 0 : 1;
}

export function writeDisconnect(writer: Writer, packet: DisconnectPacket, version: ProtocolVersion): void {
  const length = disconnectLength(packet, version);
  if (length === 0) return;

  const { reasonCode } = packet;
  if (!isReasonCodeOf(PacketType.Disconnect, reasonCode)) {
    throw new RangeError(`'reasonCode' 0x${reasonCode.toString(16)} is not one of DISCONNECT`);
  }
  writer.u8(reasonCode, "reasonCode");
  if (length > 1) writeProperties(writer, packet.properties, PacketType.Disconnect);
}
