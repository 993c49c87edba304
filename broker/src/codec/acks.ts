import type { AckPacket, AckType, ProtocolVersion } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "./properties.js";
import { violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { isReasonCodeOf, ReasonCode } from "./reason-code.js";
import type { Writer } from "./writer.js";

/*
 * PUBACK, PUBREC, PUBREL and PUBCOMP have one layout. In 5.0 the reason code is left out if it is Success, and the
 * properties if there are none. 3.x has only the packet identifier: a reason code and properties given to `encode` stay behind.
 */

export function decodeAck(reader: Reader, type: AckType, version: ProtocolVersion): AckPacket {
  const packetId = reader.packetId();
  const hasReason = version === 5 && reader.remaining > 0;
  const reasonCode = hasReason ? reader.u8("reason code") : ReasonCode.Success;
  if (reasonCode !== ReasonCode.Success && !isReasonCodeOf(type, reasonCode)) {
    throw violation(`reason code 0x${reasonCode.toString(16)} is not one of this acknowledgement`); // [MQTT-3.4.2-1] to [MQTT-3.7.2-1]
  }
  const properties = hasReason && reader.remaining > 0 ? readProperties(reader, type) : NO_PROPERTIES;
  reader.finish("acknowledgement");
  return { type, packetId, reasonCode, properties };
}

export function ackLength(packet: AckPacket, version: ProtocolVersion): number {
  if (version !== 5) return 2;
  const properties = propertiesLength(packet.properties, packet.type);
  if (properties > 1) return 3 + properties;
  return packet.reasonCode === ReasonCode.Success ? 2 : 3;
}

export function writeAck(writer: Writer, packet: AckPacket, version: ProtocolVersion): void {
  const { type, packetId, reasonCode } = packet;
  writer.packetId(packetId);
  const length = ackLength(packet, version);
  if (length === 2) return;

  if (!isReasonCodeOf(type, reasonCode))
    throw new RangeError(`'reasonCode' 0x${reasonCode.toString(16)} is not one of packet type ${type}`);
  writer.u8(reasonCode, "reasonCode");
  if (length > 3) writeProperties(writer, packet.properties, type);
}
