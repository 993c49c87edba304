import {
  type AckProperties,
  type AuthProperties,
  type ConnackProperties,
  type ConnectProperties,
  type DisconnectProperties,
  PacketType,
  type PublishProperties,
  type SubscribeProperties,
  type UnsubscribeProperties,
  type WillProperties,
} from "./packet.js";
import { ReasonCode } from "./reason-code.js";

/** The will's properties, which stand in CONNECT beside its own. No packet has type 0. */
export const WILL = 0;

const { Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Suback, Unsubscribe, Unsuback, Disconnect, Auth } =
  PacketType;

/** Everything that carries properties. */
export interface PropertiesOf {
  [WILL]: WillProperties;
  [Connect]: ConnectProperties;
  [Connack]: ConnackProperties;
  [Publish]: PublishProperties;
  [Puback]: AckProperties;
  [Pubrec]: AckProperties;
  [Pubrel]: AckProperties;
  [Pubcomp]: AckProperties;
  [Subscribe]: SubscribeProperties;
  [Suback]: AckProperties;
  [Unsubscribe]: UnsubscribeProperties;
  [Unsuback]: AckProperties;
  [Disconnect]: DisconnectProperties;
  [Auth]: AuthProperties;
}

export type PropertyCarrier = keyof PropertiesOf;

type KeyOfAny<T> = T extends unknown ? keyof T : never;
type PropertyName = KeyOfAny<PropertiesOf[PropertyCarrier]>;

/** A property may carry: "bit" and "boolean" one byte 0 or 1, "topic" a string that is a topic name, "pair" two strings. */
type PropertyType = "bit" | "boolean" | "u16" | "u32" | "varint" | "utf8" | "topic" | "binary" | "pair";

export interface PropertyRow {
  readonly id: number;
  readonly name: PropertyName;
  readonly type: PropertyType;
  readonly carriers: readonly PropertyCarrier[];
  /** May occur more than once; its value is then a list. */
  readonly repeatable?: true;
  /** Refused with this code when 0. */
  readonly zeroIs?: ReasonCode;
}

const ACKS = [Puback, Pubrec, Pubrel, Pubcomp, Suback, Unsuback] as const;
const MESSAGES = [Publish, WILL] as const;
const { ProtocolError: PROTOCOL_ERROR, TopicAliasInvalid: TOPIC_ALIAS_INVALID } = ReasonCode;

/** MQTT 5.0, table 2-4, with the limits of section 3. The names are the fields of the property types in packet.ts. */
export const PROPERTIES: readonly PropertyRow[] = [
  { id: 0x01, name: "payloadFormatIndicator", type: "bit", carriers: MESSAGES },
  { id: 0x02, name: "messageExpiryIntervalSeconds", type: "u32", carriers: MESSAGES },
  { id: 0x03, name: "contentType", type: "utf8", carriers: MESSAGES },
  { id: 0x08, name: "responseTopic", type: "topic", carriers: MESSAGES },
  { id: 0x09, name: "correlationData", type: "binary", carriers: MESSAGES },
  { id: 0x0b, name: "subscriptionIdentifiers", type: "varint", carriers: [Publish], repeatable: true, zeroIs: PROTOCOL_ERROR },
  { id: 0x0b, name: "subscriptionIdentifier", type: "varint", carriers: [Subscribe], zeroIs: PROTOCOL_ERROR },
  { id: 0x11, name: "sessionExpiryIntervalSeconds", type: "u32", carriers: [Connect, Connack, Disconnect] },
  { id: 0x12, name: "assignedClientIdentifier", type: "utf8", carriers: [Connack] },
  { id: 0x13, name: "serverKeepAliveSeconds", type: "u16", carriers: [Connack] },
  { id: 0x15, name: "authenticationMethod", type: "utf8", carriers: [Connect, Connack, Auth] },
  { id: 0x16, name: "authenticationData", type: "binary", carriers: [Connect, Connack, Auth] },
  { id: 0x17, name: "requestProblemInformation", type: "boolean", carriers: [Connect] },
  { id: 0x18, name: "willDelayIntervalSeconds", type: "u32", carriers: [WILL] },
  { id: 0x19, name: "requestResponseInformation", type: "boolean", carriers: [Connect] },
  { id: 0x1a, name: "responseInformation", type: "utf8", carriers: [Connack] },
  { id: 0x1c, name: "serverReference", type: "utf8", carriers: [Connack, Disconnect] },
  { id: 0x1f, name: "reasonString", type: "utf8", carriers: [Connack, ...ACKS, Disconnect, Auth] },
  { id: 0x21, name: "receiveMaximum", type: "u16", carriers: [Connect, Connack], zeroIs: PROTOCOL_ERROR },
  { id: 0x22, name: "topicAliasMaximum", type: "u16", carriers: [Connect, Connack] },
  { id: 0x23, name: "topicAlias", type: "u16", carriers: [Publish], zeroIs: TOPIC_ALIAS_INVALID }, // [MQTT-3.3.2-8]
  { id: 0x24, name: "maximumQos", type: "bit", carriers: [Connack] },
  { id: 0x25, name: "retainAvailable", type: "boolean", carriers: [Connack] },
  {
    id: 0x26,
    name: "userProperties",
    type: "pair",
    carriers: [WILL, Connect, Connack, Publish, ...ACKS, Subscribe, Unsubscribe, Disconnect, Auth],
    repeatable: true,
  },
  { id: 0x27, name: "maximumPacketSizeBytes", type: "u32", carriers: [Connect, Connack], zeroIs: PROTOCOL_ERROR },
  { id: 0x28, name: "wildcardSubscriptionAvailable", type: "boolean", carriers: [Connack] },
  { id: 0x29, name: "subscriptionIdentifiersAvailable", type: "boolean", carriers: [Connack] },
  { id: 0x2a, name: "sharedSubscriptionAvailable", type: "boolean", carriers: [Connack] },
];

/** The table once more, by carrier and then by identifier or by name. */
export const ROWS_BY_ID: readonly (readonly (PropertyRow | undefined)[])[] = Array.from({ length: 16 }, (_, carrier) => {
  const rows: (PropertyRow | undefined)[] = Array.from({ length: 128 }, () => undefined);
  for (const row of rowsOf(carrier)) rows[row.id] = row;
  return rows;
});
export const ROWS_BY_NAME: readonly ReadonlyMap<string, PropertyRow>[] = Array.from(
  { length: 16 },
  (_, carrier) => new Map(rowsOf(carrier).map((row) => [row.name, row])),
);

function rowsOf(carrier: number): PropertyRow[] {
  return PROPERTIES.filter((row) => row.carriers.some((one) => one === carrier));
}
