/** The protocol level in CONNECT: 3 is MQTT 3.1 ("MQIsdp"), 4 is 3.1.1, 5 is 5.0. */
export type ProtocolVersion = 3 | 4 | 5;

export type Qos = 0 | 1 | 2;

/** 0: send retained messages on subscribe; 1: only for a new subscription; 2: never. */
export type RetainHandling = 0 | 1 | 2;

/** The type in the upper half of a packet's first byte, and the discriminant of `Packet`. */
export const PacketType = {
  Connect: 1,
  Connack: 2,
  Publish: 3,
  Puback: 4,
  Pubrec: 5,
  Pubrel: 6,
  Pubcomp: 7,
  Subscribe: 8,
  Suback: 9,
  Unsubscribe: 10,
  Unsuback: 11,
  Pingreq: 12,
  Pingresp: 13,
  Disconnect: 14,
  Auth: 15,
} as const;

export type PacketType = (typeof PacketType)[keyof typeof PacketType];

/** Names and values in the order they were sent; a name may occur more than once. */
export type UserProperties = readonly (readonly [name: string, value: string])[];

interface CommonProperties {
  readonly userProperties?: UserProperties;
}

/** Properties of PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK and UNSUBACK. */
export interface AckProperties extends CommonProperties {
  readonly reasonString?: string;
}

interface AuthenticationProperties {
  readonly authenticationMethod?: string;
  readonly authenticationData?: Uint8Array;
}

export interface ConnectProperties extends CommonProperties, AuthenticationProperties {
  readonly sessionExpiryIntervalSeconds?: number;
  readonly receiveMaximum?: number;
  readonly maximumPacketSizeBytes?: number;
  readonly topicAliasMaximum?: number;
  readonly requestResponseInformation?: boolean;
  readonly requestProblemInformation?: boolean;
}

export interface ConnackProperties extends AckProperties, AuthenticationProperties {
  readonly sessionExpiryIntervalSeconds?: number;
  readonly receiveMaximum?: number;
  readonly maximumQos?: 0 | 1;
  readonly retainAvailable?: boolean;
  readonly maximumPacketSizeBytes?: number;
  readonly assignedClientIdentifier?: string;
  readonly topicAliasMaximum?: number;
  readonly wildcardSubscriptionAvailable?: boolean;
  readonly subscriptionIdentifiersAvailable?: boolean;
  readonly sharedSubscriptionAvailable?: boolean;
  readonly serverKeepAliveSeconds?: number;
  readonly responseInformation?: string;
  readonly serverReference?: string;
}

/** What an application message carries besides topic and payload, in PUBLISH and in a will. */
interface MessageProperties extends CommonProperties {
  /** 1 promises that the payload is UTF-8. The codec does not look. */
  readonly payloadFormatIndicator?: 0 | 1;
  readonly messageExpiryIntervalSeconds?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
}

export interface PublishProperties extends MessageProperties {
  readonly topicAlias?: number;
  /** Only a server sends these [MQTT-3.3.4-6]; who sent the packet is the caller's knowledge. */
  readonly subscriptionIdentifiers?: readonly number[];
}

export interface WillProperties extends MessageProperties {
  readonly willDelayIntervalSeconds?: number;
}

export interface SubscribeProperties extends CommonProperties {
  readonly subscriptionIdentifier?: number;
}

export type UnsubscribeProperties = CommonProperties;

export interface DisconnectProperties extends AckProperties {
  readonly sessionExpiryIntervalSeconds?: number;
  readonly serverReference?: string;
}

export interface AuthProperties extends AckProperties {
  readonly authenticationMethod: string;
  readonly authenticationData?: Uint8Array;
}

export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly properties: WillProperties;
}

/**
 * The one packet that says which version the connection speaks.
 *
 * Client identifiers of any length up to 65,535 bytes pass, in 3.1 too, as they do in other brokers. An empty one
 * passes as well: refusing it (always in 3.1, without clean session in 3.1.1) takes a CONNACK, which is the handler's.
 */
export interface ConnectPacket {
  readonly type: typeof PacketType.Connect;
  readonly version: ProtocolVersion;
  /** Called Clean Session in 3.x. */
  readonly cleanStart: boolean;
  readonly keepAliveSeconds: number;
  readonly clientId: string;
  readonly will?: Will | undefined;
  readonly userName?: string | undefined;
  readonly password?: Uint8Array | undefined;
  readonly properties: ConnectProperties;
}

export interface ConnackPacket {
  readonly type: typeof PacketType.Connack;
  /** Always false in 3.1, which has no such flag. */
  readonly sessionPresent: boolean;
  /** A reason code of 5.0 in every version; see `returnCodeOf` for what 3.x puts on the wire. */
  readonly reasonCode: number;
  readonly properties: ConnackProperties;
}

export interface PublishPacket {
  readonly type: typeof PacketType.Publish;
  readonly dup: boolean;
  readonly qos: Qos;
  readonly retain: boolean;
  /** Empty only where `properties.topicAlias` stands for it. */
  readonly topic: string;
  /** 0 at QoS 0, which has none. */
  readonly packetId: number;
  readonly properties: PublishProperties;
  readonly payload: Uint8Array;
}

export type AckType = typeof PacketType.Puback | typeof PacketType.Pubrec | typeof PacketType.Pubrel | typeof PacketType.Pubcomp;

/** PUBACK, PUBREC, PUBREL or PUBCOMP. In 3.x the reason code is always 0. */
export interface AckPacket {
  readonly type: AckType;
  readonly packetId: number;
  readonly reasonCode: number;
  readonly properties: AckProperties;
}

export interface Subscription {
  readonly topicFilter: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
}

export interface SubscribePacket {
  readonly type: typeof PacketType.Subscribe;
  readonly packetId: number;
  readonly properties: SubscribeProperties;
  readonly subscriptions: readonly Subscription[];
}

export interface SubackPacket {
  readonly type: typeof PacketType.Suback;
  readonly packetId: number;
  readonly properties: AckProperties;
  readonly reasonCodes: readonly number[];
}

export interface UnsubscribePacket {
  readonly type: typeof PacketType.Unsubscribe;
  readonly packetId: number;
  readonly properties: UnsubscribeProperties;
  readonly topicFilters: readonly string[];
}

export interface UnsubackPacket {
  readonly type: typeof PacketType.Unsuback;
  readonly packetId: number;
  readonly properties: AckProperties;
  /** Empty in 3.x. */
  readonly reasonCodes: readonly number[];
}

export interface PingPacket {
  readonly type: typeof PacketType.Pingreq | typeof PacketType.Pingresp;
}

export interface DisconnectPacket {
  readonly type: typeof PacketType.Disconnect;
  readonly reasonCode: number;
  readonly properties: DisconnectProperties;
}

export interface AuthPacket {
  readonly type: typeof PacketType.Auth;
  readonly reasonCode: number;
  readonly properties: AuthProperties;
}

/**
 * Every MQTT control packet. In 3.x `properties` is empty.
 *
 * Payloads, passwords, correlation and authentication data of a decoded packet are views of the received bytes:
 * whoever keeps one longer than the receive buffer has to copy it.
 */
export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AckPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingPacket
  | DisconnectPacket
  | AuthPacket;
