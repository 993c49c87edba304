import { describe, expect, it } from "vitest";
import { INCOMPLETE, packetLength } from "../../src/codec/frame.js";
import { ProtocolError } from "../../src/codec/protocol-error.js";
import { Input } from "../../src/connection/input.js";
import { PING, publishBytes } from "./support.js";

const NEXT = Buffer.from([0xc0, 0x00, 0xd0]);

describe("Input", () => {
  it.each([
    ["the shortest packet", PING],
    ["one length byte", publishBytes("x".repeat(100))],
    ["two", publishBytes("x".repeat(200))],
    ["three", publishBytes("x".repeat(20_000))],
  ])("completes a packet that is cut at any byte, and takes nothing of the next: %s", (_, packet) => {
    const cuts = Array.from({ length: packet.length }, (_, cut) => cut).filter(
      (cut) => cut > 0 && (cut < 300 || packet.length - cut < 300),
    );
    for (const cut of cuts) {
      const input = new Input();
      input.append(packet, 0, cut);
      const rest = Buffer.concat([packet.subarray(cut), NEXT]);
      expect([input.complete(rest), input.length]).toEqual([packet.length - cut, packet.length]);
      expect(packet.equals(input.bytes.subarray(0, input.length))).toBe(true);
    }
  });

  it("completes a packet that comes byte by byte", () => {
    const packet = publishBytes("x".repeat(200));
    const input = new Input();
    input.append(packet, 0, 1);
    for (let i = 1; i < packet.length; i++) {
      expect(input.complete(packet.subarray(i, i + 1))).toBe(1);
      const length = packetLength(input.bytes, 0, input.length);
      expect(length !== INCOMPLETE && length <= input.length).toBe(i === packet.length - 1);
    }
    expect(packet.equals(input.bytes.subarray(0, input.length))).toBe(true);
  });

  it("takes nothing if the packet is whole already", () => {
    const input = new Input();
    input.append(Buffer.concat([PING, PING]), 0, 4);
    expect([input.complete(NEXT), input.length]).toEqual([0, 4]);
  });

  it("refuses a malformed header as soon as it is seen (1.5.5)", () => {
    const input = new Input();
    input.append(Buffer.from([0x30, 0xff, 0xff]), 0, 3);
    expect(() => input.complete(Buffer.from([0xff, 0xff, 0x7f]))).toThrow(ProtocolError);
  });

  it("takes memory for what has come, not for what a header promises", () => {
    const input = new Input();
    input.append(Buffer.from("30ffffff7f", "hex"), 0, 5);
    input.complete(Buffer.alloc(1_000));
    expect([input.length, input.bytes.length <= 2_100]).toEqual([1_005, true]);
  });

  it("keeps packets that wait, in order", () => {
    const input = new Input();
    for (let i = 0; i < 1_000; i++) input.append(Uint8Array.of(0, i & 0xff, 0), 1, 2);
    expect([...input.bytes.subarray(0, input.length)]).toEqual(Array.from({ length: 1_000 }, (_, i) => i & 0xff));
  });
});
