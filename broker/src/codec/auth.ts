import { type AuthPacket, PacketType } from "./packet.js";
import { propertiesLength, readProperties, writeProperties } from "./properties.js";
import { violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { isReasonCodeOf } from "./reason-code.js";
import type { Writer } from "./writer.js";

/*
 * 3.15.2.1 lets an AUTH without properties be empty, 3.15.2.2.2 calls leaving out the authentication method a protocol error.
 * The second wins, here as in mosquitto: an empty AUTH has no meaning that a server could act on.
 */

export function decodeAuth(reader: Reader): AuthPacket {
  if (reader.remaining === 0) throw violation("authenticationMethod is missing in AUTH");
  const reasonCode = reader.u8("reason code");
  if (!isReasonCodeOf(PacketType.Auth, reasonCode)) throw violation(`reason code 0x${reasonCode.toString(16)} is not one of AUTH`); // [MQTT-3.15.2-1]

  const properties = readProperties(reader, PacketType.Auth);
  if (properties.authenticationMethod === undefined) throw violation("authenticationMethod is missing in AUTH");
  reader.finish("AUTH");
  return { type: PacketType.Auth, reasonCode, properties };
}

export function authLength(packet: AuthPacket): number {
  if (packet.properties.authenticationMethod === undefined) throw new RangeError("'authenticationMethod' is missing");
  return 1 + propertiesLength(packet.properties, PacketType.Auth);
}

export function writeAuth(writer: Writer, packet: AuthPacket): void {
  const { reasonCode } = packet;
  if (!isReasonCodeOf(PacketType.Auth, reasonCode)) throw new RangeError(`'reasonCode' 0x${reasonCode.toString(16)} is not one of AUTH`);
  writer.u8(reasonCode, "reasonCode");
  writeProperties(writer, packet.properties, PacketType.Auth);
}
