import { encodedLength, encodeInto } from "../codec/codec.js";
import { type AckType, type DisconnectProperties, type Packet, PacketType } from "../codec/packet.js";
import { NO_PROPERTIES, withoutOptionalProperties } from "../codec/properties.js";
import { ReasonCode, returnCodeOf } from "../codec/reason-code.js";
import type { Connection } from "./connection.js";

/** Sends any packet; without its reason string and user properties, or not at all, if the client takes none as long [MQTT-3.2.2-19]. */
export function sendPacket(connection: Connection, packet: Packet): void {
  const { version, limits } = connection;
  let fitting = packet;
  let length = encodedLength(packet, version);
  if (length > limits.maximumPacketBytes && "properties" in packet) {
    fitting = withoutOptionalProperties(packet as never);
    length = encodedLength(fitting, version);
  }
  if (length > limits.maximumPacketBytes) return;
  const at = connection.reserve(length);
  encodeInto(fitting, version, connection.outputBytes(), at);
  connection.context.counters.packetsSent[packet.type]!++;
}

/** PUBACK, PUBREC, PUBREL and PUBCOMP: runs for every message above QoS 0, hence without an object. */
export function sendAck(connection: Connection, type: AckType, packetId: number, reasonCode: ReasonCode): void {
  const hasReason = connection.version === 5 && reasonCode !== ReasonCode.Success;
  const length = hasReason ? 5 : 4;
  const at = connection.reserve(length);
  const bytes = connection.outputBytes();
  bytes[at] = (type << 4) | (type === PacketType.Pubrel ? 0x02 : 0);
  bytes[at + 1] = length - 2;
  bytes[at + 2] = packetId >>> 8;
  bytes[at + 3] = packetId & 0xff;
  if (hasReason) bytes[at + 4] = reasonCode;
  connection.context.counters.packetsSent[type]!++;
}

export function sendPong(connection: Connection): void {
  const at = connection.reserve(2);
  const bytes = connection.outputBytes();
  bytes[at] = PacketType.Pingresp << 4;
  bytes[at + 1] = 0;
  connection.context.counters.packetsSent[PacketType.Pingresp]!++;
}

/** DISCONNECT with a reason, which only 5.0 has from a server. */
export function sendDisconnect(connection: Connection, reasonCode: ReasonCode, properties: DisconnectProperties): void {
  if (connection.version === 5) sendPacket(connection, { type: PacketType.Disconnect, reasonCode, properties });
}

/** CONNACK with a reason, where the version has one for it. */
export function sendRefusal(connection: Connection, reasonCode: ReasonCode, properties: DisconnectProperties): void {
  connection.context.counters.connectsRefused[reasonCode]!++;
  if (connection.version === 5) sendPacket(connection, { type: PacketType.Connack, sessionPresent: false, reasonCode, properties });
  else if (returnCodeOf(reasonCode) !== undefined) {
    sendPacket(connection, { type: PacketType.Connack, sessionPresent: false, reasonCode, properties: NO_PROPERTIES });
  }
}
