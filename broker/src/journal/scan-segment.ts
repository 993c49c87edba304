import { crc32 } from "./crc32.js";
import { BASE_PAYLOAD_BYTES, FIRST_GROUP_AT, GROUP_HEADER_BYTES, GROUP_MAGIC, GroupKind, readGroupHeader } from "./segment.js";

/** Where the payload of a group lies in its segment. */
export interface GroupPlace {
  readonly sequence: number;
  readonly start: number;
  readonly end: number;
}

/** What one segment holds, once every checksum in it has been found right. */
export interface SegmentScan {
  readonly groups: readonly GroupPlace[];
  /** The last sequence number whose earlier groups are not needed any more, and how many bytes say it anew. */
  readonly base: { readonly sequence: number; readonly bytes: number } | undefined;
  /** Where the next group belongs, and the number it has to have; undefined if there is no group here to tell. */
  readonly end: number;
  readonly next: number | undefined;
  readonly isContinued: boolean;
  /** Something is behind the end: a write that was interrupted. */
  readonly isTorn: boolean;
  /** Why the segment cannot be trusted. */
  readonly damage: string | undefined;
}

/** Checks the groups of a segment, whose header has been read; `next` is the sequence number that its first group has to have, if known. */
export function scanSegment(bytes: Buffer, segment: number, salt: number, next: number | undefined): SegmentScan {
  const groups: GroupPlace[] = [];
  let base: SegmentScan["base"];
  let isContinued = false;
  let expected = next;
  let at = FIRST_GROUP_AT;
  const found = (damage?: string, isTorn = false): SegmentScan => ({ groups, base, end: at, next: expected, isContinued, isTorn, damage });

  while (!isContinued) {
    const header = readGroupHeader(bytes, at, salt);
    const start = at + GROUP_HEADER_BYTES;
    const isWhole =
      header !== undefined &&
      header.segment === segment &&
      start + header.length <= bytes.length &&
      crc32(bytes.subarray(start, start + header.length)) === header.payloadCrc;
    if (!isWhole) {
      // The last write may have been interrupted, and nobody was told that it was done. If anything was written after it, it was done.
      const later = findGroup(bytes, header === undefined ? at + 1 : start, segment, salt);
      if (later !== undefined) return found(`the group at byte ${at} fails its checksum, and the one at byte ${later} follows it`);
      return found(undefined, !isZero(bytes, at));
    }
    if (expected !== undefined && header.sequence !== expected)
      return found(`the group at byte ${at} has number ${header.sequence}, not ${expected}`);
    at = start + header.length;
    expected = header.sequence;
    if (header.kind === GroupKind.Records) {
      groups.push({ sequence: expected++, start, end: at });
    } else if (header.kind === GroupKind.Continued) {
      isContinued = true;
    } else if (header.kind === GroupKind.Base && header.length === BASE_PAYLOAD_BYTES) {
      base = { sequence: bytes.readDoubleLE(start), bytes: bytes.readDoubleLE(start + 8) };
    } else if (header.kind !== GroupKind.Durable) return found(`the group at byte ${at} is of the unknown kind ${header.kind}`);
  }
  return found();
}

/** Where the next group begins that is one by its header, whether its payload is whole or not. */
function findGroup(bytes: Buffer, from: number, segment: number, salt: number): number | undefined {
  for (let at = bytes.indexOf(GROUP_MAGIC, from); at >= 0; at = bytes.indexOf(GROUP_MAGIC, at + 1)) {
    if (readGroupHeader(bytes, at, salt)?.segment === segment) return at;
  }
  return undefined;
}

export function isZero(bytes: Buffer, from: number): boolean {
  const rest = bytes.subarray(from);
  return rest.length === 0 || (rest[0] === 0 && rest.subarray(1).equals(rest.subarray(0, -1)));
}
