import type { PeerTls } from "../socket.js";
import { crc32c } from "./crc32c.js";
import { ProxyProtocolError } from "./proxy-header.js";

/** Types of the fields behind the addresses; others are skipped, NOOP (0x04) among them. */
const AUTHORITY = 0x02;
const CRC32C = 0x03;
const SSL = 0x20;

/** Types inside of SSL. */
const SSL_VERSION = 0x21;
const SSL_COMMON_NAME = 0x22;
const SSL_CIPHER = 0x23;

/** Bits of SSL's first byte: the client came over TLS; it showed a certificate on this connection; or earlier in this TLS session. */
const CLIENT_SSL = 0x01;
const CLIENT_CERTIFICATE = 0x02 | 0x04;

const TYPE_AND_LENGTH = 3;
const CLIENT_AND_VERIFY = 5;
const CRC_LENGTH = 4;
const NOTHING = new Uint8Array(CRC_LENGTH);

/** What the fields from `start` to the end of the header say about the client's TLS; undefined if there was none. */
export function tlsOfTlvs(header: Uint8Array, start: number): PeerTls | undefined {
  let ssl: Uint8Array | undefined;
  let serverName: string | undefined;
  eachTlv(header, start, (type, value) => {
    if (type === AUTHORITY) serverName = text(value);
    else if (type === SSL) ssl = value;
    else if (type === CRC32C) checkCrc(header, value);
  });
  return ssl && tlsOf(ssl, serverName);
}

function tlsOf(ssl: Uint8Array, serverName: string | undefined): PeerTls | undefined {
  if (ssl.length < CLIENT_AND_VERIFY) throw new ProxyProtocolError("PROXY header has a TLS field that is too short");
  const client = ssl[0]!;
  if ((client & CLIENT_SSL) === 0) return undefined;

  let version = "";
  let cipher = "";
  let commonName = "";
  eachTlv(ssl, CLIENT_AND_VERIFY, (type, value) => {
    if (type === SSL_VERSION) version = text(value);
    else if (type === SSL_CIPHER) cipher = text(value);
    else if (type === SSL_COMMON_NAME) commonName = text(value);
  });
  // Zero says that the certificate was verified, but also that there was none.
  const verified = ssl.subarray(1, CLIENT_AND_VERIFY).every((byte) => byte === 0) && (client & CLIENT_CERTIFICATE) !== 0;
  return {
    version,
    cipher,
    ...(serverName !== undefined && { serverName }),
    ...(verified && { certificate: { commonName, subjectAltNames: "" } }),
  };
}

function eachTlv(bytes: Uint8Array, start: number, visit: (type: number, value: Uint8Array) => void): void {
  for (let at = start; at < bytes.length; ) {
    const valueAt = at + TYPE_AND_LENGTH;
    const end = valueAt + ((bytes[at + 1]! << 8) | bytes[at + 2]!);
    // A length byte that is missing makes `end` meaningless, but then `valueAt` is too far as well.
    if (valueAt > bytes.length || end > bytes.length) throw new ProxyProtocolError("PROXY header has a field that reaches beyond its end");
    visit(bytes[at]!, bytes.subarray(valueAt, end));
    at = end;
  }
}

/** The sum is that of the whole header with zeros in the sum's own place. */
function checkCrc(header: Uint8Array, value: Uint8Array): void {
  if (value.length !== CRC_LENGTH) throw new ProxyProtocolError("PROXY header has a checksum of a wrong length");
  const at = value.byteOffset - header.byteOffset;
  const expected = new DataView(value.buffer, value.byteOffset).getUint32(0);
  const actual = crc32c(header.subarray(0, at), NOTHING, header.subarray(at + CRC_LENGTH));
  if (actual !== expected) throw new ProxyProtocolError("PROXY header does not have its checksum");
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
