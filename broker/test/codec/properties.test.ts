import { describe, expect, it } from "vitest";
import { decode } from "../../src/codec/codec.js";
import { type AckPacket, PacketType } from "../../src/codec/packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, withoutOptionalProperties, writeProperties } from "../../src/codec/properties.js";
import { PROPERTIES, type PropertyCarrier, type PropertyRow, WILL } from "../../src/codec/property-table.js";
import { ProtocolError } from "../../src/codec/protocol-error.js";
import { Reader } from "../../src/codec/reader.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { Writer } from "../../src/codec/writer.js";
import { bytesOf, hexOf } from "./hex.js";
import { VALID } from "./packets.js";

const CARRIERS: readonly PropertyCarrier[] = [WILL, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15];

/** A value of each type, on the wire and decoded. */
const SAMPLES: Readonly<Record<PropertyRow["type"], readonly [hex: string, value: unknown]>> = {
  bit: ["01", 1],
  boolean: ["00", false],
  u16: ["ff fe", 65_534],
  u32: ["ff ff ff fe", 4_294_967_294],
  varint: ["80 80 01", 16_384],
  utf8: ["00 02 c3 a9", "é"],
  topic: ["00 03 'a/b'", "a/b"],
  binary: ["00 02 00 ff", bytesOf("00 ff")],
  pair: ["00 01 'k' 00 00", ["k", ""]],
};

const ZEROS: Partial<Record<PropertyRow["type"], string>> = { u16: "00 00", u32: "00 00 00 00", varint: "00" };

const rowsAndCarriers = PROPERTIES.flatMap((row) => row.carriers.map((carrier) => [row.name, carrier, row] as const));

function read(carrier: PropertyCarrier, ...properties: Uint8Array[]): object {
  const content = properties.flatMap((bytes) => [...bytes]);
  const reader = new Reader(Uint8Array.from([content.length, ...content]), 0, content.length + 1);
  const result = readProperties(reader, carrier);
  expect(reader.remaining).toBe(0);
  return result;
}

function sampleOf(row: PropertyRow, value = SAMPLES[row.type][0]): Uint8Array {
  return Uint8Array.from([row.id, ...bytesOf(value)]);
}

function codeOf(act: () => unknown): ReasonCode | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof ProtocolError) return error.reasonCode;
    throw error;
  }
  return undefined;
}

