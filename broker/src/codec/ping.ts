import { PacketType, type PingPacket } from "./packet.js";
import type { Reader } from "./reader.js";

/** All PINGREQs are equal, so one object stands for each type. */
export const PINGREQ: PingPacket = Object.freeze({ type: PacketType.Pingreq });
export const PINGRESP: PingPacket = Object.freeze({ type: PacketType.Pingresp });

export function decodePing(reader: Reader, type: PingPacket["type"]): PingPacket {
  reader.finish("ping");
  return type === PacketType.Pingreq ? PINGREQ : PINGRESP;
}
