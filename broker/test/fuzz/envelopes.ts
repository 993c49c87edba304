import type { Random } from "../codec/random.js";
import { changed } from "./mutate.js";

const V2_SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const LONGEST_SHORT_FRAME = 125;
const LONGEST_MEDIUM_FRAME = 65_535;

/** A PROXY protocol header, version 1 or 2, every other one with something wrong. */
export function proxyHeader(random: Random): Uint8Array {
  const header = random.chance(2) ? proxyV1(random) : proxyV2(random);
  return random.chance(2) ? Uint8Array.from(changed(random, [...header], [Uint8Array.from(V2_SIGNATURE)])) : header;
}

/** The request that opens a WebSocket, one in four with something wrong. */
export function upgradeRequest(random: Random): Uint8Array {
  const lines = [
    `${random.chance(20) ? "POST" : "GET"} ${random.chance(20) ? "/other" : "/mqtt"} HTTP/1.1`,
    "Host: localhost",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${Buffer.from(random.list(16, 16, () => random.integer(0, 255))).toString("base64")}`,
    `Sec-WebSocket-Version: ${random.chance(20) ? 8 : 13}`,
    `Sec-WebSocket-Protocol: ${random.pick(["mqtt", "mqtt", "mqtt", "mqttv3.1", "chat, mqtt"])}`,
  ];
  if (random.chance(30)) lines.push(`X-Long: ${"x".repeat(random.integer(1, 20_000))}`);
  if (random.chance(15)) lines.splice(random.integer(0, lines.length - 1), 1);
  const request = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  return random.chance(4) ? Uint8Array.from(changed(random, [...request], [request])) : request;
}

/** What a client would send in WebSocket messages: in frames of any size, fragmented, with pings between, one in eight frames wrong. */
export function frames(random: Random, bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let opcode = 2;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + random.integer(0, random.chance(4) ? 5 : 2_000));
    const isLast = end === bytes.length || random.chance(2);
    parts.push(maybeWrong(random, frame(random, { opcode, isLast }, bytes.subarray(at, end))));
    if (random.chance(10)) parts.push(frame(random, { opcode: random.pick([8, 9, 10, 9, 10]), isLast: true }, bytes.subarray(0, 20)));
    opcode = isLast ? 2 : 0;
    at = end;
  }
  return Buffer.concat(parts);
}

function maybeWrong(random: Random, bytes: Uint8Array): Uint8Array {
  if (!random.chance(8)) return bytes;
  const wrong = Uint8Array.from(bytes);
  const at = random.integer(0, Math.min(13, wrong.length - 1));
  wrong[at]! ^= 1 << random.integer(0, 7);
  return wrong;
}

/** One masked frame (RFC 6455, 5.2). */
function frame(random: Random, { opcode, isLast }: { opcode: number; isLast: boolean }, payload: Uint8Array): Uint8Array {
  const mask = random.list(4, 4, () => random.integer(0, 255));
  const masked = payload.map((byte, at) => byte ^ mask[at & 3]!);
  return Uint8Array.from([(isLast ? 0x80 : 0) | opcode, ...frameLength(payload.length), ...mask, ...masked]);
}

function frameLength(length: number): number[] {
  if (length <= LONGEST_SHORT_FRAME) return [0x80 | length];
  if (length <= LONGEST_MEDIUM_FRAME) return [0x80 | 126, length >> 8, length & 0xff];
  return [0x80 | 127, 0, 0, 0, 0, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
}

function proxyV1(random: Random): Uint8Array {
  return Buffer.from(
    random.pick([
      "PROXY TCP4 192.0.2.1 192.0.2.2 56324 1883\r\n",
      "PROXY TCP6 2001:db8::1 2001:db8::2 65535 1883\r\n",
      "PROXY UNKNOWN\r\n",
      "PROXY UNKNOWN ffff:f...f:ffff 65535 65535\r\n",
    ]),
  );
}

function proxyV2(random: Random): Uint8Array {
  const family = random.pick([0x00, 0x11, 0x21, 0x31]);
  const addresses = { 0: 0, 17: 12, 33: 36, 49: 216 }[family]!;
  const tlvs = random.list(0, 3, () => {
    const value = random.list(0, 30, () => random.integer(0, 255));
    return [random.pick([0x01, 0x02, 0x03, 0x04, 0x05, 0x20, 0x30, 0xe0]), 0, value.length, ...value];
  });
  const body = [...random.list(addresses, addresses, () => random.integer(0, 255)), ...tlvs.flat()];
  return Uint8Array.from([...V2_SIGNATURE, random.pick([0x20, 0x21, 0x21, 0x21]), family, body.length >> 8, body.length & 0xff, ...body]);
}
