import { crc32 } from "./crc32.js";

/*
 * The files of a journal. Integers are little-endian.
 *
 * A journal is a row of segments `00000001.journal`, `00000002.journal`, …, each of a fixed size that it has from the start, filled with
 * zeros: so the disk space is there before an acknowledgement depends on it, an fdatasync need not write the file's length, and a file
 * that was cut off shows. A segment is
 *
 *   0     8  "mqttdjnl"
 *   8     4  format version
 *   12    4  number of the segment
 *   16    8  size of the file (double)
 *   24    4  salt, random, the same in all segments of a journal
 *   60    4  CRC-32 of the 60 bytes before it
 *   4096     groups, one after the other; zeros behind the last
 *
 * A group is what one commit writes:
 *
 *   0     4  "MQGR"
 *   4     4  kind, see GroupKind
 *   8     8  sequence number (double): 1 for the first group of records, then without gaps. Groups of other kinds have that of the next.
 *   16    4  length of the payload
 *   20    4  CRC-32 of the payload
 *   24    4  number of the segment
 *   28    4  CRC-32 of the 28 bytes before it, begun with the salt, so that no client can send what looks like a group
 *   32       payload
 */

/** Raised when older brokers could not read what newer ones write. */
export const FORMAT_VERSION = 1;

export const GroupKind = {
  /** Records, see persistence/records.ts. */
  Records: 1,
  /** All groups before are durable. Written when nothing else is, so that damage to the last group can be told from a torn write. */
  Durable: 2,
  /** The journal goes on in the next segment. */
  Continued: 3,
  /** Payload: sequence number (double), bytes (double). Groups before that number are not needed any more, as all they left is said again since, in so many bytes. */
  Base: 4,
} as const;

export type GroupKind = (typeof GroupKind)[keyof typeof GroupKind];

export const FIRST_GROUP_AT = 4096;
export const GROUP_HEADER_BYTES = 32;
export const BASE_PAYLOAD_BYTES = 16;
export const SEGMENT_HEADER_BYTES = 64;
const HEADER_CRC_AT = SEGMENT_HEADER_BYTES - 4;
const SEGMENT_MAGIC = Buffer.from("mqttdjnl");
export const GROUP_MAGIC = Buffer.from("MQGR");
const GROUP_CRC_AT = GROUP_HEADER_BYTES - 4;

export interface SegmentHeader {
  readonly version: number;
  readonly number: number;
  readonly size: number;
  readonly salt: number;
}

export interface GroupHeader {
  readonly kind: GroupKind;
  readonly sequence: number;
  readonly length: number;
  readonly payloadCrc: number;
  readonly segment: number;
}

export function segmentName(number: number): string {
  return `${String(number).padStart(8, "0")}.journal`;
}

/** The number in a segment's name, undefined if it is none. */
export function segmentNumber(name: string): number | undefined {
  const digits = /^(\d{8,})\.journal$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function writeSegmentHeader(target: Buffer, { version, number, size, salt }: SegmentHeader): void {
  target.fill(0, 0, SEGMENT_HEADER_BYTES);
  target.set(SEGMENT_MAGIC, 0);
  target.writeUInt32LE(version, 8);
  target.writeUInt32LE(number, 12);
  target.writeDoubleLE(size, 16);
  target.writeUInt32LE(salt, 24);
  target.writeUInt32LE(crc32(target.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT);
}

/** Undefined if it is none. */
export function readSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || !SEGMENT_MAGIC.equals(bytes.subarray(0, SEGMENT_MAGIC.length))) return undefined;
  if (crc32(bytes.subarray(0, HEADER_CRC_AT)) !== bytes.readUInt32LE(HEADER_CRC_AT)) return undefined;
  return { version: bytes.readUInt32LE(8), number: bytes.readUInt32LE(12), size: bytes.readDoubleLE(16), salt: bytes.readUInt32LE(24) };
}

/** Writes the header of the group whose payload begins at GROUP_HEADER_BYTES and ends at `end`. */
export function writeGroupHeader(group: Buffer, end: number, kind: GroupKind, sequence: number, segment: number, salt: number): void {
  group.set(GROUP_MAGIC, 0);
  group.writeUInt32LE(kind, 4);
  group.writeDoubleLE(sequence, 8);
  group.writeUInt32LE(end - GROUP_HEADER_BYTES, 16);
  group.writeUInt32LE(crc32(group.subarray(GROUP_HEADER_BYTES, end)), 20);
  group.writeUInt32LE(segment, 24);
  group.writeUInt32LE(crc32(group.subarray(0, GROUP_CRC_AT), salt), GROUP_CRC_AT);
}

/** Undefined if none begins there. */
export function readGroupHeader(bytes: Buffer, at: number, salt: number): GroupHeader | undefined {
  if (at + GROUP_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== GROUP_MAGIC.readUInt32LE(0)) return undefined;
  if (crc32(bytes.subarray(at, at + GROUP_CRC_AT), salt) !== bytes.readUInt32LE(at + GROUP_CRC_AT)) return undefined;
  return {
    kind: bytes.readUInt32LE(at + 4) as GroupKind,
    sequence: bytes.readDoubleLE(at + 8),
    length: bytes.readUInt32LE(at + 16),
    payloadCrc: bytes.readUInt32LE(at + 20),
    segment: bytes.readUInt32LE(at + 24),
  };
}
