import { encode } from "../../src/codec/codec.js";
import { PacketType, type ProtocolVersion, type Qos } from "../../src/codec/packet.js";
import type { Credentials } from "./job.js";

export const PAYLOAD_BYTES = 64;

/** Longer than any run, so that no client has to send PINGREQ. */
const KEEP_ALIVE_SECONDS = 600;

export function connectFrame(clientId: string, version: ProtocolVersion, credentials?: Credentials): Uint8Array {
  return encode({ ...connectPacket(clientId, version, credentials), cleanStart: true, properties: {} }, version);
}

/** For a session that outlives its connection. */
export function persistentConnectFrame(clientId: string, version: ProtocolVersion, credentials?: Credentials): Uint8Array {
  const properties = version === 5 ? { sessionExpiryIntervalSeconds: KEEP_ALIVE_SECONDS } : {};
  return encode({ ...connectPacket(clientId, version, credentials), cleanStart: false, properties }, version);
}

function connectPacket(clientId: string, version: ProtocolVersion, credentials: Credentials | undefined) {
  const { userName, password } = credentials ?? {};
  return {
    type: PacketType.Connect,
    version,
    keepAliveSeconds: KEEP_ALIVE_SECONDS,
    clientId,
    ...(userName !== undefined && { userName }),
    ...(password !== undefined && { password: Buffer.from(password) }),
  } as const;
}

export function disconnectFrame(version: ProtocolVersion): Uint8Array {
  return encode({ type: PacketType.Disconnect, reasonCode: 0, properties: {} }, version);
}

export function subscribeFrame(topicFilter: string, qos: Qos, version: ProtocolVersion): Uint8Array {
  const subscription = { topicFilter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  return encode({ type: PacketType.Subscribe, packetId: 1, properties: {}, subscriptions: [subscription] }, version);
}

/** A message, of the usual size unless told otherwise. Packet id 0 is for QoS 0. */
export function publishFrame(
  topic: string,
  qos: Qos,
  packetId: number,
  version: ProtocolVersion,
  payloadBytes = PAYLOAD_BYTES,
): Uint8Array {
  const payload = new Uint8Array(payloadBytes).fill(0x78);
  return encode({ type: PacketType.Publish, dup: false, qos, retain: false, topic, packetId, properties: {}, payload }, version);
}

/** `count` frames one behind the other, with packet ids from 1 above QoS 0. */
export function publishFrames(topic: string, qos: Qos, count: number, version: ProtocolVersion, payloadBytes = PAYLOAD_BYTES): Uint8Array {
  const packetIdOf = (index: number) => (qos === 0 ? 0 : index + 1);
  return Buffer.concat(Array.from({ length: count }, (_, index) => publishFrame(topic, qos, packetIdOf(index), version, payloadBytes)));
}
