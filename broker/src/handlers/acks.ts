import { decode } from "../codec/codec.js";
import { type AckPacket, PacketType } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import type { Core } from "./core.js";

/** PUBACK, PUBREC, PUBREL and PUBCOMP in their usual form: flags as they must be, an identifier, nothing else. */
const PLAIN_BYTES = 4;
const RELEASE_FLAGS = 0x02;

export function handleAck(core: Core, connection: Connection, bytes: Uint8Array, start: number, end: number): void {
  const first = bytes[start]!;
  const type = first >> 4;
  let packetId = end - start === PLAIN_BYTES ? (bytes[start + 2]! << 8) | bytes[start + 3]! : 0;
  let reasonCode: number = ReasonCode.Success;
  if (packetId === 0 || (first & 0x0f) !== (type === PacketType.Pubrel ? RELEASE_FLAGS : 0)) {
    ({ packetId, reasonCode } = decode(bytes, start, end, connection.version) as AckPacket);
  }

  const session = connection.session!;
  switch (type) {
    case PacketType.Puback:
      if (session.acknowledged(packetId)) session.sendQueued();
      break;
    case PacketType.Pubrec:
      session.receivedByClient(packetId, reasonCode);
      if (reasonCode >= 0x80) session.sendQueued();
      break;
    case PacketType.Pubcomp:
      if (session.completed(packetId)) session.sendQueued();
      break;
    case PacketType.Pubrel:
      release(core, connection, packetId);
      break;
  }
}

/** [MQTT-4.3.3-11]: PUBCOMP answers every PUBREL, also one for a message that is known no more. */
function release(core: Core, connection: Connection, packetId: number): void {
  const session = connection.session!;
  const wasKnown = session.received?.delete(packetId) ?? false;
  const reasonCode = wasKnown ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;
  if (wasKnown && session.isPersistent) core.router.released(session.clientId, packetId);
  // After PUBCOMP the identifier stands for a new message. One that is known no more may have been forgotten a moment ago, for a PUBREL
  // over an earlier connection, and be in the store yet.
  const accepted = session.isPersistent ? core.router.commit() : undefined;
  if (accepted === undefined && connection.inbound === null) connection.acknowledge(PacketType.Pubcomp, packetId, reasonCode);
  else connection.inboundState().acks.add(connection, accepted, PacketType.Pubcomp, packetId, reasonCode);
}
