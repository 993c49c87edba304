import { describe, expect, it } from "vitest";
import { FrameScanner } from "../../../bench/generator/frame-scanner.js";
import { publishFrame } from "../../../bench/generator/frames.js";
import { bytesOf, hexOf } from "../../codec/hex.js";

const ACKS = ["40 02 00 01", "62 02 00 02", "40 03 00 03 10", "d0 00"];

describe("FrameScanner", () => {
  it("visits each frame once, wherever the stream is cut", () => {
    const message = hexOf(publishFrame("p/1", 1, 7, 4));
    const frames = [message, ...ACKS, message];
    const stream = bytesOf(frames.join(" "));
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(visitedIn([stream.subarray(0, cut), stream.subarray(cut)]), `cut at ${cut}`).toEqual(frames);
    }
  });

  it("visits frames that come byte by byte", () => {
    const stream = bytesOf(ACKS.join(" "));
    expect(visitedIn(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(ACKS);
  });

  it("refuses a frame that it has no room for", () => {
    expect(() => visitedIn([bytesOf("30 80 01")])).toThrow("a frame of more than 129 bytes came, first byte 48");
  });
});

function visitedIn(chunks: readonly Uint8Array[]): string[] {
  const visited: string[] = [];
  const scanner = new FrameScanner((bytes, start) => {
    visited.push(hexOf(bytes.subarray(start, start + 2 + bytes[start + 1]!)));
  });
  for (const chunk of chunks) scanner.scan(chunk);
  return visited;
}
