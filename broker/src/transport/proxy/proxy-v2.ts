import type { Peer } from "../socket.js";
import { ipv4Text, ipv6Text } from "./ip-text.js";
import { type ProxyHeader, ProxyProtocolError } from "./proxy-header.js";
import { tlsOfTlvs } from "./proxy-tlv.js";

/** Signature, version and command, family and transport, length of the rest. */
const FIXED_LENGTH = 16;

const LOCAL = 0;
const PROXY = 1;

const STREAM = 1;

/** Address bytes by family: unspecified, IPv4, IPv6, UNIX. */
const ADDRESS_LENGTHS = [0, 12, 36, 216] as const;
const INET = 1;
const INET6 = 2;

/** The binary header of version 2; `bytes` start with its signature. Undefined while it is not complete. */
export function parseProxyV2(bytes: Uint8Array): ProxyHeader | undefined {
  if (bytes.length < FIXED_LENGTH) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const command = view.getUint8(12);
  if (command >> 4 !== 2) throw new ProxyProtocolError(`PROXY header has version ${command >> 4}`);
  if ((command & 0x0f) > PROXY) throw new ProxyProtocolError(`PROXY header has the unknown command ${command & 0x0f}`);

  const length = FIXED_LENGTH + view.getUint16(14);
  if (bytes.length < length) return undefined;
  if ((command & 0x0f) === LOCAL) return { length, peer: undefined };
  return { length, peer: peerOf(bytes.subarray(0, length), view) };
}

function peerOf(header: Uint8Array, view: DataView): Peer | undefined {
  const family = view.getUint8(13) >> 4;
  const transport = view.getUint8(13) & 0x0f;
  const addressLength = ADDRESS_LENGTHS[family];
  if (addressLength === undefined) throw new ProxyProtocolError(`PROXY header has the unknown address family ${family}`);
  const tlvStart = FIXED_LENGTH + addressLength;
  if (header.length < tlvStart) throw new ProxyProtocolError("PROXY header is too short for its addresses");
  const tls = tlsOfTlvs(header, tlvStart);

  if (family === 0 || transport === 0) return undefined;
  if (transport !== STREAM) throw new ProxyProtocolError("PROXY header is not for a stream");
  return { ...addressesOf(family, header, view), ...(tls && { tls }) };
}

function addressesOf(family: number, header: Uint8Array, view: DataView): Peer {
  const at = FIXED_LENGTH;
  switch (family) {
    case INET:
      return {
        address: ipv4Text(header, at),
        localAddress: ipv4Text(header, at + 4),
        port: view.getUint16(at + 8),
        localPort: view.getUint16(at + 10),
      };
    case INET6:
      return {
        address: ipv6Text(header, at),
        localAddress: ipv6Text(header, at + 16),
        port: view.getUint16(at + 32),
        localPort: view.getUint16(at + 34),
      };
    default: // UNIX, whose addresses are file names on the proxy's machine
      return { address: "", localAddress: "", port: 0, localPort: 0 };
  }
}
