import { Latency } from "../latency.js";
import type { Log } from "../log.js";
import { ByteWriter } from "./byte-writer.js";
import { Compaction, STEP_BYTES } from "./compaction.js";
import { Deferred } from "./deferred.js";
import { DISK, type Disk } from "./disk.js";
import { type Replay, readJournal, type ScannedJournal } from "./read-journal.js";
import type { Row } from "./row.js";
import { BASE_PAYLOAD_BYTES, GROUP_HEADER_BYTES, GroupKind } from "./segment.js";
import { SegmentWriter } from "./segment-writer.js";
import { explained, type StoreError } from "./store-error.js";

export interface JournalOptions {
  readonly directory: string;
  readonly log: Log;
  /** Random, for a journal that is new. */
  readonly salt: number;
  /** What all rows that are stored, and may have been changed since, are. */
  readonly rows: () => Iterator<Row>;
  /** Size of a file. @default 16 MiB */
  readonly segmentBytes?: number;
  /** Written since the last compaction, and twice what that wrote, before the next. @default 64 MiB */
  readonly compactBytes?: number;
  /** Changed rows that may wait while the disk does not work; with more, `commit` rejects at once. @default 100,000 */
  readonly maxPendingRows?: number;
  /** Between attempts to write while the disk does not work. @default 250 */
  readonly retryMs?: number;
  /** @default DISK */
  readonly disk?: Disk;
}

/** When no group has been written for so long, the last one is noted as durable, and what nobody waits for is written. */
const QUIET_MS = 50;

/**
 * Keeps rows on disk: an append-only journal, written in groups. While one group is being written, off the main thread, the changes for
 * the next one gather, so the disk decides how large groups are, and all who wait for a group share one promise.
 *
 * A group that cannot be written is tried again until it can; what has changed meanwhile follows it.
 */
export class Journal {
  /** Raised with each compaction. A record may only refer to what was written in the same epoch. */
  epoch = 1;
  groupsWritten = 0;
  bytesWritten = 0;
  groupsFailed = 0;
  compactions = 0;
  /** How long groups took to be on disk. */
  readonly latency = new Latency();

