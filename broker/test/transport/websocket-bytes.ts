/** What a client may say of a frame; by default a whole binary message. */
export interface FrameOptions {
  readonly payload?: Uint8Array;
  readonly opcode?: number;
  readonly isFinal?: boolean;
  readonly reservedBits?: number;
  /** Undefined sends it unmasked, which no client may. */
  readonly mask?: readonly [number, number, number, number] | undefined;
}

/** A client's frame, written apart from the broker's own code. */
export function maskedFrame(options: FrameOptions = {}): Buffer {
  const { payload = new Uint8Array(0), opcode = 2, isFinal = true, reservedBits = 0 } = options;
  const mask = "mask" in options ? options.mask : ([0x37, 0xfa, 0x21, 0x3d] as const);
  const length = payload.length;
  const lengthBytes = length > 65_535 ? [127, ...bigEndian(length, 8)] : length > 125 ? [126, ...bigEndian(length, 2)] : [length];
  lengthBytes[0]! |= mask ? 0x80 : 0;
  const first = (isFinal ? 0x80 : 0) | (reservedBits << 4) | opcode;
  const body = Buffer.from(payload);
  if (mask) {
    for (let i = 0; i < body.length; i++) body[i]! ^= mask[i % 4]!;
  }
  return Buffer.concat([Buffer.from([first, ...lengthBytes, ...(mask ?? [])]), body]);
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The whole frames that `bytes` start with, and what is behind them. Throws at what no server may send. */
export function serverFrames(bytes: Buffer): { frames: ServerFrame[]; rest: Buffer } {
  const frames: ServerFrame[] = [];
  let rest = bytes;
  while (rest.length >= 2) {
    if ((rest[0]! & 0x70) !== 0 || (rest[1]! & 0x80) !== 0) throw new Error("server frame is masked or has reserved bits");
    const lengthSize = rest[1] === 127 ? 8 : rest[1] === 126 ? 2 : 0;
    if (rest.length < 2 + lengthSize) break;
    const length = lengthSize === 8 ? Number(rest.readBigUInt64BE(2)) : lengthSize === 2 ? rest.readUInt16BE(2) : rest[1]!;
    const start = 2 + lengthSize;
    if (rest.length < start + length) break;
    frames.push({ opcode: rest[0]! & 0x0f, payload: rest.subarray(start, start + length) });
    rest = rest.subarray(start + length);
  }
  return { frames, rest };
}

export interface RequestOptions {
  readonly requestLine?: string;
  /** Replace those of the same name; undefined leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The example of RFC 6455, 1.3, asking for MQTT. */
export function upgradeRequest({ requestLine = "GET /mqtt HTTP/1.1", headers = {} }: RequestOptions = {}): Buffer {
  const all: Record<string, string | undefined> = {
    Host: "localhost",
    Upgrade: "websocket",
    Connection: "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "mqtt",
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return Buffer.from(`${[requestLine, ...lines].join("\r\n")}\r\n\r\n`, "latin1");
}

function bigEndian(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256);
}
