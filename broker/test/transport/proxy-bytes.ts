import { crc32c } from "./crc32c-by-bits.js";

/** What goes into a version 2 header; by default PROXY, IPv4, a stream, from 192.0.2.7:4711 to 198.51.100.1:8883. */
export interface V2Options {
  readonly command?: number;
  readonly version?: number;
  readonly familyAndTransport?: number;
  readonly addresses?: Uint8Array;
  readonly tlvs?: readonly Uint8Array[];
  /** Adds a checksum behind everything else, right or wrong. */
  readonly checksum?: "right" | "wrong";
}

export const V1_LINE = Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 4711 8883\r\n");

/** What the default headers tell. */
export const PROXIED_CLIENT = { address: "192.0.2.7", port: 4711, localAddress: "198.51.100.1", localPort: 8883 };

const SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const IPV4 = Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0x12, 0x67, 0x22, 0xb3]);

export function v2Header({
  command = 1,
  version = 2,
  familyAndTransport = 0x11,
  addresses = IPV4,
  tlvs = [],
  checksum,
}: V2Options = {}): Buffer {
  const sum = checksum === undefined ? [] : [tlv(0x03, Buffer.alloc(4))];
  const body = Buffer.concat([addresses, ...tlvs, ...sum]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  const header = Buffer.concat([SIGNATURE, Buffer.from([(version << 4) | command, familyAndTransport]), length, body]);
  if (checksum === "right") header.writeUInt32BE(crc32c(header), header.length - 4);
  if (checksum === "wrong") header.writeUInt32BE((crc32c(header) ^ 1) >>> 0, header.length - 4);
  return header;
}

export function tlv(type: number, value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  return Buffer.concat([Buffer.from([type, bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** The TLS field; `client` are its flags, `verify` 0 if the certificate was found good. */
export function sslTlv(client: number, verify: number, tlvs: readonly Uint8Array[]): Buffer {
  const start = Buffer.alloc(5);
  start[0] = client;
  start.writeUInt32BE(verify, 1);
  return tlv(0x20, Buffer.concat([start, ...tlvs]));
}
