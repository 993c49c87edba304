import { type Packet, PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { bytesOf } from "./hex.js";

interface Case {
  readonly name: string;
  /**
   * What the case shows, as the standards number it, with spaces between several; a section where there is no numbered statement.
   * Where the standards number it differently, 5.0 comes first: "MQTT-1.5.4-1 / MQTT-1.5.3-1".
   */
  readonly clause: string;
  readonly versions: readonly ProtocolVersion[];
  readonly bytes: Uint8Array;
}

export interface ValidCase extends Case {
  readonly packet: Packet;
  /** False where the bytes are allowed but not the ones that we would send. */
  readonly canonical: boolean;
}

export interface InvalidCase extends Case {
  readonly error: ReasonCode;
  /** Part of the message: it has to name the field. */
  readonly message: string;
}

/** One row per case and version, with the title of its test: what is read, in which version, and the clauses of that version's standard. */
export function perVersion<C extends Case>(cases: readonly C[]): (readonly [title: string, version: ProtocolVersion, row: C])[] {
  return cases.flatMap((row) => row.versions.map((version) => [`${row.name}, ${citation(row, version)}`, version, row] as const));
}

function citation({ clause, versions }: Case, version: ProtocolVersion): string {
  if (version === 3 && versions.length > 1) return "3.1"; // the clauses are those of the others
  const [of5, of311 = of5] = clause.split(" / ");
  const clauses = version === 5 ? of5! : of311!;
  const cited = clauses.startsWith("MQTT-") ? clauses.split(" ").map((id) => `[${id}]`) : [`[${clauses}]`];
  return [{ 3: "3.1", 4: "3.1.1", 5: "5.0" }[version], ...cited].join(" ");
}

const V3: readonly ProtocolVersion[] = [3];
const V4: readonly ProtocolVersion[] = [4];
const V5: readonly ProtocolVersion[] = [5];
const V34: readonly ProtocolVersion[] = [3, 4];
const V45: readonly ProtocolVersion[] = [4, 5];
const ALL: readonly ProtocolVersion[] = [3, 4, 5];

const { MalformedPacket: MALFORMED, ProtocolError: PROTOCOL, UnsupportedProtocolVersion: UNSUPPORTED } = ReasonCode;

function valid(name: string, clause: string, versions: readonly ProtocolVersion[], hex: string, packet: Packet): ValidCase {
  return { name, clause, versions, bytes: bytesOf(hex), packet, canonical: true };
}

/** Allowed on the wire, encoded in another way by us. */
function tolerated(...args: Parameters<typeof valid>): ValidCase {
  return { ...valid(...args), canonical: false };
}

function invalid(
  name: string,
  clause: string,
  versions: readonly ProtocolVersion[],
  hex: string,
  error: ReasonCode,
  message: string,
): InvalidCase {
  return { name, clause, versions, bytes: bytesOf(hex), error, message };
}

const connect = { type: PacketType.Connect, cleanStart: true, keepAliveSeconds: 60, clientId: "c", properties: {} } as const;
const publish = {
  type: PacketType.Publish,
  dup: false,
  qos: 0,
  retain: false,
  topic: "a/b",
  packetId: 0,
  properties: {},
  payload: bytesOf("'hi'"),
} as const;
const subscription = { topicFilter: "a/#", qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
const userProperties = [
  ["k", "1"],
  ["k", "2"],
] as const;

const CONNECTS: readonly ValidCase[] = [
  valid("CONNECT of 3.1", "3.1", V3, "10 0f | 00 06 'MQIsdp' 03 | 02 | 00 3c | 00 01 'c'", { ...connect, version: 3 }),
  valid("CONNECT of 3.1.1", "3.1", V4, "10 0d | 00 04 'MQTT' 04 | 02 | 00 3c | 00 01 'c'", { ...connect, version: 4 }),
  valid("CONNECT of 5.0", "MQTT-2.2.2-1", V5, "10 0e | 00 04 'MQTT' 05 | 02 | 00 3c | 00 | 00 01 'c'", { ...connect, version: 5 }),
  valid(
    "CONNECT with will, user name and password in this order",
    "MQTT-3.1.3-1",
    V4,
    `10 1b | 00 04 'MQTT' 04
     ee         ; user name, password, will retain, will QoS 1, will, clean session
     00 0a      ; keep alive
     00 01 'c'  ; client identifier
     00 01 'w'  ; will topic
     00 02 'by' ; will message
     00 01 'u' | 00 02 00 ff`,
    {
      ...connect,
      version: 4,
      keepAliveSeconds: 10,
      will: { topic: "w", payload: bytesOf("'by'"), qos: 1, retain: true, properties: {} },
      userName: "u",
      password: bytesOf("00 ff"),
    },
  ),
  valid(
    "CONNECT with every property",
    "3.1.2.11",
    V5,
    `10 39 | 00 04 'MQTT' 05 | 00 | 00 3c
     2b                   ; property length
     11 00 00 0e 10       ; session expiry interval
     15 00 01 'm'         ; authentication method
     16 00 02 00 ff       ; authentication data
     17 00                ; request problem information
     19 01                ; request response information
     21 00 14             ; receive maximum
     22 ff ff             ; topic alias maximum
     26 00 01 'k' 00 01 '1' | 26 00 01 'k' 00 01 '2'
     27 ff ff ff ff       ; maximum packet size
     00 01 'c'`,
    {
      ...connect,
      version: 5,
      cleanStart: false,
      properties: {
        sessionExpiryIntervalSeconds: 3600,
        authenticationMethod: "m",
        authenticationData: bytesOf("00 ff"),
        requestProblemInformation: false,
        requestResponseInformation: true,
        receiveMaximum: 20,
        topicAliasMaximum: 65_535,
        userProperties,
        maximumPacketSizeBytes: 4_294_967_295,
      },
    },
  ),
  valid(
    "CONNECT with user name and password behind the will",
    "MQTT-3.1.3-1",
    V5,
    `10 1b | 00 04 'MQTT' 05 | c6 | 00 3c | 00
     00 01 'c'                    ; client identifier
     00 | 00 01 'w' | 00 01 'b'   ; will properties, topic, payload
     00 01 'u' | 00 01 'p'`,
    {
      ...connect,
      version: 5,
      will: { topic: "w", payload: bytesOf("'b'"), qos: 0, retain: false, properties: {} },
      userName: "u",
      password: bytesOf("'p'"),
    },
  ),
  valid(
    "CONNECT with every will property",
    "3.1.3.2",
    V5,
    `10 3c | 00 04 'MQTT' 05 | 16 | 00 3c | 00 | 00 01 'c'
     28                   ; will property length
     01 01                ; payload format indicator
     02 00 00 00 3c       ; message expiry interval
     03 00 01 't'         ; content type
     08 00 03 'r/1'       ; response topic
     09 00 01 2a          ; correlation data
     18 00 00 00 05       ; will delay interval
     26 00 01 'k' 00 01 '1' | 26 00 01 'k' 00 01 '2'
     00 01 'w' | 00 00    ; will topic, empty will payload`,
    {
      ...connect,
      version: 5,
      will: {
        topic: "w",
        payload: new Uint8Array(),
        qos: 2,
        retain: false,
        properties: {
          payloadFormatIndicator: 1,
          messageExpiryIntervalSeconds: 60,
          contentType: "t",
          responseTopic: "r/1",
          correlationData: bytesOf("2a"),
          willDelayIntervalSeconds: 5,
          userProperties,
        },
      },
    },
  ),
  valid("CONNECT with a password and no user name", "3.1.2.9", V5, "10 11 | 00 04 'MQTT' 05 | 42 | 00 3c | 00 | 00 01 'c' | 00 01 'p'", {
    ...connect,
    version: 5,
    password: bytesOf("'p'"),
  }),
  valid("CONNECT with a user name and no password", "MQTT-3.1.2-19", V4, "10 10 | 00 04 'MQTT' 04 | 82 | 00 3c | 00 01 'c' | 00 01 'u'", {
    ...connect,
    version: 4,
    userName: "u",
  }),
  valid(
    "CONNECT with an empty client identifier, which the handler answers",
    "MQTT-3.1.3-8",
    V4,
    "10 0c | 00 04 'MQTT' 04 | 00 | 00 3c | 00 00",
    {
      ...connect,
      version: 4,
      cleanStart: false,
      clientId: "",
    },
  ),
  valid(
    "CONNECT of 3.1 with 24 characters of client identifier",
    "3.1 (MQTT 3.1)",
    V3,
    "10 26 | 00 06 'MQIsdp' 03 | 02 | 00 3c | 00 18 'abcdefghijklmnopqrstuvwx'",
    { ...connect, version: 3, clientId: "abcdefghijklmnopqrstuvwx" },
  ),
  tolerated(
    "CONNECT of 3.1 that announces a user name and a password and ends before",
    "3.1 (MQTT 3.1)",
    V3,
    "10 0f | 00 06 'MQIsdp' 03 | c2 | 00 3c | 00 01 'c'",
    { ...connect, version: 3 },
  ),
  tolerated("CONNECT of 3.1 with the unused flag", "3.1 (MQTT 3.1)", V3, "10 0f | 00 06 'MQIsdp' 03 | 03 | 00 3c | 00 01 'c'", {
    ...connect,
    version: 3,
  }),
  valid(
    "CONNECT whose client identifier has two-, three- and four-byte characters and U+FEFF",
    "MQTT-1.5.3-3",
    V4,
    "10 18 | 00 04 'MQTT' 04 | 02 | 00 3c | 00 0c | ef bb bf | c3 a9 | e2 82 ac | f0 9f 90 9d",
    { ...connect, version: 4, clientId: "\ufeffé€🐝" },
  ),
];

const CONNACKS: readonly ValidCase[] = [
  valid("CONNACK that accepts", "3.2", V34, "20 02 00 00", {
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: ReasonCode.Success,
    properties: {},
  }),
  valid("CONNACK with session present", "MQTT-3.2.2-2", V4, "20 02 01 00", {
    type: PacketType.Connack,
    sessionPresent: true,
    reasonCode: ReasonCode.Success,
    properties: {},
  }),
  tolerated("CONNACK of 3.1, whose first byte is unused", "3.2 (MQTT 3.1)", V3, "20 02 01 00", {
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: ReasonCode.Success,
    properties: {},
  }),
  valid("CONNACK that refuses the protocol level", "MQTT-3.1.2-2", V34, "20 02 00 01", {
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: ReasonCode.UnsupportedProtocolVersion,
    properties: {},
  }),
  valid("CONNACK that refuses authorisation", "table 3.1", V34, "20 02 00 05", {
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: ReasonCode.NotAuthorized,
    properties: {},
  }),
  valid("CONNACK that refuses in 5.0", "MQTT-3.2.2-8", V5, "20 03 00 84 00", {
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: ReasonCode.UnsupportedProtocolVersion,
    properties: {},
  }),
  valid(
    "CONNACK with every property",
    "3.2.2.3",
    V5,
    `20 46 | 01 00 | 43
     11 00 00 00 00       ; session expiry interval
     12 00 01 'i'         ; assigned client identifier
     13 00 1e             ; server keep alive
     15 00 01 'm'         ; authentication method
     16 00 01 ff          ; authentication data
     1a 00 01 'r'         ; response information
     1c 00 01 's'         ; server reference
     1f 00 01 'e'         ; reason string
     21 00 01             ; receive maximum
     22 00 00             ; topic alias maximum
     24 01                ; maximum QoS
     25 00                ; retain available
     26 00 01 'k' 00 01 '1' | 26 00 01 'k' 00 01 '2'
     27 00 01 00 00       ; maximum packet size
     28 01 | 29 00 | 2a 01; wildcards, subscription identifiers, shared subscriptions`,
    {
      type: PacketType.Connack,
      sessionPresent: true,
      reasonCode: ReasonCode.Success,
      properties: {
        sessionExpiryIntervalSeconds: 0,
        assignedClientIdentifier: "i",
        serverKeepAliveSeconds: 30,
        authenticationMethod: "m",
        authenticationData: bytesOf("ff"),
        responseInformation: "r",
        serverReference: "s",
        reasonString: "e",
        receiveMaximum: 1,
        topicAliasMaximum: 0,
        maximumQos: 1,
        retainAvailable: false,
        userProperties,
        maximumPacketSizeBytes: 65_536,
        wildcardSubscriptionAvailable: true,
        subscriptionIdentifiersAvailable: false,
        sharedSubscriptionAvailable: true,
      },
    },
  ),
];

const PUBLISHES: readonly ValidCase[] = [
  valid("PUBLISH at QoS 0", "MQTT-2.3.1-5", V34, "30 07 | 00 03 'a/b' | 'hi'", publish),
  valid("PUBLISH at QoS 0", "MQTT-2.2.1-2", V5, "30 08 | 00 03 'a/b' | 00 | 'hi'", publish),
  valid("PUBLISH without a payload", "3.3.3", V34, "31 05 | 00 03 'a/b'", { ...publish, retain: true, payload: new Uint8Array() }),
  valid("PUBLISH at QoS 1", "3.3.2", V34, "32 09 | 00 03 'a/b' | 12 34 | 'hi'", { ...publish, qos: 1, packetId: 0x1234 }),
  valid("PUBLISH at QoS 2, sent again and retained", "MQTT-3.3.1-1", V34, "3d 09 | 00 03 'a/b' | ff ff | 'hi'", {
    ...publish,
    dup: true,
    qos: 2,
    retain: true,
    packetId: 65_535,
  }),
  valid("PUBLISH at QoS 2", "MQTT-3.3.1-1", V5, "3c 0a | 00 03 'a/b' | 00 01 | 00 | 'hi'", { ...publish, dup: true, qos: 2, packetId: 1 }),
  valid("PUBLISH whose topic is more than ASCII", "MQTT-3.3.2-1", V34, "30 06 | 00 04 'a/' c3 a9", {
    ...publish,
    topic: "a/é",
    payload: new Uint8Array(),
  }),
  valid("PUBLISH whose topic is more than ASCII", "MQTT-3.3.2-1", V5, "30 07 | 00 04 'a/' c3 a9 | 00", {
    ...publish,
    topic: "a/é",
    payload: new Uint8Array(),
  }),
  valid("PUBLISH with an alias for its topic", "3.3.2.3.4", V5, "30 08 | 00 00 | 03 | 23 00 07 | 'hi'", {
    ...publish,
    topic: "",
    properties: { topicAlias: 7 },
  }),
  valid(
    "PUBLISH with every property",
    "3.3.2.3",
    V5,
    `32 38 | 00 03 'a/b' | 00 0a
     2e                   ; property length
     01 00                ; payload format indicator
     02 00 00 00 3c       ; message expiry interval
     03 00 01 't'         ; content type
     08 00 03 'r/1'       ; response topic
     09 00 02 00 ff       ; correlation data
     0b 01 | 0b ff ff ff 7f ; subscription identifiers
     23 00 01             ; topic alias
     26 00 01 'k' 00 01 '1' | 26 00 01 'k' 00 01 '2'
     'hi'`,
    {
      ...publish,
      qos: 1,
      packetId: 10,
      properties: {
        payloadFormatIndicator: 0,
        messageExpiryIntervalSeconds: 60,
        contentType: "t",
        responseTopic: "r/1",
        correlationData: bytesOf("00 ff"),
        subscriptionIdentifiers: [1, 268_435_455],
        topicAlias: 1,
        userProperties,
      },
    },
  ),
  tolerated(
    "PUBLISH whose user properties are not next to each other",
    "MQTT-3.3.2-18",
    V5,
    "30 1c | 00 03 'a/b' | 14 | 26 00 01 'k' 00 01 '1' | 03 00 01 't' | 01 00 | 26 00 01 'k' 00 01 '2' | 'hi'",
    { ...publish, properties: { userProperties, contentType: "t", payloadFormatIndicator: 0 } },
  ),
];

const ACK_CASES: readonly ValidCase[] = (
  [
    [PacketType.Puback, "40", "PUBACK", "MQTT-3.4.2-1", ReasonCode.NoMatchingSubscribers],
    [PacketType.Pubrec, "50", "PUBREC", "MQTT-3.5.2-1", ReasonCode.QuotaExceeded],
    [PacketType.Pubrel, "62", "PUBREL", "MQTT-3.6.2-1", ReasonCode.PacketIdentifierNotFound],
    [PacketType.Pubcomp, "70", "PUBCOMP", "MQTT-3.7.2-1", ReasonCode.PacketIdentifierNotFound],
  ] as const
).flatMap(([type, first, name, clause, reasonCode]) => {
  const ack = { type, packetId: 0x0102, reasonCode: 0, properties: {} };
  const code = reasonCode.toString(16);
  return [
    valid(name, "MQTT-2.2.1-5 / MQTT-2.3.1-6", ALL, `${first} 02 | 01 02`, ack),
    valid(`${name} with a reason code`, clause, V5, `${first} 03 | 01 02 | ${code}`, { ...ack, reasonCode }),
    tolerated(`${name} that spells Success out`, clause, V5, `${first} 03 | 01 02 | 00`, ack),
    tolerated(`${name} with a property length of 0`, "MQTT-2.2.2-1", V5, `${first} 04 | 01 02 | 00 | 00`, ack),
    valid(`${name} with every property`, clause, V5, `${first} 0f | 01 02 | ${code} | 0b | 1f 00 01 'e' | 26 00 01 'k' 00 01 '1'`, {
      ...ack,
      reasonCode,
      properties: { reasonString: "e", userProperties: [["k", "1"]] },
    }),
  ];
});

const SUBSCRIBES: readonly ValidCase[] = [
  valid("SUBSCRIBE", "MQTT-3.8.3-1", V34, "82 08 | 00 01 | 00 03 'a/#' 01", {
    type: PacketType.Subscribe,
    packetId: 1,
    properties: {},
    subscriptions: [subscription],
  }),
  valid("SUBSCRIBE to two filters", "MQTT-3.8.4-4", V34, "82 0c | 00 01 | 00 03 'a/#' 01 | 00 01 '+' 02", {
    type: PacketType.Subscribe,
    packetId: 1,
    properties: {},
    subscriptions: [subscription, { ...subscription, topicFilter: "+", qos: 2 }],
  }),
  valid("SUBSCRIBE with every option", "3.8.3.1", V5, "82 0d | 00 01 | 00 | 00 03 'a/#' 2d | 00 01 '+' 12", {
    type: PacketType.Subscribe,
    packetId: 1,
    properties: {},
    subscriptions: [
      { ...subscription, noLocal: true, retainAsPublished: true, retainHandling: 2 },
      { ...subscription, topicFilter: "+", qos: 2, retainHandling: 1 },
    ],
  }),
  valid("SUBSCRIBE with every property", "3.8.2.1", V5, "82 13 | 00 01 | 0a | 0b 80 01 | 26 00 01 'k' 00 01 '1' | 00 03 'a/#' 01", {
    type: PacketType.Subscribe,
    packetId: 1,
    properties: { subscriptionIdentifier: 128, userProperties: [["k", "1"]] },
    subscriptions: [subscription],
  }),
  valid("SUBACK", "MQTT-3.9.3-2", V34, "90 06 | 00 01 | 00 01 02 80", {
    type: PacketType.Suback,
    packetId: 1,
    properties: {},
    reasonCodes: [0, 1, 2, 0x80],
  }),
  valid("SUBACK with every property", "MQTT-3.9.3-2", V5, "90 11 | 00 01 | 0b | 1f 00 01 'e' | 26 00 01 'k' 00 01 '1' | 01 8f a2", {
    type: PacketType.Suback,
    packetId: 1,
    properties: { reasonString: "e", userProperties: [["k", "1"]] },
    reasonCodes: [ReasonCode.GrantedQos1, ReasonCode.TopicFilterInvalid, ReasonCode.WildcardSubscriptionsNotSupported],
  }),
  valid("UNSUBSCRIBE", "MQTT-3.10.3-1", V34, "a2 0a | 00 01 | 00 03 'a/#' | 00 01 '+'", {
    type: PacketType.Unsubscribe,
    packetId: 1,
    properties: {},
    topicFilters: ["a/#", "+"],
  }),
  valid("UNSUBSCRIBE with every property", "3.10.2.1", V5, "a2 0d | 00 01 | 07 | 26 00 01 'k' 00 01 '1' | 00 01 '+'", {
    type: PacketType.Unsubscribe,
    packetId: 1,
    properties: { userProperties: [["k", "1"]] },
    topicFilters: ["+"],
  }),
  valid("UNSUBACK", "MQTT-3.10.4-4", V34, "b0 02 | 00 01", { type: PacketType.Unsuback, packetId: 1, properties: {}, reasonCodes: [] }),
  valid("UNSUBACK with every property", "MQTT-3.11.3-2", V5, "b0 10 | 00 01 | 0b | 1f 00 01 'e' | 26 00 01 'k' 00 01 '1' | 00 11", {
    type: PacketType.Unsuback,
    packetId: 1,
    properties: { reasonString: "e", userProperties: [["k", "1"]] },
    reasonCodes: [ReasonCode.Success, ReasonCode.NoSubscriptionExisted],
  }),
];

const OTHERS: readonly ValidCase[] = [
  valid("PINGREQ", "3.12", ALL, "c0 00", { type: PacketType.Pingreq }),
  valid("PINGRESP", "3.13", ALL, "d0 00", { type: PacketType.Pingresp }),
  valid("DISCONNECT", "3.14", ALL, "e0 00", { type: PacketType.Disconnect, reasonCode: 0, properties: {} }),
  valid("DISCONNECT with a reason code", "MQTT-3.14.2-1", V5, "e0 01 04", {
    type: PacketType.Disconnect,
    reasonCode: ReasonCode.DisconnectWithWillMessage,
    properties: {},
  }),
  tolerated("DISCONNECT that spells everything out", "3.14.2", V5, "e0 02 00 00", {
    type: PacketType.Disconnect,
    reasonCode: 0,
    properties: {},
  }),
  valid(
    "DISCONNECT with every property",
    "3.14.2.2",
    V5,
    "e0 16 | 9d | 14 | 11 00 00 00 00 | 1c 00 01 's' | 1f 00 01 'e' | 26 00 01 'k' 00 01 '1'",
    {
      type: PacketType.Disconnect,
      reasonCode: ReasonCode.ServerMoved,
      properties: { sessionExpiryIntervalSeconds: 0, serverReference: "s", reasonString: "e", userProperties: [["k", "1"]] },
    },
  ),
  valid("AUTH", "3.15.2.1", V5, "f0 06 | 18 | 04 | 15 00 01 'm'", {
    type: PacketType.Auth,
    reasonCode: ReasonCode.ContinueAuthentication,
    properties: { authenticationMethod: "m" },
  }),
  valid(
    "AUTH with every property",
    "3.15.2.2",
    V5,
    "f0 15 | 19 | 13 | 15 00 01 'm' | 16 00 01 00 | 1f 00 01 'e' | 26 00 01 'k' 00 01 '1'",
    {
      type: PacketType.Auth,
      reasonCode: ReasonCode.ReAuthenticate,
      properties: { authenticationMethod: "m", authenticationData: bytesOf("00"), reasonString: "e", userProperties: [["k", "1"]] },
    },
  ),
];

/** Every packet type in every version, and every property. */
export const VALID: readonly ValidCase[] = [...CONNECTS, ...CONNACKS, ...PUBLISHES, ...ACK_CASES, ...SUBSCRIBES, ...OTHERS];

const FIXED_HEADERS: readonly InvalidCase[] = [
  invalid("type 0", "table 2-1", ALL, "00 00", MALFORMED, "packet type 0 is reserved"),
  invalid("AUTH before 5.0", "table 2.1", V34, "f0 00", MALFORMED, "packet type 15 is reserved"),
  ...(
    [
      ["CONNACK", "21 02 00 00"],
      ["PUBACK", "42 02 00 01"],
      ["PUBREC", "58 02 00 01"],
      ["PUBCOMP", "71 02 00 01"],
      ["SUBACK", "92 03 00 01 00"],
      ["UNSUBACK", "b2 02 00 01"],
      ["PINGREQ", "c1 00"],
      ["PINGRESP", "d8 00"],
    ] as const
  ).map(([name, hex]) => invalid(`${name} with reserved flags`, "MQTT-2.1.3-1 / MQTT-2.2.2-1 MQTT-2.2.2-2", V45, hex, MALFORMED, "flags")),
  invalid(
    "CONNECT with reserved flags",
    "MQTT-2.1.3-1 / MQTT-2.2.2-1 MQTT-2.2.2-2",
    ALL,
    "11 0d | 00 04 'MQTT' 04 02 00 3c 00 01 'c'",
    MALFORMED,
    "flags",
  ),
  invalid("PUBREL without its flags", "MQTT-3.6.1-1", V45, "60 02 00 01", MALFORMED, "flags 0 are not valid for packet type 6"),
  invalid("SUBSCRIBE without its flags", "MQTT-3.8.1-1", V45, "80 08 00 01 00 03 'a/#' 01", MALFORMED, "flags 0"),
  invalid("SUBSCRIBE with DUP", "MQTT-3.8.1-1", V45, "8a 08 00 01 00 03 'a/#' 01", MALFORMED, "flags 10"),
  invalid("UNSUBSCRIBE without its flags", "MQTT-3.10.1-1", V45, "a0 05 00 01 00 01 '+'", MALFORMED, "flags 0"),
  invalid("DISCONNECT with reserved flags", "MQTT-3.14.1-1", V45, "e1 00", MALFORMED, "flags 1"),
  invalid("AUTH with reserved flags", "MQTT-3.15.1-1", V5, "f1 06 18 04 15 00 01 'm'", MALFORMED, "flags 1"),
  invalid("a padded remaining length", "MQTT-1.5.5-1 / 2.2.3", ALL, "c0 80 00", MALFORMED, "remaining length is padded"),
  invalid(
    "a remaining length of five bytes",
    "1.5.5 / 2.2.3",
    ALL,
    "c0 80 80 80 80 01",
    MALFORMED,
    "remaining length needs more than four bytes",
  ),
  invalid("a remaining length beyond the packet", "2.1.4 / 2.2.3", ALL, "c0 01", MALFORMED, "remaining length does not agree"),
  invalid("a remaining length short of the packet", "2.1.4 / 2.2.3", ALL, "40 02 00 01 00", MALFORMED, "remaining length does not agree"),
];

const BAD_CONNECTS: readonly InvalidCase[] = [
  invalid(
    "CONNECT of another protocol",
    "MQTT-3.1.2-1",
    ALL,
    "10 0d | 00 04 'MQTX' 04 02 00 3c 00 01 'c'",
    UNSUPPORTED,
    'protocol name "MQTX"',
  ),
  invalid("CONNECT of level 6", "MQTT-3.1.2-2", ALL, "10 0d | 00 04 'MQTT' 06 02 00 3c 00 01 'c'", UNSUPPORTED, "level 6"),
  invalid("CONNECT of MQTT with level 3", "MQTT-3.1.2-2", ALL, "10 0d | 00 04 'MQTT' 03 02 00 3c 00 01 'c'", UNSUPPORTED, "level 3"),
  invalid("CONNECT of MQIsdp with level 4", "MQTT-3.1.2-1", ALL, "10 0f | 00 06 'MQIsdp' 04 02 00 3c 00 01 'c'", UNSUPPORTED, "level 4"),
  invalid(
    "CONNECT with the reserved flag",
    "MQTT-3.1.2-3",
    V4,
    "10 0d | 00 04 'MQTT' 04 03 00 3c 00 01 'c'",
    MALFORMED,
    "reserved connect flag",
  ),
  invalid(
    "CONNECT with the reserved flag",
    "MQTT-3.1.2-3",
    V5,
    "10 0e | 00 04 'MQTT' 05 03 00 3c 00 00 01 'c'",
    MALFORMED,
    "reserved connect flag",
  ),
  invalid(
    "CONNECT with will QoS 3",
    "MQTT-3.1.2-14",
    V4,
    "10 12 | 00 04 'MQTT' 04 1e 00 3c 00 01 'c' 00 01 'w' 00 00",
    MALFORMED,
    "will QoS is 3",
  ),
  invalid(
    "CONNECT with will QoS and no will",
    "MQTT-3.1.2-11 MQTT-3.1.2-13",
    V4,
    "10 0d | 00 04 'MQTT' 04 0a 00 3c 00 01 'c'",
    MALFORMED,
    "will QoS without a will",
  ),
  invalid(
    "CONNECT with will QoS 3",
    "MQTT-3.1.2-12",
    V5,
    "10 14 | 00 04 'MQTT' 05 1e 00 3c 00 00 01 'c' 00 00 01 'w' 00 00",
    MALFORMED,
    "will QoS is 3",
  ),
  invalid(
    "CONNECT with will QoS and no will",
    "MQTT-3.1.2-11",
    V5,
    "10 0e | 00 04 'MQTT' 05 0a 00 3c 00 00 01 'c'",
    MALFORMED,
    "will QoS without a will",
  ),
  invalid(
    "CONNECT with will retain and no will",
    "MQTT-3.1.2-15",
    V4,
    "10 0d | 00 04 'MQTT' 04 22 00 3c 00 01 'c'",
    MALFORMED,
    "will retain without a will",
  ),
  invalid(
    "CONNECT with will retain and no will",
    "MQTT-3.1.2-13",
    V5,
    "10 0e | 00 04 'MQTT' 05 22 00 3c 00 00 01 'c'",
    MALFORMED,
    "will retain without a will",
  ),
  invalid(
    "CONNECT with a will flag and no will",
    "MQTT-3.1.2-9",
    V4,
    "10 0d | 00 04 'MQTT' 04 06 00 3c 00 01 'c'",
    MALFORMED,
    "will topic is cut off",
  ),
  invalid(
    "CONNECT with a will topic and no will message",
    "MQTT-3.1.2-9",
    V4,
    "10 10 | 00 04 'MQTT' 04 06 00 3c 00 01 'c' 00 01 'w'",
    MALFORMED,
    "will payload is cut off",
  ),
  invalid(
    "CONNECT with an empty will topic",
    "MQTT-4.7.3-1",
    V4,
    "10 11 | 00 04 'MQTT' 04 06 00 3c 00 01 'c' 00 00 00 00",
    MALFORMED,
    "will topic is empty",
  ),
  invalid(
    "CONNECT with a wildcard in the will topic",
    "MQTT-3.3.2-2",
    V4,
    "10 12 | 00 04 'MQTT' 04 06 00 3c 00 01 'c' 00 01 '+' 00 00",
    ReasonCode.TopicNameInvalid,
    "will topic contains a wildcard",
  ),
  invalid(
    "CONNECT with a user name flag and no user name",
    "MQTT-3.1.2-19",
    V4,
    "10 0d | 00 04 'MQTT' 04 82 00 3c 00 01 'c'",
    MALFORMED,
    "user name is cut off",
  ),
  invalid(
    "CONNECT with a user name and no flag",
    "MQTT-3.1.2-18",
    V4,
    "10 10 | 00 04 'MQTT' 04 02 00 3c 00 01 'c' 00 01 'u'",
    MALFORMED,
    "CONNECT has 3 bytes after its last field",
  ),
  invalid(
    "CONNECT with a password flag and no password",
    "MQTT-3.1.2-21",
    V4,
    "10 10 | 00 04 'MQTT' 04 c2 00 3c 00 01 'c' 00 01 'u'",
    MALFORMED,
    "password is cut off",
  ),
  invalid(
    "CONNECT with a password and no flag",
    "MQTT-3.1.2-20",
    V4,
    "10 13 | 00 04 'MQTT' 04 82 00 3c 00 01 'c' 00 01 'u' 00 01 'p'",
    MALFORMED,
    "CONNECT has 3 bytes after its last field",
  ),
  invalid(
    "CONNECT with a password and no user name",
    "MQTT-3.1.2-22",
    V4,
    "10 10 | 00 04 'MQTT' 04 42 00 3c 00 01 'c' 00 01 'p'",
    MALFORMED,
    "password without a user name",
  ),
  invalid(
    "CONNECT with a password and no user name",
    "3.1 (MQTT 3.1)",
    V3,
    "10 12 | 00 06 'MQIsdp' 03 42 00 3c 00 01 'c' 00 01 'p'",
    MALFORMED,
    "password without a user name",
  ),
  invalid(
    "CONNECT with a will flag and no will",
    "MQTT-3.1.2-9",
    V5,
    "10 0e | 00 04 'MQTT' 05 06 00 3c 00 00 01 'c'",
    MALFORMED,
    "property length is cut off",
  ),
  invalid(
    "CONNECT whose will topic is not UTF-8",
    "MQTT-3.1.3-10",
    V4,
    "10 12 | 00 04 'MQTT' 04 06 00 3c 00 01 'c' 00 01 ff 00 00",
    MALFORMED,
    "will topic is not well-formed UTF-8",
  ),
  invalid(
    "CONNECT whose will topic is not UTF-8",
    "MQTT-3.1.3-11",
    V5,
    "10 14 | 00 04 'MQTT' 05 06 00 3c 00 00 01 'c' 00 00 01 ff 00 00",
    MALFORMED,
    "will topic is not well-formed UTF-8",
  ),
  invalid(
    "CONNECT with a user name flag and no user name",
    "MQTT-3.1.2-17",
    V5,
    "10 0e | 00 04 'MQTT' 05 82 00 3c 00 00 01 'c'",
    MALFORMED,
    "user name is cut off",
  ),
  invalid(
    "CONNECT with a user name and no flag",
    "MQTT-3.1.2-16",
    V5,
    "10 11 | 00 04 'MQTT' 05 02 00 3c 00 00 01 'c' 00 01 'u'",
    MALFORMED,
    "CONNECT has 3 bytes after its last field",
  ),
  invalid(
    "CONNECT with a password flag and no password",
    "MQTT-3.1.2-19",
    V5,
    "10 0e | 00 04 'MQTT' 05 42 00 3c 00 00 01 'c'",
    MALFORMED,
    "password is cut off",
  ),
  invalid(
    "CONNECT with a password and no flag",
    "MQTT-3.1.2-18",
    V5,
    "10 14 | 00 04 'MQTT' 05 82 00 3c 00 00 01 'c' 00 01 'u' 00 01 'p'",
    MALFORMED,
    "CONNECT has 3 bytes after its last field",
  ),
  invalid(
    "CONNECT whose user name is not UTF-8",
    "MQTT-3.1.3-11",
    V4,
    "10 10 | 00 04 'MQTT' 04 82 00 3c 00 01 'c' 00 01 ff",
    MALFORMED,
    "user name is not well-formed UTF-8",
  ),
  invalid(
    "CONNECT whose user name is not UTF-8",
    "MQTT-3.1.3-12",
    V5,
    "10 11 | 00 04 'MQTT' 05 82 00 3c 00 00 01 'c' 00 01 ff",
    MALFORMED,
    "user name is not well-formed UTF-8",
  ),
  invalid(
    "CONNECT without a client identifier",
    "MQTT-3.1.3-3",
    V5,
    "10 0b | 00 04 'MQTT' 05 02 00 3c 00",
    MALFORMED,
    "client identifier is cut off",
  ),
  invalid(
    "CONNECT whose client identifier is not UTF-8",
    "MQTT-3.1.3-4",
    V5,
    "10 0e | 00 04 'MQTT' 05 02 00 3c 00 00 01 ff",
    MALFORMED,
    "client identifier is not well-formed UTF-8",
  ),
  invalid(
    "CONNECT without a client identifier",
    "MQTT-3.1.3-3",
    V4,
    "10 0a | 00 04 'MQTT' 04 02 00 3c",
    MALFORMED,
    "client identifier is cut off",
  ),
  invalid(
    "CONNECT whose client identifier is not UTF-8",
    "MQTT-3.1.3-4",
    V4,
    "10 0d | 00 04 'MQTT' 04 02 00 3c 00 01 ff",
    MALFORMED,
    "client identifier is not well-formed UTF-8",
  ),
  invalid(
    "CONNECT of 5.0 without properties",
    "MQTT-2.2.2-1",
    V5,
    "10 0a | 00 04 'MQTT' 05 02 00 3c",
    MALFORMED,
    "property length is cut off",
  ),
  invalid(
    "CONNECT with authentication data and no method",
    "3.1.2.11.10",
    V5,
    "10 12 | 00 04 'MQTT' 05 02 00 3c | 04 16 00 01 ff | 00 01 'c'",
    PROTOCOL,
    "authenticationData without authenticationMethod",
  ),
  invalid("CONNACK with reserved flags", "3.2.2.1", V4, "20 02 02 00", MALFORMED, "reserved connect acknowledge flag"),
  invalid("CONNACK with reserved flags", "MQTT-3.2.2-1", V5, "20 03 02 00 00", MALFORMED, "reserved connect acknowledge flag"),
  invalid("CONNACK with an unknown return code", "table 3.1", V34, "20 02 00 06", PROTOCOL, "reason code 0x6 is not one of CONNACK"),
  invalid(
    "CONNACK with a reason code of DISCONNECT",
    "MQTT-3.2.2-8",
    V5,
    "20 03 00 8d 00",
    PROTOCOL,
    "reason code 0x8d is not one of CONNACK",
  ),
  invalid("CONNACK that refuses with session present", "MQTT-3.2.2-4", V4, "20 02 01 05", PROTOCOL, "session present"),
  invalid("CONNACK that refuses with session present", "MQTT-3.2.2-6", V5, "20 03 01 87 00", PROTOCOL, "session present"),
  invalid("CONNACK of 3.x with properties", "3.2.3", V34, "20 03 00 00 00", MALFORMED, "CONNACK has 1 bytes after its last field"),
];

const BAD_PUBLISHES: readonly InvalidCase[] = [
  invalid("PUBLISH with both QoS bits", "MQTT-3.3.1-4", ALL, "36 07 | 00 03 'a/b' 00 01", MALFORMED, "QoS is 3"),
  invalid("PUBLISH with DUP at QoS 0", "MQTT-3.3.1-2", ALL, "38 05 | 00 03 'a/b'", MALFORMED, "DUP is set at QoS 0"),
  invalid(
    "PUBLISH to a filter with +",
    "MQTT-3.3.2-2",
    ALL,
    "30 05 | 00 03 'a/+'",
    ReasonCode.TopicNameInvalid,
    "topic name contains a wildcard",
  ),
  invalid(
    "PUBLISH to a filter with #",
    "MQTT-3.3.2-2",
    ALL,
    "30 05 | 00 03 'a/#'",
    ReasonCode.TopicNameInvalid,
    "topic name contains a wildcard",
  ),
  invalid(
    "PUBLISH to U+0000",
    "MQTT-1.5.4-2 MQTT-4.7.3-2 / MQTT-1.5.3-2 MQTT-4.7.3-2",
    ALL,
    "30 05 | 00 03 'a/' 00",
    MALFORMED,
    "topic name contains U+0000",
  ),
  invalid("PUBLISH to U+0000", "MQTT-1.5.3-2", V4, "30 06 | 00 04 c3 a9 '/' 00", MALFORMED, "topic name contains U+0000"),
  invalid(
    "PUBLISH to a surrogate",
    "MQTT-1.5.4-1 / MQTT-1.5.3-1",
    ALL,
    "30 05 | 00 03 ed a0 80",
    MALFORMED,
    "topic name is not well-formed",
  ),
  invalid(
    "PUBLISH to an overlong form",
    "MQTT-1.5.4-1 / MQTT-1.5.3-1",
    ALL,
    "30 04 | 00 02 c0 80",
    MALFORMED,
    "topic name is not well-formed",
  ),
  invalid(
    "PUBLISH to a character cut short",
    "MQTT-1.5.4-1 / MQTT-1.5.3-1",
    ALL,
    "30 04 | 00 02 e2 82",
    MALFORMED,
    "topic name is not well-formed",
  ),
  invalid(
    "PUBLISH to a code point above U+10FFFF",
    "MQTT-1.5.4-1 / MQTT-1.5.3-1",
    ALL,
    "30 06 | 00 04 f4 90 80 80",
    MALFORMED,
    "topic name is not well-formed",
  ),
  invalid("PUBLISH to nothing", "MQTT-4.7.3-1", V34, "30 02 | 00 00", PROTOCOL, "topic name is empty"),
  invalid("PUBLISH to nothing without an alias", "3.3.2.1", V5, "30 03 | 00 00 | 00", PROTOCOL, "topic name is empty"),
  invalid("PUBLISH with packet identifier 0", "MQTT-2.2.1-3", V5, "32 08 | 00 03 'a/b' 00 00 00", PROTOCOL, "packet identifier is 0"),
  invalid("PUBLISH with packet identifier 0", "MQTT-2.3.1-1", V34, "34 07 | 00 03 'a/b' 00 00", PROTOCOL, "packet identifier is 0"),
  invalid("PUBLISH without a topic", "MQTT-3.3.2-1", ALL, "30 01 | 00", MALFORMED, "topic name is cut off"),
  invalid("PUBLISH whose topic is longer than the packet", "MQTT-3.3.2-1", ALL, "30 05 | 00 04 'a/b'", MALFORMED, "topic name is cut off"),
  invalid("PUBLISH without its packet identifier", "3.3.2.2", ALL, "32 06 | 00 03 'a/b' 00", MALFORMED, "packet identifier is cut off"),
  invalid("PUBLISH of 5.0 without properties", "MQTT-2.2.2-1", V5, "30 05 | 00 03 'a/b'", MALFORMED, "property length is cut off"),
  invalid(
    "PUBLISH whose properties are longer than the packet",
    "2.2.2.1",
    V5,
    "30 08 | 00 03 'a/b' 03 01 00",
    MALFORMED,
    "properties is cut off",
  ),
  invalid(
    "PUBLISH with a property across the end of the properties",
    "2.2.2.1",
    V5,
    "30 09 | 00 03 'a/b' 02 23 00 01",
    MALFORMED,
    "topicAlias is cut off",
  ),
  invalid(
    "PUBLISH with topic alias 0",
    "MQTT-3.3.2-8",
    V5,
    "30 09 | 00 03 'a/b' 03 23 00 00",
    ReasonCode.TopicAliasInvalid,
    "topicAlias is 0",
  ),
  invalid(
    "PUBLISH with a wildcard in its response topic",
    "MQTT-3.3.2-14",
    V5,
    "30 0a | 00 03 'a/b' 04 08 00 01 '#'",
    ReasonCode.TopicNameInvalid,
    "responseTopic contains a wildcard",
  ),
  invalid(
    "PUBLISH whose response topic is not UTF-8",
    "MQTT-3.3.2-13",
    V5,
    "30 0a | 00 03 'a/b' 04 08 00 01 ff",
    MALFORMED,
    "responseTopic is not well-formed",
  ),
  invalid(
    "PUBLISH whose content type is not UTF-8",
    "MQTT-3.3.2-19",
    V5,
    "30 0a | 00 03 'a/b' 04 03 00 01 ff",
    MALFORMED,
    "contentType is not well-formed",
  ),
  invalid(
    "PUBLISH with an empty response topic",
    "MQTT-4.7.3-1",
    V5,
    "30 09 | 00 03 'a/b' 03 08 00 00",
    MALFORMED,
    "responseTopic is empty",
  ),
  invalid("PUBLISH with an unknown property", "2.2.2.2", V5, "30 08 | 00 03 'a/b' 02 7f 00", MALFORMED, "property 0x7f is unknown"),
  invalid(
    "PUBLISH with a property identifier of two bytes",
    "2.2.2.2",
    V5,
    "30 09 | 00 03 'a/b' 03 81 01 00",
    MALFORMED,
    "property 0x81 is unknown",
  ),
  invalid(
    "PUBLISH with a padded property identifier",
    "MQTT-1.5.5-1",
    V5,
    "30 09 | 00 03 'a/b' 03 81 00 00",
    MALFORMED,
    "property identifier is padded",
  ),
  invalid("PUBLISH with a padded property length", "MQTT-1.5.5-1", V5, "30 07 | 00 03 'a/b' 80 00", MALFORMED, "property length is padded"),
];

const BAD_ACKS: readonly InvalidCase[] = (
  [
    ["PUBACK", "40", "MQTT-3.4.2-1"],
    ["PUBREC", "50", "MQTT-3.5.2-1"],
    ["PUBREL", "62", "MQTT-3.6.2-1"],
    ["PUBCOMP", "70", "MQTT-3.7.2-1"],
  ] as const
).flatMap(([name, first, clause]) => [
  invalid(`${name} with packet identifier 0`, "MQTT-2.2.1-5 / MQTT-2.3.1-6", ALL, `${first} 02 00 00`, PROTOCOL, "packet identifier is 0"),
  invalid(
    `${name} without a packet identifier`,
    "MQTT-2.2.1-5 / MQTT-2.3.1-6",
    ALL,
    `${first} 01 00`,
    MALFORMED,
    "packet identifier is cut off",
  ),
  invalid(`${name} with a reason code of SUBACK`, clause, V5, `${first} 03 00 01 01`, PROTOCOL, "reason code 0x1 is not one of"),
  invalid(`${name} of 3.x with a reason code`, "3.4.3", V34, `${first} 03 00 01 00`, MALFORMED, "acknowledgement has 1 bytes after"),
  invalid(
    `${name} with a byte after its properties`,
    "3.4.3",
    V5,
    `${first} 05 00 01 00 00 00`,
    MALFORMED,
    "acknowledgement has 1 bytes after",
  ),
]);

const BAD_SUBSCRIBES: readonly InvalidCase[] = [
  invalid(
    "SUBSCRIBE with packet identifier 0",
    "MQTT-2.2.1-3 / MQTT-2.3.1-1",
    ALL,
    "82 08 | 00 00 | 00 03 'a/#' 01",
    PROTOCOL,
    "packet identifier is 0",
  ),
  invalid("SUBSCRIBE to nothing", "MQTT-3.8.3-3", V34, "82 02 | 00 01", PROTOCOL, "SUBSCRIBE has no topic filter"),
  invalid("SUBSCRIBE to nothing", "MQTT-3.8.3-2", V5, "82 03 | 00 01 00", PROTOCOL, "SUBSCRIBE has no topic filter"),
  invalid("SUBSCRIBE to an empty filter", "MQTT-4.7.3-1", V34, "82 05 | 00 01 | 00 00 01", MALFORMED, "topic filter is empty"),
  invalid(
    "SUBSCRIBE to a filter that is not UTF-8",
    "MQTT-3.8.3-1",
    V34,
    "82 06 | 00 01 | 00 01 80 01",
    MALFORMED,
    "topic filter is not well-formed",
  ),
  invalid(
    "SUBSCRIBE to a filter that is not UTF-8",
    "MQTT-3.8.3-1",
    V5,
    "82 07 | 00 01 00 | 00 01 80 01",
    MALFORMED,
    "topic filter is not well-formed",
  ),
  invalid("SUBSCRIBE without options", "MQTT-3.8.3-2", V5, "82 06 | 00 01 00 | 00 01 'a'", MALFORMED, "subscription options is cut off"),
  invalid("SUBSCRIBE without options", "MQTT-3.8.3-3", V34, "82 05 | 00 01 | 00 01 'a'", MALFORMED, "subscription options is cut off"),
  invalid("SUBSCRIBE at QoS 3", "MQTT-3-8.3-4", V34, "82 06 | 00 01 | 00 01 'a' 03", MALFORMED, "subscription QoS is 3"),
  invalid("SUBSCRIBE at QoS 3", "3.8.3.1", V5, "82 07 | 00 01 00 | 00 01 'a' 03", PROTOCOL, "subscription QoS is 3"),
  invalid("SUBSCRIBE with reserved bits", "MQTT-3-8.3-4", V34, "82 06 | 00 01 | 00 01 'a' 04", MALFORMED, "reserved subscription option"),
  invalid("SUBSCRIBE with reserved bits", "MQTT-3.8.3-5", V5, "82 07 | 00 01 00 | 00 01 'a' 41", MALFORMED, "reserved subscription option"),
  invalid("SUBSCRIBE with retain handling 3", "3.8.3.1", V5, "82 07 | 00 01 00 | 00 01 'a' 31", PROTOCOL, "retain handling is 3"),
  invalid(
    "SUBSCRIBE with subscription identifier 0",
    "3.8.2.1.2",
    V5,
    "82 09 | 00 01 | 02 0b 00 | 00 01 'a' 00",
    PROTOCOL,
    "subscriptionIdentifier is 0",
  ),
  invalid("SUBACK with packet identifier 0", "MQTT-2.2.1-6 / MQTT-2.3.1-7", ALL, "90 03 | 00 00 00", PROTOCOL, "packet identifier is 0"),
  invalid("SUBACK without a code", "3.9.3", V34, "90 02 | 00 01", PROTOCOL, "SUBACK has no reason code"),
  invalid(
    "SUBACK with a reserved return code",
    "MQTT-3.9.3-2",
    V34,
    "90 03 | 00 01 | 03",
    PROTOCOL,
    "reason code 0x3 is not one of SUBACK",
  ),
  invalid(
    "SUBACK with a reason code of CONNACK",
    "MQTT-3.9.3-2",
    V5,
    "90 04 | 00 01 00 | 84",
    PROTOCOL,
    "reason code 0x84 is not one of SUBACK",
  ),
  invalid("UNSUBSCRIBE with packet identifier 0", "MQTT-2.3.1-1", V34, "a2 05 | 00 00 | 00 01 'a'", PROTOCOL, "packet identifier is 0"),
  invalid("UNSUBSCRIBE from nothing", "MQTT-3.10.3-2", V34, "a2 02 | 00 01", PROTOCOL, "UNSUBSCRIBE has no topic filter"),
  invalid("UNSUBSCRIBE from nothing", "MQTT-3.10.3-2", V5, "a2 03 | 00 01 00", PROTOCOL, "UNSUBSCRIBE has no topic filter"),
  invalid("UNSUBSCRIBE from an empty filter", "MQTT-4.7.3-1", V34, "a2 04 | 00 01 | 00 00", MALFORMED, "topic filter is empty"),
  invalid(
    "UNSUBSCRIBE from a filter that is not UTF-8",
    "MQTT-3.10.3-1",
    V34,
    "a2 05 | 00 01 | 00 01 c3",
    MALFORMED,
    "topic filter is not well-formed",
  ),
  invalid(
    "UNSUBSCRIBE from a filter that is not UTF-8",
    "MQTT-3.10.3-1",
    V5,
    "a2 06 | 00 01 00 | 00 01 c3",
    MALFORMED,
    "topic filter is not well-formed",
  ),
  invalid("UNSUBACK of 3.x with codes", "3.11.3", V34, "b0 03 | 00 01 | 00", MALFORMED, "UNSUBACK has 1 bytes after"),
  invalid("UNSUBACK without a code", "3.11.3", V5, "b0 03 | 00 01 00", PROTOCOL, "UNSUBACK has no reason code"),
  invalid("UNSUBACK with a granted QoS", "MQTT-3.11.3-2", V5, "b0 04 | 00 01 00 | 01", PROTOCOL, "reason code 0x1 is not one of UNSUBACK"),
];

const BAD_OTHERS: readonly InvalidCase[] = [
  invalid("PINGREQ with a body", "3.12.2", ALL, "c0 01 00", MALFORMED, "ping has 1 bytes after"),
  invalid("PINGRESP with a body", "3.13.2", ALL, "d0 01 00", MALFORMED, "ping has 1 bytes after"),
  invalid("DISCONNECT of 3.x with a reason code", "3.14.2", V34, "e0 01 00", MALFORMED, "DISCONNECT has 1 bytes after"),
  invalid(
    "DISCONNECT with a reason code of CONNACK",
    "MQTT-3.14.2-1",
    V5,
    "e0 01 85",
    PROTOCOL,
    "reason code 0x85 is not one of DISCONNECT",
  ),
  invalid("DISCONNECT with a byte after its properties", "3.14.3", V5, "e0 03 00 00 00", MALFORMED, "DISCONNECT has 1 bytes after"),
  invalid(
    "AUTH with a reason code of DISCONNECT",
    "MQTT-3.15.2-1",
    V5,
    "f0 06 04 04 15 00 01 'm'",
    PROTOCOL,
    "reason code 0x4 is not one of AUTH",
  ),
  invalid("AUTH without a body", "3.15.2.2.2", V5, "f0 00", PROTOCOL, "authenticationMethod is missing"),
  invalid("AUTH without a method", "3.15.2.2.2", V5, "f0 02 18 00", PROTOCOL, "authenticationMethod is missing"),
  invalid("AUTH with a byte after its properties", "3.15.3", V5, "f0 07 18 04 15 00 01 'm' 00", MALFORMED, "AUTH has 1 bytes after"),
];

export const INVALID: readonly InvalidCase[] = [
  ...FIXED_HEADERS,
  ...BAD_CONNECTS,
  ...BAD_PUBLISHES,
  ...BAD_ACKS,
  ...BAD_SUBSCRIBES,
  ...BAD_OTHERS,
];
