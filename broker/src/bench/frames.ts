import { INCOMPLETE, packetLength } from "../codec/frame.js";

/** Takes whole frames; `bytes` are valid during the call only. */
export interface FrameVisitor {
  onFrame(bytes: Uint8Array, start: number, end: number): void;
}

/**
 * Hands over each whole frame of a stream that is cut anywhere. `carry` is what the last call returned: the beginning of a frame whose end
 * had not come. Nothing is kept per stream besides that, and nothing allocated where reads end with a frame. Throws ProtocolError.
 */
export function scanFrames(carry: Uint8Array | undefined, bytes: Uint8Array, visitor: FrameVisitor): Uint8Array | undefined {
  const input = carry === undefined ? bytes : Buffer.concat([carry, bytes]);
  const end = input.length;
  let at = 0;
  while (at < end) {
    const length = packetLength(input, at, end);
    if (length === INCOMPLETE || at + length > end) return input.slice(at);
    visitor.onFrame(input, at, at + length);
    at += length;
  }
  return undefined;
}
