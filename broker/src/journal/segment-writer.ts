import { join } from "node:path";
import type { Disk } from "./disk.js";
import type { ScannedJournal, ScannedSegment } from "./read-journal.js";
import {
  FIRST_GROUP_AT,
  FORMAT_VERSION,
  GROUP_HEADER_BYTES,
  GroupKind,
  segmentName,
  writeGroupHeader,
  writeSegmentHeader,
} from "./segment.js";

const ZEROS_BYTES = 1024 * 1024;
/** Made when they are needed: a broker without a disk of its own needs none. */
let zeros: Buffer | undefined;

export interface SegmentWriterOptions {
  readonly directory: string;
  readonly disk: Disk;
  readonly segmentBytes: number;
  readonly salt: number;
  /** The next segment could not be made ready. */
  readonly onShortage: (error: unknown) => void;
}

interface Segment {
  readonly number: number;
  readonly file: number;
  readonly size: number;
}

/**
 * Writes groups to the end of a journal, one at a time. The next segment is made ready while the current one is filled, so that no commit
 * waits for 16 MiB of zeros, and a full disk is noticed while there is room left.
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #mark = Buffer.alloc(GROUP_HEADER_BYTES);
  #current: Segment;
  #end: number;
  #isContinued = false;
  #spare: Promise<Segment | Error> | undefined;
  #firstNumber: number;

  private constructor(options: SegmentWriterOptions, current: Segment, end: number, firstNumber: number) {
    this.#options = options;
    this.#current = current;
    this.#end = end;
    this.#firstNumber = firstNumber;
  }

  /** Starts a journal in a folder that has none. */
  static async create(options: SegmentWriterOptions): Promise<SegmentWriter> {
    return new SegmentWriter(options, await makeSegment(options, 1, options.segmentBytes), FIRST_GROUP_AT, 1);
  }

  /** Goes on with a journal: what an interrupted write has left behind its end is wiped out. */
  static async resume(options: SegmentWriterOptions, { segments, obsolete }: ScannedJournal): Promise<SegmentWriter> {
    const open = async ({ number, size, end, isTorn }: ScannedSegment): Promise<Segment> => {
      const file = await options.disk.open(join(options.directory, segmentName(number)), "existing");
      if (isTorn) await writeZeros(options.disk, file, end, size);
      return { number, file, size };
    };
    const current = segments.find(({ isContinued }) => !isContinued)!;
    // What a crash has left that was to be removed goes first, the next time, or there would be a gap behind it.
    const first = obsolete[0] ?? segments[0]!.number;
    const writer = new SegmentWriter(options, await open(current), current.end, first);
    const spare = segments.find(({ number }) => number === current.number + 1);
    if (spare !== undefined) writer.#spare = Promise.resolve(await open(spare));
    return writer;
  }

  /** Number of the segment that the last group is in. */
  get segmentNumber(): number {
    return this.#current.number;
  }

  /** Whether there are segments before the current one. */
  get hasEarlier(): boolean {
    return this.#firstNumber < this.#current.number;
  }

  /** Resolves when the group `bytes[0, length)`, whose header is still to be written, is durable. After a failure it may be given again. */
  async append(bytes: Buffer, length: number, kind: GroupKind, sequence: number): Promise<void> {
    // There is always room left for the mark that the journal goes on elsewhere.
    if (this.#end + length + GROUP_HEADER_BYTES > this.#current.size) await this.#continue(length, sequence);
    await this.#write(bytes, length, kind, sequence);
    await this.#options.disk.sync(this.#current.file);
    this.#end += length;
    if (this.#spare === undefined && this.#end * 2 > this.#current.size) this.#makeSpare(this.#options.segmentBytes);
  }

  /** Notes that everything before is durable; the note itself need not be. */
  async markDurable(sequence: number): Promise<void> {
    if (this.#isContinued || this.#end + 2 * GROUP_HEADER_BYTES > this.#current.size) return;
    await this.#write(this.#mark, GROUP_HEADER_BYTES, GroupKind.Durable, sequence);
    this.#end += GROUP_HEADER_BYTES;
  }

  /** Deletes the segments before the one of that number, the oldest first, so that what is left is always without gaps. */
  async removeBefore(number: number): Promise<void> {
    const { disk, directory } = this.#options;
    while (this.#firstNumber < number) {
      await disk.remove(join(directory, segmentName(this.#firstNumber)));
      this.#firstNumber++;
    }
  }

  async close(): Promise<void> {
    const { disk } = this.#options;
    const spare = await this.#spare;
    if (spare !== undefined && !(spare instanceof Error)) await disk.close(spare.file);
    await disk.close(this.#current.file);
  }

  async #continue(length: number, sequence: number): Promise<void> {
    const { disk, segmentBytes } = this.#options;
    const needed = FIRST_GROUP_AT + length + GROUP_HEADER_BYTES;
    const size = Math.max(segmentBytes, needed);
    if (this.#spare === undefined) this.#makeSpare(size);
    let next = await this.#spare!;
    // There may be room by now; or this one is too small for a group of unusual size.
    if (next instanceof Error || next.size < needed) {
      if (!(next instanceof Error)) await disk.close(next.file);
      this.#makeSpare(size);
      next = await this.#spare!;
    }
    if (next instanceof Error) {
      this.#spare = undefined;
      throw next;
    }
    if (!this.#isContinued) {
      await this.#write(this.#mark, GROUP_HEADER_BYTES, GroupKind.Continued, sequence);
      this.#isContinued = true;
    }
    await disk.sync(this.#current.file);
    const before = this.#current;
    this.#current = next;
    this.#end = FIRST_GROUP_AT;
    this.#isContinued = false;
    this.#spare = undefined;
    await disk.close(before.file);
  }

  #write(bytes: Buffer, length: number, kind: GroupKind, sequence: number): Promise<void> {
    const { number, file } = this.#current;
    writeGroupHeader(bytes, length, kind, sequence, number, this.#options.salt);
    return this.#options.disk.write(file, bytes, length, this.#end);
  }

  #makeSpare(size: number): void {
    this.#spare = makeSegment(this.#options, this.#current.number + 1, size).catch((error: Error) => {
      this.#options.onShortage(error);
      return error;
    });
  }
}

/** A segment has its name only once it is complete. */
async function makeSegment({ directory, disk, salt }: SegmentWriterOptions, number: number, size: number): Promise<Segment> {
  const path = join(directory, segmentName(number));
  const unfinished = `${path}.unfinished`;
  const file = await disk.open(unfinished, "create");
  try {
    await writeZeros(disk, file, 0, size);
    const header = Buffer.alloc(FIRST_GROUP_AT);
    writeSegmentHeader(header, { version: FORMAT_VERSION, number, size, salt });
    await disk.write(file, header, header.length, 0);
    await disk.sync(file);
    await disk.rename(unfinished, path);
    await disk.syncFolder(directory);
    return { number, file, size };
  } catch (error) {
    await disk.close(file);
    await disk.remove(unfinished).catch(() => {});
    throw error;
  }
}

async function writeZeros(disk: Disk, file: number, from: number, to: number): Promise<void> {
  zeros ??= Buffer.alloc(ZEROS_BYTES);
  for (let at = from; at < to; at += ZEROS_BYTES) await disk.write(file, zeros, Math.min(ZEROS_BYTES, to - at), at);
  await disk.sync(file);
}
