import { encode } from "../../src/codec/codec.js";
import { PacketType, type ProtocolVersion, type Qos } from "../../src/codec/packet.js";

export const PAYLOAD_BYTES = 64;

/** Longer than any run, so that no client has to send PINGREQ. */
const KEEP_ALIVE_SECONDS = 600;

export function connectFrame(clientId: string, version: ProtocolVersion): Uint8Array {
  return encode(
    { type: PacketType.Connect, version, cleanStart: true, keepAliveSeconds: KEEP_ALIVE_SECONDS, clientId, properties: {} },
    version,
  );
}

export function subscribeFrame(topicFilter: string, qos: Qos, version: ProtocolVersion): Uint8Array {
  const subscription = { topicFilter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  return encode({ type: PacketType.Subscribe, packetId: 1, properties: {}, subscriptions: [subscription] }, version);
}

/** A message of the usual size. Packet id 0 is for QoS 0. */
export function publishFrame(topic: string, qos: Qos, packetId: number, version: ProtocolVersion): Uint8Array {
  const payload = new Uint8Array(PAYLOAD_BYTES).fill(0x78);
  return encode({ type: PacketType.Publish, dup: false, qos, retain: false, topic, packetId, properties: {}, payload }, version);
}

/** `count` frames one behind the other, with packet ids from 1 above QoS 0. */
export function publishFrames(topic: string, qos: Qos, count: number, version: ProtocolVersion): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, (_, index) => publishFrame(topic, qos, qos === 0 ? 0 : index + 1, version)));
}
