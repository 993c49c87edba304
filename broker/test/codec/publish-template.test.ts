import { describe, expect, it } from "vitest";
import { encode } from "../../src/codec/codec.js";
import { PacketType, type PublishPacket } from "../../src/codec/packet.js";
import { publishFlags } from "../../src/codec/publish.js";
import { copyPublish, publishTemplate } from "../../src/codec/publish-template.js";
import { hexOf } from "./hex.js";

const message: PublishPacket = {
  type: PacketType.Publish,
  dup: false,
  qos: 1,
  retain: false,
  topic: "a/é",
  packetId: 0,
  properties: { contentType: "t" },
  payload: new Uint8Array(200), // two length bytes
};

describe("copyPublish()", () => {
  it.each([3, 4, 5] as const)("gives each receiver the bytes that encode() gives it, in version %i", (version) => {
    const templates = [publishTemplate({ ...message, qos: 0 }, version), publishTemplate(message, version)] as const;
    const target = new Uint8Array(300);

    for (const qos of [0, 1, 2] as const) {
      for (const dup of qos === 0 ? [false] : [false, true]) {
        for (const retain of [false, true]) {
          const packetId = qos === 0 ? 0 : 0xfffe;
          const end = copyPublish(templates[qos === 0 ? 0 : 1], target, 7, publishFlags(qos, dup, retain), packetId);
          expect(hexOf(target.subarray(7, end))).toBe(hexOf(encode({ ...message, qos, dup, retain, packetId }, version)));
        }
      }
    }
  });

  it("leaves the template as it was", () => {
    const template = publishTemplate(message, 5);
    const before = hexOf(template.bytes);
    copyPublish(template, new Uint8Array(300), 0, publishFlags(2, true, true), 9);
    expect(hexOf(template.bytes)).toBe(before);
  });

  it("refuses a packet identifier that does not go with the QoS, and a target that is too short", () => {
    const [none, some] = [publishTemplate({ ...message, qos: 0 }, 4), publishTemplate(message, 4)];
    const target = new Uint8Array(300);
    expect(() => copyPublish(none, target, 0, publishFlags(0, false, false), 1)).toThrow(RangeError);
    expect(() => copyPublish(none, target, 0, publishFlags(1, false, false), 0)).toThrow(RangeError);
    expect(() => copyPublish(some, target, 0, publishFlags(1, false, false), 0)).toThrow(RangeError);
    expect(() => copyPublish(some, target, 0, publishFlags(0, false, false), 1)).toThrow(RangeError);
    expect(() => copyPublish(some, target, 0, publishFlags(1, false, false), 65_536)).toThrow(RangeError);
    expect(() => copyPublish(some, target, 200, publishFlags(1, false, false), 1)).toThrow(RangeError);
  });
});

describe("publishFlags()", () => {
  it("has no DUP at QoS 0 [MQTT-3.3.1-2] and no QoS 3 [MQTT-3.3.1-4]", () => {
    expect(() => publishFlags(0, true, false)).toThrow(RangeError);
    expect(() => publishFlags(3 as 2, false, false)).toThrow(RangeError);
  });
});
