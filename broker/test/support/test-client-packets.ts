import {
  type AckPacket,
  type AckType,
  type AuthPacket,
  type AuthProperties,
  type ConnectPacket,
  type DisconnectPacket,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  type SubscribePacket,
  type SubscribeProperties,
  type Subscription,
  type UnsubscribePacket,
  type Will,
} from "../../src/codec/packet.js";

const ENCODER = new TextEncoder();

/** A CONNECT that starts clean, without keep alive. Its client identifier is unlike those of other tests' clients. */
export function connectPacket(version: ProtocolVersion, fields: Partial<ConnectPacket> = {}): ConnectPacket {
  const clientId = `test-${Math.random().toString(36).slice(2, 12)}`;
  return { type: PacketType.Connect, version, cleanStart: true, keepAliveSeconds: 0, clientId, properties: {}, ...fields };
}

/** A will at QoS 0 on `topic`, with `text` as its payload. */
export function will(topic: string, text: string, fields: Partial<Will> = {}): Will {
  return { topic, payload: bytesOfText(text), qos: 0, retain: false, properties: {}, ...fields };
}

export type PublishFields = Partial<Omit<PublishPacket, "payload">> & { readonly payload?: string | Uint8Array };

/** A PUBLISH at QoS 0, or at another one with packet identifier 1 unless `fields` has it. */
export function publishPacket(topic: string, fields: PublishFields = {}): PublishPacket {
  const { payload = "", qos = 0, ...rest } = fields;
  return {
    type: PacketType.Publish,
    dup: false,
    qos,
    retain: false,
    topic,
    packetId: qos === 0 ? 0 : 1,
    properties: {},
    ...rest,
    payload: typeof payload === "string" ? bytesOfText(payload) : payload,
  };
}

/** A filter at QoS 0, or a subscription with the options that it has. */
export type Filter = string | (Partial<Subscription> & { readonly topicFilter: string });

export function subscribePacket(filters: readonly Filter[], packetId = 1, properties: SubscribeProperties = {}): SubscribePacket {
  return { type: PacketType.Subscribe, packetId, properties, subscriptions: filters.map(subscriptionOf) };
}

export function unsubscribePacket(topicFilters: readonly string[], packetId = 1): UnsubscribePacket {
  return { type: PacketType.Unsubscribe, packetId, properties: {}, topicFilters };
}

export function ack(type: AckType, packetId: number, reasonCode = 0): AckPacket {
  return { type, packetId, reasonCode, properties: {} };
}

export function disconnectPacket(reasonCode = 0, properties: DisconnectPacket["properties"] = {}): DisconnectPacket {
  return { type: PacketType.Disconnect, reasonCode, properties };
}

export function authPacket(reasonCode: number, authenticationMethod: string, data?: string): AuthPacket {
  const properties: AuthProperties =
    data === undefined ? { authenticationMethod } : { authenticationMethod, authenticationData: bytesOfText(data) };
  return { type: PacketType.Auth, reasonCode, properties };
}

export function bytesOfText(text: string): Uint8Array {
  return ENCODER.encode(text);
}

export function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

function subscriptionOf(filter: Filter): Subscription {
  const options = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  return typeof filter === "string" ? { ...options, topicFilter: filter } : { ...options, ...filter };
}