  readonly #options: Required<JournalOptions>;
  readonly #out = new ByteWriter();
  readonly #base = Buffer.alloc(GROUP_HEADER_BYTES + BASE_PAYLOAD_BYTES);
  #writer: SegmentWriter | undefined;
  /** Of the group that comes next. */
  #sequence = 1;
  #pending: Row[] = [];
  #flushing: Row[] = [];
  #next: Deferred | undefined;
  #writing: Deferred | undefined;
  /** Whether `#out` holds a group that is not on disk. */
  #isSealed = false;
  #running: Promise<void> | undefined;
  #compaction: Compaction | undefined;
  #isShort = false;
  #shortAt = 0;
  #bytesSinceBase = 0;
  #baseBytes = 0;
  #failure: StoreError | undefined;
  #refusal: Promise<void> | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #quietTimer: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(options: JournalOptions) {
    const defaults = { segmentBytes: 16 * 1024 * 1024, compactBytes: 64 * 1024 * 1024, maxPendingRows: 100_000, retryMs: 250, disk: DISK };
    this.#options = { ...defaults, ...options };
    this.#out.reset(GROUP_HEADER_BYTES);
  }

  /** Why nothing can be made durable at present; undefined while all is well. */
  get failure(): StoreError | undefined {
    return this.#failure;
  }

  /** Rows that have changed since the last group. */
  get pendingRows(): number {
    return this.#pending.length;
  }

  /** Reads what is there; `commit` can be called afterwards. */
  async open(replay: Replay): Promise<ScannedJournal> {
    const { directory, disk, segmentBytes } = this.#options;
    try {
      const found = readJournal(directory, replay);
      const salt = found.segments.length > 0 ? found.salt : this.#options.salt;
      const options = { directory, disk, segmentBytes, salt, onShortage: (error: unknown) => this.#onShortage(error) };
      this.#writer = found.segments.length > 0 ? await SegmentWriter.resume(options, found) : await SegmentWriter.create(options);
      this.#sequence = found.nextSequence;
      this.#bytesSinceBase = found.bytes;
      this.#baseBytes = found.baseBytes;
      return found;
    } catch (error) {
      throw explained(error, directory);
    }
  }

  /** The row has changed: the next group will have it. */
  touch(row: Row): void {
    if (!row.markPending()) return;
    // Nobody may ask for a commit: that an acknowledgement came, for example. It is written soon all the same.
    if (this.#pending.push(row) === 1) this.#watchQuiet();
  }

  /** As `MessageStore.commit`. */
  commit(): Promise<void> | undefined {
    if (this.#pending.length === 0 && !this.#isSealed) return this.#writing?.promise;
    if (this.#failure !== undefined && this.#pending.length > this.#options.maxPendingRows) return this.#refuse(this.#failure);
    if (this.#pending.length === 0 && this.#failure === undefined) return this.#next?.promise ?? this.#writing?.promise;
    if (this.#next === undefined) {
      this.#next = new Deferred();
      // At the end of the turn, with what all the sockets have brought in it.
      if (this.#running === undefined && this.#failure === undefined) setImmediate(() => this.#start());
    }
    return this.#next.promise;
  }

  /** Writes what is left and lets go of the files. Rejects if it could not be written. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.commit();
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#quietTimer);
    await this.#running;
    this.#start();
    await this.#running;
    if (this.#failure === undefined) await this.#writer?.markDurable(this.#sequence).catch(() => {});
    await this.#writer?.close();
    this.#writer = undefined;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #start(): void {
    if (this.#running !== undefined || this.#writer === undefined) return;
    this.#running = this.#run(this.#writer).finally(() => {
      this.#running = undefined;
      if (this.#failure !== undefined) this.#retryLater();
      else if (this.#next !== undefined) this.#start();
      else this.#watchQuiet();
    });
  }

  /** Writes groups until there is nothing to write, or it fails. */
  async #run(writer: SegmentWriter): Promise<void> {
    do {
      const group = this.#next ?? new Deferred();
      this.#next = undefined;
      this.#writing = group;
      try {
        // What failed before has to be there first.
        if (this.#isSealed) await this.#write(writer);
        this.#seal();
        if (this.#isSealed) await this.#write(writer);
        if (this.#compaction?.isDone) await this.#finishCompaction(writer, this.#compaction);
        this.#works();
        group.resolve();
      } catch (error) {
        group.reject(this.#fails(error));
      }
      this.#writing = undefined;
    } while (this.#failure === undefined && (this.#next !== undefined || this.#compaction !== undefined));
  }

  /** Makes one group of everything that has changed. */
  #seal(): void {
    const { epoch } = this;
    const out = this.#out;
    const rows = this.#pending;
    this.#pending = this.#flushing;
    this.#flushing = rows;
    out.reset(GROUP_HEADER_BYTES);
    this.#beginCompaction();
    for (let i = 0; i < rows.length; i++) rows[i]!.flush(out, this.epoch);
    rows.length = 0;
    this.#compaction?.step(out, this.epoch);
    // A compaction has its first group, even of nothing, where it began.
    this.#isSealed = out.length > GROUP_HEADER_BYTES || this.epoch !== epoch;
  }

  async #write(writer: SegmentWriter): Promise<void> {
    const { length, bytes } = this.#out;
    const startedAtMs = performance.now();
    await writer.append(bytes, length, GroupKind.Records, this.#sequence);
    this.latency.since(startedAtMs);
    this.#isSealed = false;
    this.#sequence++;
    this.groupsWritten++;
    this.bytesWritten += length;
    this.#bytesSinceBase += length;
    if (this.#compaction !== undefined) this.#compaction.segment ??= writer.segmentNumber;
  }

  #beginCompaction(): void {
    const { compactBytes, rows } = this.#options;
    const isDue = this.#bytesSinceBase > compactBytes + 2 * this.#baseBytes;
    if (this.#compaction !== undefined || !(isDue || this.#isShort)) return;
    this.#isShort = false;
    this.epoch++;
    this.#bytesSinceBase = 0;
    this.#compaction = new Compaction(this.#sequence, rows(), Math.min(STEP_BYTES, compactBytes / 8));
  }

  async #finishCompaction(writer: SegmentWriter, compaction: Compaction): Promise<void> {
    this.#base.writeDoubleLE(compaction.base, GROUP_HEADER_BYTES);
    this.#base.writeDoubleLE(compaction.bytes, GROUP_HEADER_BYTES + 8);
    await writer.append(this.#base, this.#base.length, GroupKind.Base, this.#sequence);
    this.#compaction = undefined;
    this.#baseBytes = compaction.bytes;
    this.compactions++;
    await writer.removeBefore(compaction.segment!).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, "old files of the store could not be removed");
    });
  }

  /** No room for another file: what is not needed any more has to go, while there is room in this one. */
  #onShortage(error: unknown): void {
    const { log, directory } = this.#options;
    const writer = this.#writer!;
    if (this.#shortAt !== writer.segmentNumber) log.warn({ err: explained(error, directory) }, "no room for the next file of the store");
    this.#shortAt = writer.segmentNumber;
    this.#isShort = writer.hasEarlier;
  }

  #fails(error: unknown): StoreError {
    const failure = explained(error, this.#options.directory);
    this.groupsFailed++;
    if (this.#failure === undefined) {
      this.#options.log.error({ err: failure }, "the store cannot be written; what clients send is refused until it can");
    }
    this.#failure = failure;
    this.#refusal = undefined;
    return failure;
  }

  #works(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#refusal = undefined;
    this.#options.log.info({}, "the store can be written again, and has everything");
  }

  #refuse(failure: StoreError): Promise<void> {
    this.#refusal ??= rejected(failure);
    return this.#refusal;
  }

  #retryLater(): void {
    if (this.#isClosing) return;
    this.#retryTimer = setTimeout(() => this.#start(), this.#options.retryMs);
  }

  /** One timer for as long as groups follow each other, not one a group. */
  #watchQuiet(): void {
    if (this.#quietTimer !== undefined || this.#isClosing || this.#failure !== undefined) return;
    const sequence = this.#sequence;
    this.#quietTimer = setTimeout(() => {
      this.#quietTimer = undefined;
      if (this.#running !== undefined || this.#isClosing || this.#failure !== undefined) return;
      if (this.#pending.length > 0) this.#start();
      else if (sequence !== this.#sequence) this.#watchQuiet();
      else this.#markDurable();
    }, QUIET_MS);
    this.#quietTimer.unref();
  }

  #markDurable(): void {
    // Nothing depends on it, so nobody is told if it fails; the group that comes next will be told the same.
    this.#running = this.#writer!.markDurable(this.#sequence)
      .catch(() => {})
      .finally(() => {
        this.#running = undefined;
        if (this.#next !== undefined) this.#start();
      });
  }
}

function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}
