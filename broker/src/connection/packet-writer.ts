import { encodedLength, encodeInto } from "../codec/codec.js";
import { type AckType, type Packet, PacketType } from "../codec/packet.js";
import { NO_PROPERTIES, withoutOptionalProperties } from "../codec/properties.js";
import { ReasonCode, returnCodeOf } from "../codec/reason-code.js";
import type { Connection } from "./connection.js";
import { Phase } from "./phase.js";

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

/** Tells the client why its connection ends: by DISCONNECT or CONNACK, where the version has one for it. */
export function sayWhy(connection: Connection, reasonCode: ReasonCode, reasonString: string, serverReference: string | undefined): void {
  const { version, phase, context } = connection;
  const told = { reasonString, ...(serverReference === undefined ? {} : { serverReference }) };
  const properties = version === 5 ? told : NO_PROPERTIES;
  if (phase === Phase.Connected && version === 5) sendPacket(connection, { type: PacketType.Disconnect, reasonCode, properties });
  // What does not begin as a CONNECT does gets no answer: there is no telling what would be understood.
  if (phase !== Phase.Authenticating) return;
  context.counters.connectsRefused[reasonCode]!++;
  if (version !== 5 && returnCodeOf(reasonCode) === undefined) return;
  sendPacket(connection, { type: PacketType.Connack, sessionPresent: false, reasonCode, properties });
}
