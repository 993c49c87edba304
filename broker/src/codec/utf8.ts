import { malformed } from "./protocol-error.js";

const MAX_STRING_BYTES = 65_535;

// `fatal` refuses overlong forms, surrogates and code points above U+10FFFF [MQTT-1.5.4-1];
// `ignoreBOM` keeps U+FEFF, which is a character like any other here [MQTT-1.5.4-3].
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The string in `bytes[start, end)`, which has to be well-formed UTF-8 without U+0000 [MQTT-1.5.4-1] [MQTT-1.5.4-2].
 * Other control characters and non-characters pass: the standard advises against them and does not forbid them.
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number, field: string): string {
  let ascii = true;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x80) ascii = false;
    else if (byte === 0) throw malformed(`${field} contains U+0000`);
  }
  return ascii ? decodeAscii(bytes, start, end) : decodeStrictly(bytes, start, end, field);
}

/** Bytes that `text` takes on the wire without its length prefix. Refuses what an MQTT string cannot hold. */
export function utf8Length(text: string, field: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      if (unit === 0) throw new RangeError(`'${field}' contains U+0000, which MQTT strings cannot hold`);
    } else if (unit < 0x800) {
      length += 1;
    } else if (unit < 0xd800 || unit > 0xdfff) {
      length += 2;
    } else if (isSurrogatePair(text, i)) {
      length += 2; // four bytes for two units
      i++;
    } else {
      throw new RangeError(`'${field}' contains a lone surrogate, which UTF-8 cannot hold`);
    }
  }
  if (length > MAX_STRING_BYTES) throw new RangeError(`'${field}' takes ${length} bytes, at most ${MAX_STRING_BYTES} fit`);
  return length;
}

/** Writes `text`, which `utf8Length` has accepted, and returns where it ends. */
export function writeUtf8(text: string, target: Uint8Array, offset: number): number {
  let at = offset;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      target[at++] = unit;
    } else if (unit < 0x800) {
      target[at++] = 0xc0 | (unit >> 6);
      target[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      target[at++] = 0xe0 | (unit >> 12);
      target[at++] = 0x80 | ((unit >> 6) & 0x3f);
      target[at++] = 0x80 | (unit & 0x3f);
    } else {
      const point = text.codePointAt(i++)!;
      target[at++] = 0xf0 | (point >> 18);
      target[at++] = 0x80 | ((point >> 12) & 0x3f);
      target[at++] = 0x80 | ((point >> 6) & 0x3f);
      target[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at;
}

function isSurrogatePair(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1); // NaN at the end, which fails every comparison
  return text.charCodeAt(at) < 0xdc00 && next >= 0xdc00 && next <= 0xdfff;
}

function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(bytes, start, end);
}

function decodeStrictly(bytes: Uint8Array, start: number, end: number, field: string): string {
  try {
    return strictDecoder.decode(bytes.subarray(start, end));
  } catch (cause) {
    const error = malformed(`${field} is not well-formed UTF-8`);
    error.cause = cause;
    throw error;
  }
}