describe("the properties", () => {
  it.each(rowsAndCarriers)("%s in packet type %i: read, and written to the same bytes", (name, carrier, row) => {
    const value = row.repeatable ? [SAMPLES[row.type][1]] : SAMPLES[row.type][1];
    const properties = read(carrier, sampleOf(row));
    expect(properties).toEqual({ [name]: value });

    const length = propertiesLength(properties, carrier);
    const bytes = new Uint8Array(length);
    writeProperties(new Writer(bytes, 0), properties, carrier);
    expect(hexOf(bytes)).toBe(hexOf(Uint8Array.from([length - 1, ...sampleOf(row)])));
  });

  it.each(rowsAndCarriers)("%s in packet type %i: twice is a list or a protocol error [2.2.2.2]", (name, carrier, row) => {
    const twice = () => read(carrier, sampleOf(row), sampleOf(row));
    if (row.repeatable) expect(twice()).toEqual({ [name]: [SAMPLES[row.type][1], SAMPLES[row.type][1]] });
    else expect(codeOf(twice)).toBe(ReasonCode.ProtocolError);
  });

  it.each(CARRIERS)("in packet type %i: an identifier that belongs elsewhere is malformed [2.2.2.2]", (carrier) => {
    const allowed = new Set(PROPERTIES.filter((row) => row.carriers.includes(carrier)).map((row) => row.id));
    for (const row of PROPERTIES) {
      if (allowed.has(row.id)) continue;
      expect(codeOf(() => read(carrier, sampleOf(row)))).toBe(ReasonCode.MalformedPacket);
      expect(() => propertiesLength({ [row.name]: SAMPLES[row.type][1] }, carrier)).toThrow(RangeError);
    }
  });

  it.each(rowsAndCarriers)("%s in packet type %i: cut off is malformed", (_, carrier, row) => {
    const sample = sampleOf(row);
    for (let end = 1; end < sample.length; end++) {
      expect(codeOf(() => read(carrier, sample.subarray(0, end)))).toBe(ReasonCode.MalformedPacket);
    }
  });

  it.each([
    ["receiveMaximum", "3.1.2.11.3", ReasonCode.ProtocolError],
    ["maximumPacketSizeBytes", "3.1.2.11.4", ReasonCode.ProtocolError],
    ["subscriptionIdentifier", "3.8.2.1.2", ReasonCode.ProtocolError],
    ["subscriptionIdentifiers", "3.3.2.3.8", ReasonCode.ProtocolError],
    ["topicAlias", "MQTT-3.3.2-8", ReasonCode.TopicAliasInvalid],
  ])("%s is not 0 [%s]", (name, _, reasonCode) => {
    const row = PROPERTIES.find((one) => one.name === name)!;
    for (const carrier of row.carriers) {
      expect(codeOf(() => read(carrier, sampleOf(row, ZEROS[row.type]!)))).toBe(reasonCode);
      expect(() => propertiesLength({ [name]: row.repeatable ? [0] : 0 }, carrier)).toThrow(RangeError);
    }
  });

  it("every other number may be 0", () => {
    for (const [name, carrier, row] of rowsAndCarriers) {
      const zero = ZEROS[row.type];
      if (zero !== undefined && row.zeroIs === undefined) expect(read(carrier, sampleOf(row, zero))).toEqual({ [name]: 0 });
    }
  });

  it("a bit or boolean above 1 is a protocol error [3.2.2.3.4, 3.2.2.3.5, 3.1.2.11.6]", () => {
    for (const [, carrier, row] of rowsAndCarriers) {
      if (row.type !== "bit" && row.type !== "boolean") continue;
      expect(codeOf(() => read(carrier, sampleOf(row, "02")))).toBe(ReasonCode.ProtocolError);
    }
  });

  it("a user property has two strings of UTF-8 [MQTT-1.5.7-1]", () => {
    expect(codeOf(() => read(PacketType.Connect, bytesOf("26 00 01 ff 00 00")))).toBe(ReasonCode.MalformedPacket);
    expect(codeOf(() => read(PacketType.Connect, bytesOf("26 00 00 00 01 00")))).toBe(ReasonCode.MalformedPacket);
  });

  it("none are one shared object", () => {
    expect(read(PacketType.Connect)).toBe(NO_PROPERTIES);
    expect(Object.isFrozen(NO_PROPERTIES)).toBe(true);
  });

  it("each occurs in the table of packets", () => {
    const seen = new Set(VALID.flatMap(({ packet }) => propertyNamesOf(packet)));
    expect(PROPERTIES.map((row) => row.name).filter((name) => !seen.has(name))).toEqual([]);
  });
});

describe("withoutOptionalProperties()", () => {
  it("drops the reason string and the user properties, and nothing else [MQTT-3.4.2-2] [MQTT-3.4.2-3]", () => {
    const bytes = bytesOf("40 0f | 01 02 | 10 | 0b | 1f 00 01 'e' | 26 00 01 'k' 00 01 '1'");
    const packet = decode(bytes, 0, bytes.length, 5) as AckPacket;
    expect(withoutOptionalProperties(packet)).toEqual({ ...packet, properties: {} });

    const properties = { serverReference: "s", reasonString: "e" };
    const disconnect = { type: PacketType.Disconnect, reasonCode: ReasonCode.ServerMoved, properties } as const;
    expect(withoutOptionalProperties(disconnect).properties).toEqual({ serverReference: "s" });
  });
});

function propertyNamesOf(value: object): string[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === "properties") return Object.keys(inner as object);
    return name === "will" && inner !== undefined ? propertyNamesOf(inner as object) : [];
  });
}
