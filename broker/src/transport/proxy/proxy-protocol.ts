import { type ProxyHeader, ProxyProtocolError } from "./proxy-header.js";
import { parseProxyV1 } from "./proxy-v1.js";
import { parseProxyV2 } from "./proxy-v2.js";

const V1_START = Buffer.from("PROXY ", "latin1");
const V2_START = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

/**
 * Reads the PROXY header, version 1 or 2, that `bytes` start with; undefined while more bytes are needed. It ends within 65,551 bytes.
 *
 * Throws a ProxyProtocolError at the first byte that cannot belong to one.
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  if (bytes.length === 0) return undefined;
  const isV1 = bytes[0] === V1_START[0];
  const start = isV1 ? V1_START : V2_START;
  if (!agrees(bytes, start)) throw new ProxyProtocolError("connection does not start with a PROXY header");
  if (bytes.length < start.length) return undefined;
  return isV1 ? parseProxyV1(bytes) : parseProxyV2(bytes);
}

function agrees(bytes: Uint8Array, start: Uint8Array): boolean {
  const length = Math.min(bytes.length, start.length);
  for (let i = 0; i < length; i++) {
    if (bytes[i] !== start[i]) return false;
  }
  return true;
}
