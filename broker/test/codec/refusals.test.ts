import { describe, expect, it } from "vitest";
import { encode } from "../../src/codec/codec.js";
import { connectLevel } from "../../src/codec/connect.js";
import { type ConnectPacket, type Packet, PacketType, type ProtocolVersion, type PublishPacket } from "../../src/codec/packet.js";
import { packetTooLarge } from "../../src/codec/protocol-error.js";
import { isReasonCodeOf, REASON_CODE_OF_RETURN_CODE, ReasonCode, returnCodeOf } from "../../src/codec/reason-code.js";
import { bytesOf, hexOf } from "./hex.js";

const properties = {};
const payload = new Uint8Array();
const connect: ConnectPacket = { type: PacketType.Connect, version: 4, cleanStart: true, keepAliveSeconds: 0, clientId: "c", properties };
const publish: PublishPacket = {
  type: PacketType.Publish,
  dup: false,
  qos: 0,
  retain: false,
  topic: "a",
  packetId: 0,
  properties,
  payload,
};
const will = { topic: "w", payload, qos: 0, retain: false, properties } as const;
const subscription = { topicFilter: "a", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
const subscribe = { type: PacketType.Subscribe, packetId: 1, properties, subscriptions: [subscription] } as const;

/** What TypeScript would not let through, or cannot see. */
const REFUSED: readonly (readonly [why: string, version: ProtocolVersion, packet: unknown, message: string])[] = [
  ["a keep alive above 65,535 s", 4, { ...connect, keepAliveSeconds: 65_536 }, "keepAliveSeconds"],
  ["a keep alive of half a second", 4, { ...connect, keepAliveSeconds: 0.5 }, "keepAliveSeconds"],
  ["a client identifier above 65,535 bytes", 4, { ...connect, clientId: "c".repeat(65_536) }, "clientId"],
  ["a password without a user name before 5.0", 4, { ...connect, password: payload }, "password"],
  ["a password above 65,535 bytes", 5, { ...connect, version: 5, password: new Uint8Array(65_536) }, "password"],
  ["a will without a topic", 4, { ...connect, will: { ...will, topic: "" } }, "will.topic"],
  ["a will at QoS 3", 4, { ...connect, will: { ...will, qos: 3 } }, "will.qos"],
  [
    "a CONNACK with a code that 3.x has no word for",
    4,
    { type: PacketType.Connack, sessionPresent: false, reasonCode: 0x81, properties },
    "reasonCode",
  ],
  [
    "a CONNACK with a code of DISCONNECT",
    5,
    { type: PacketType.Connack, sessionPresent: false, reasonCode: 0x8e, properties },
    "reasonCode",
  ],
  [
    "a CONNACK that refuses with session present",
    5,
    { type: PacketType.Connack, sessionPresent: true, reasonCode: 0x87, properties },
    "sessionPresent",
  ],
  ["an empty topic before 5.0", 4, { ...publish, topic: "", properties: { topicAlias: 1 } }, "topic"],
  ["an empty topic without an alias", 5, { ...publish, topic: "" }, "topic"],
  ["a topic with U+0000", 5, { ...publish, topic: "\0" }, "topic"],
  ["QoS 1 without a packet identifier", 4, { ...publish, qos: 1 }, "packetId"],
  ["a packet identifier of three bytes", 4, { ...publish, qos: 1, packetId: 65_536 }, "packetId"],
  ["QoS 3", 4, { ...publish, qos: 3, packetId: 1 }, "qos"],
  ["DUP at QoS 0", 4, { ...publish, dup: true }, "dup"],
  ["a payload above 256 MiB", 4, { ...publish, payload: { length: 268_435_453 } }, "at most 268435455"],
  [
    "a message expiry above 32 bits",
    5,
    { ...publish, properties: { messageExpiryIntervalSeconds: 2 ** 32 } },
    "messageExpiryIntervalSeconds",
  ],
  ["a payload format indicator of 2", 5, { ...publish, properties: { payloadFormatIndicator: 2 } }, "payloadFormatIndicator"],
  [
    "a subscription identifier above 28 bits",
    5,
    { ...publish, properties: { subscriptionIdentifiers: [268_435_456] } },
    "subscriptionIdentifiers",
  ],
  ["an empty response topic", 5, { ...publish, properties: { responseTopic: "" } }, "responseTopic"],
  ["a property of another packet", 5, { ...publish, properties: { reasonString: "" } }, "'reasonString' is not a property of this packet"],
  ["PUBACK with packet identifier 0", 4, { type: PacketType.Puback, packetId: 0, reasonCode: 0, properties }, "packetId"],
  ["PUBREL with a code of PUBACK", 5, { type: PacketType.Pubrel, packetId: 1, reasonCode: 0x87, properties }, "reasonCode"],
  ["SUBSCRIBE to nothing", 4, { ...subscribe, subscriptions: [] }, "subscriptions"],
  ["SUBSCRIBE to an empty filter", 4, { ...subscribe, subscriptions: [{ ...subscription, topicFilter: "" }] }, "topicFilter"],
  ["SUBSCRIBE at QoS 3", 4, { ...subscribe, subscriptions: [{ ...subscription, qos: 3 }] }, "qos"],
  ["retain handling 3", 5, { ...subscribe, subscriptions: [{ ...subscription, retainHandling: 3 }] }, "retainHandling"],
  ["SUBACK without codes", 4, { type: PacketType.Suback, packetId: 1, properties, reasonCodes: [] }, "reasonCodes"],
  ["SUBACK that grants QoS 3", 4, { type: PacketType.Suback, packetId: 1, properties, reasonCodes: [3] }, "reasonCodes"],
  ["UNSUBSCRIBE from nothing", 4, { type: PacketType.Unsubscribe, packetId: 1, properties, topicFilters: [] }, "topicFilters"],
  ["UNSUBACK without codes in 5.0", 5, { type: PacketType.Unsuback, packetId: 1, properties, reasonCodes: [] }, "reasonCodes"],
  ["UNSUBACK with a granted QoS", 5, { type: PacketType.Unsuback, packetId: 1, properties, reasonCodes: [2] }, "reasonCodes"],
  ["DISCONNECT with a code of CONNACK", 5, { type: PacketType.Disconnect, reasonCode: 0x85, properties }, "reasonCode"],
  ["AUTH before 5.0", 4, { type: PacketType.Auth, reasonCode: 0, properties: { authenticationMethod: "m" } }, "AUTH"],
  ["AUTH without a method", 5, { type: PacketType.Auth, reasonCode: 0, properties }, "authenticationMethod"],
  ["AUTH with a code of DISCONNECT", 5, { type: PacketType.Auth, reasonCode: 4, properties: { authenticationMethod: "m" } }, "reasonCode"],
];

describe("encode()", () => {
  it.each(REFUSED)("refuses %s", (_, version, packet, message) => {
    expect(() => encode(packet as Packet, version)).toThrow(RangeError);
    expect(() => encode(packet as Packet, version)).toThrow(message);
  });

  it.each([
    [
      "the properties and reason code of an acknowledgement",
      { type: PacketType.Puback, packetId: 1, reasonCode: 0x10, properties: { reasonString: "e" } },
      "40 02 00 01",
    ],
    ["the properties of a message", { ...publish, properties: { contentType: "t" } }, "30 03 00 01 61"],
    [
      "the options of a subscription but the QoS",
      { ...subscribe, subscriptions: [{ ...subscription, noLocal: true, retainHandling: 2 }] },
      "82 06 00 01 00 01 61 00",
    ],
    ["which failure a SUBACK reports", { type: PacketType.Suback, packetId: 1, properties, reasonCodes: [0x87, 1] }, "90 04 00 01 80 01"],
    ["the codes of an UNSUBACK", { type: PacketType.Unsuback, packetId: 1, properties, reasonCodes: [0x11] }, "b0 02 00 01"],
    ["the reason of a DISCONNECT", { type: PacketType.Disconnect, reasonCode: 0x8b, properties: { reasonString: "e" } }, "e0 00"],
    [
      "whether a server is busy or unavailable",
      { type: PacketType.Connack, sessionPresent: false, reasonCode: 0x89, properties },
      "20 02 00 03",
    ],
  ] satisfies [string, Packet, string][])("leaves out what 3.1.1 cannot say: %s", (_, packet, expected) => {
    expect(hexOf(encode(packet, 4))).toBe(expected);
  });

  it("has no session present flag in 3.1", () => {
    expect(hexOf(encode({ type: PacketType.Connack, sessionPresent: true, reasonCode: 0, properties }, 3))).toBe("20 02 00 00");
  });
});

describe("connectLevel()", () => {
  it.each([
    ["10 0f | 00 06 'MQIsdp' 03", 3],
    ["10 0d | 00 04 'MQTT' 04", 4],
    ["10 ff 01 | 00 04 'MQTT' 05", 5],
    ["10 0d | 00 04 'MQTT' 06", 6],
    ["10 0d | 00 04 'MQTT'", undefined],
    ["10 0d | 00", undefined],
    ["10 ff", undefined],
    ["", undefined],
  ])("%s -> %s", (hex, expected) => {
    const bytes = bytesOf(hex);
    expect(connectLevel(bytes, 0, bytes.length)).toBe(expected);
  });
});

describe("the reason codes", () => {
  it("of 3.x go both ways", () => {
    expect(REASON_CODE_OF_RETURN_CODE.map(returnCodeOf)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(returnCodeOf(ReasonCode.MalformedPacket)).toBeUndefined(); // then there is no CONNACK, 3.1.1 [MQTT-3.2.2-6]
  });

  it("each belong to a packet", () => {
    const types = Object.values(PacketType);
    expect(Object.values(ReasonCode).filter((code) => !types.some((type) => isReasonCodeOf(type, code)))).toEqual([]);
    expect(isReasonCodeOf(PacketType.Publish, 0)).toBe(false);
  });

  it("include one for a packet that is too large", () => {
    expect(packetTooLarge(1001, 1000)).toMatchObject({ reasonCode: ReasonCode.PacketTooLarge, message: expect.stringContaining("1001") });
  });
});
