/** What a frame is (RFC 6455, 5.2). */
export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** Why a connection closes (RFC 6455, 7.4.1). */
export const CloseStatus = { NORMAL: 1000, PROTOCOL_ERROR: 1002, UNSUPPORTED: 1003, TOO_BIG: 1009 } as const;

/** Longest payload of a control frame, and longest that needs no length bytes of its own. */
export const MAX_SHORT_PAYLOAD = 125;

const FIN = 0x80;

/** A whole message in one frame, unmasked as a server's have to be; the payload is copied into it. */
export function encodeFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const length = payload.length;
  const headerLength = length <= MAX_SHORT_PAYLOAD ? 2 : length <= 0xffff ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = FIN | opcode;
  if (headerLength === 2) {
    frame[1] = length;
  } else if (headerLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.set(payload, headerLength);
  return frame;
}

/** A close frame with its status. */
export function encodeClose(status: number): Uint8Array {
  return encodeFrame(Opcode.CLOSE, Uint8Array.of(status >> 8, status & 0xff));
}
