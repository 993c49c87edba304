import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ByteReader } from "./byte-reader.js";
import { type SegmentScan, scanSegment } from "./scan-segment.js";
import { FORMAT_VERSION, readSegmentHeader, segmentName, segmentNumber } from "./segment.js";
import { StoreError } from "./store-error.js";

/** What the groups of a journal say, in their order. */
export interface Replay {
  /** `isPartial`: what records refer to may have been dropped from the journal, as it is said again further on. */
  group(records: ByteReader, isPartial: boolean): void;
}

export interface ScannedSegment extends SegmentScan {
  readonly number: number;
  readonly size: number;
}

/** A journal as it was found. */
export interface ScannedJournal {
  /** In order, without those that are not needed any more. Empty if there is no journal. */
  readonly segments: readonly ScannedSegment[];
  /** Numbers of segments left over from before the base. */
  readonly obsolete: readonly number[];
  readonly salt: number;
  /** Of the group that comes next. */
  readonly nextSequence: number;
  readonly baseSequence: number;
  /** Bytes of groups since the base, and how many of those say anew what was before. */
  readonly bytes: number;
  readonly baseBytes: number;
  /** The end of the journal is an interrupted write, which was never acknowledged. */
  readonly tornAt: { readonly file: string; readonly byte: number } | undefined;
}

const REMEDY = "restore the folder from a copy, or move it away to start with nothing";

/**
 * Checks every byte of a journal and replays it. Reads only.
 *
 * @throws StoreError if anything is missing or damaged, or was written by a newer broker
 */
export function readJournal(directory: string, replay: Replay): ScannedJournal {
  const numbers = segmentNumbers(directory);
  const damaged = (number: number, what: string) =>
    new StoreError(`the store in ${directory} is damaged: ${segmentName(number)}: ${what}; ${REMEDY}`);
  let salt = 0;
  let next: number | undefined;
  const all: ScannedSegment[] = [];
  for (const [index, number] of numbers.entries()) {
    const before = all.at(-1);
    if (before !== undefined && number !== before.number + 1) throw damaged(before.number + 1, "the file is missing");
    const bytes = readFileSync(join(directory, segmentName(number)));
    const header = readSegmentHeader(bytes);
    if (header === undefined) throw damaged(number, "its header fails its checksum");
    if (header.version > FORMAT_VERSION) {
      throw new StoreError(
        `the store in ${directory} has format ${header.version}, and this broker knows formats up to ${FORMAT_VERSION}: start the newer broker that wrote it, or choose another folder with --data-dir`,
      );
    }
    if (header.number !== number) throw damaged(number, `it is segment ${header.number} by its header`);
    if (bytes.length !== header.size) throw damaged(number, `it has ${bytes.length} bytes of ${header.size}`);
    if (index > 0 && header.salt !== salt) throw damaged(number, "it belongs to another store");
    salt = header.salt;
    const scan = scanSegment(bytes, number, salt, next);
    if (scan.damage !== undefined) throw damaged(number, scan.damage);
    if (before !== undefined && !before.isContinued && (scan.groups.length > 0 || index < numbers.length - 1)) {
      throw damaged(before.number, "it breaks off, and another segment follows");
    }
    next = scan.next;
    all.push({ ...scan, number, size: header.size });
  }
  const last = all.at(-1);
  if (last?.isContinued) throw damaged(last.number + 1, "the file is missing");

  const base = all.findLast((segment) => segment.base !== undefined)?.base ?? { sequence: 1, bytes: 0 };
  const first = firstNeeded(all, base.sequence, next ?? 1);
  if (first < 0) throw damaged(numbers[0]!, `group ${base.sequence} is not there`);
  const segments = all.slice(first);
  const bytes = replayFrom(directory, segments, base.sequence, replay);
  const torn = segments.find(({ isTorn }) => isTorn);
  return {
    segments,
    obsolete: all.slice(0, first).map(({ number }) => number),
    salt,
    nextSequence: next ?? 1,
    baseSequence: base.sequence,
    bytes,
    baseBytes: base.bytes,
    tornAt: torn && { file: segmentName(torn.number), byte: torn.end },
  };
}

/** Index of the segment that the group `base` is in, or will be; -1 if that is missing. */
function firstNeeded(all: readonly ScannedSegment[], base: number, next: number): number {
  if (base === next)
    return Math.max(
      0,
      all.findLastIndex((segment) => segment.base !== undefined),
    );
  return all.findIndex(({ groups }) => groups.some(({ sequence }) => sequence === base));
}

function replayFrom(directory: string, segments: readonly ScannedSegment[], base: number, replay: Replay): number {
  let total = 0;
  let isPartial = segments.some((segment) => segment.base !== undefined);
  for (const segment of segments) {
    const { number, groups } = segment;
    const needed = groups.filter(({ sequence }) => sequence >= base);
    if (needed.length === 0) continue;
    const bytes = readFileSync(join(directory, segmentName(number)));
    for (const { sequence, start, end } of needed) {
      total += end - start;
      try {
        replay.group(new ByteReader(bytes, start, end), isPartial);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        throw new StoreError(
          `the store in ${directory} is damaged: group ${sequence} in ${segmentName(number)}: ${error.message}; ${REMEDY}`,
        );
      }
    }
    if (segment.base?.sequence === base) isPartial = false;
  }
  return total;
}

function segmentNumbers(directory: string): number[] {
  const names = readdirSync(directory);
  return names
    .flatMap((name) => segmentNumber(name) ?? [])
    .filter((number) => statSync(join(directory, segmentName(number))).isFile())
    .sort((a, b) => a - b);
}
