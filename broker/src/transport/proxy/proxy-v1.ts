import { isIPv4, isIPv6 } from "node:net";
import type { Peer } from "../socket.js";
import { type ProxyHeader, ProxyProtocolError } from "./proxy-header.js";

/** With both addresses at their longest and CR LF. */
const MAX_LENGTH = 107;

const CR = 0x0d;
const LF = 0x0a;

/** The line of version 1; `bytes` start with "PROXY ". Undefined while it has not ended. */
export function parseProxyV1(bytes: Uint8Array): ProxyHeader | undefined {
  const lineFeed = bytes.subarray(0, MAX_LENGTH).indexOf(LF);
  if (lineFeed < 0 && bytes.length < MAX_LENGTH) return undefined;
  if (lineFeed < 0) throw new ProxyProtocolError(`PROXY line is longer than ${MAX_LENGTH} bytes`);
  if (bytes[lineFeed - 1] !== CR) throw new ProxyProtocolError("PROXY line does not end with CR LF");

  const line = Buffer.from(bytes.subarray(0, lineFeed - 1)).toString("latin1");
  const [, family, ...rest] = line.split(" ");
  const length = lineFeed + 1;
  if (family === "UNKNOWN") return { length, peer: undefined };
  if (family === "TCP4") return { length, peer: peerOf(rest, isIPv4) };
  if (family === "TCP6") return { length, peer: peerOf(rest, isIPv6) };
  throw new ProxyProtocolError("PROXY line is neither TCP4, TCP6 nor UNKNOWN");
}

function peerOf(fields: readonly string[], isAddress: (text: string) => boolean): Peer {
  const [address = "", localAddress = "", port = "", localPort = "", ...more] = fields;
  if (more.length > 0) throw new ProxyProtocolError("PROXY line has too many fields");
  if (!isAddress(address) || !isAddress(localAddress)) throw new ProxyProtocolError("PROXY line has a wrong address");
  return { address, localAddress, port: portOf(port), localPort: portOf(localPort) };
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^(0|[1-9]\d{0,4})$/.test(text) || port > 0xffff) throw new ProxyProtocolError("PROXY line has a wrong port");
  return port;
}
