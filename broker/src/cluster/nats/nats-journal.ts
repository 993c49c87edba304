import { ByteWriter } from "../../journal/byte-writer.js";
import { Compaction, STEP_BYTES } from "../../journal/compaction.js";
import { Deferred } from "../../journal/deferred.js";
import type { Row } from "../../journal/row.js";
import type { RowLog } from "../../journal/row-log.js";
import { StoreError } from "../../journal/store-error.js";
import type { Log } from "../../log.js";
import type { Engine } from "./engine.js";
import { EngineForbiddenError, EngineUnavailableError, LostRaceError } from "./engine-errors.js";
import { baseFrame, follow, groupFrames, JOURNAL_HEAD_BYTES } from "./journal-frames.js";

export interface NatsJournalOptions {
  readonly log: Log;
  /** What all rows that are stored, and may have been changed since, are. */
  readonly rows: () => Iterator<Row>;
  /**
   * Stores what was changed elsewhere together with rows, before them: without it, whoever takes over would know a message as received that is not among the retained ones, and
   * take it when it comes again for one that is. If it fails, it is tried again with the rows; but if there is no room for it, or it is forbidden, rows are written
   * all the same, and the publisher is refused. @default - nothing
   */
  readonly before?: () => Promise<void> | undefined;
  /** Written since the last compaction, and twice what that wrote, before the next. @default 16 MiB */
  readonly compactBytes?: number;
  /** Changed rows that may wait while NATS does not take them; with more, `commit` rejects at once. @default 100,000 */
  readonly maxPendingRows?: number;
  /** Between attempts to write while NATS does not take it. @default 250 */
  readonly retryMs?: number;
}

/** Where a journal is written, by a broker of that name and by nobody else. */
export interface JournalPlace {
  readonly engine: Engine;
  readonly stream: string;
  readonly subject: string;
  /** Another broker has sealed it: nothing is written any more. Called once. */
  readonly onLost: () => void;
}

/** What nobody waits for is written after so long. */
const QUIET_MS = 50;

/** What is being written: the messages of one group, and how far they have got. */
interface Writing {
  readonly frames: readonly Uint8Array[];
  next: number;
  /** Whether the next one may be there already. */
  isRepeated: boolean;
  firstSequence: number;
}

/**
 * Keeps rows in a stream of NATS, as `Journal` does on disk: group commit, compaction, and trying again. Each message is written only if the
 * last one of the subject is the one before it. So whoever seals the subject with a message of its own has everything there is, and this
 * journal writes nothing any more.
 */
export class NatsJournal implements RowLog {
  /** Raised with each compaction, as of a Journal. */
  epoch = 1;
  groupsWritten = 0;
  bytesWritten = 0;
  groupsFailed = 0;
  compactions = 0;

  readonly #options: Required<Omit<NatsJournalOptions, "before">> & Pick<NatsJournalOptions, "before">;
  readonly #out = new ByteWriter();
  #place: JournalPlace | undefined;
  #sequence = 0;
  #group = 1;
  #pending: Row[] = [];
  #flushing: Row[] = [];
  #next: Deferred | undefined;
  #current: Deferred | undefined;
  #writing: Writing | undefined;
  #running: Promise<void> | undefined;
  #compaction: Compaction | undefined;
  #compactedFrom = 0;
  #bytesSinceBase = 0;
  #baseBytes = 0;
  #failure: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: NatsJournalOptions) {
    this.#options = { compactBytes: 16 * 1024 * 1024, maxPendingRows: 100_000, retryMs: 250, ...options };
    this.#out.reset(0);
  }

  /** Why nothing can be made durable at present; undefined while all is well. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Rows that have changed since the last group. */
  get pendingRows(): number {
    return this.#pending.length;
  }

  /**
   * Begins a journal that nobody has written to, with a message: so whoever seals it is in the way of everything that follows.
   * Rows of former times are forgotten.
   */
  async begin(place: JournalPlace): Promise<void> {
    await this.end(new StoreError("the journal was begun anew"));
    this.#sequence = (await place.engine.append(place.subject, baseFrame(0), { expectedLastSubjectSequence: 0 })).sequence;
    this.#group = 1;
    this.epoch++;
    this.#bytesSinceBase = this.#baseBytes = 0;
    this.#failure = undefined;
    this.#place = place;
  }

  /** Writes nothing any more; whoever waits is told. */
  async end(error: Error): Promise<void> {
    this.#place = undefined;
    this.#failure = error;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next?.reject(error);
    this.#next = undefined;
    await this.#running;
    this.#current = this.#writing = this.#compaction = undefined;
    for (const row of this.#pending) row.discard();
    this.#pending = [];
    this.#flushing = [];
  }

  touch(row: Row): void {
    if (row.markPending() && this.#pending.push(row) === 1) this.#later(QUIET_MS);
  }

  commit(): Promise<void> | undefined {
    const hasChanged = this.#pending.length > 0;
    if (!hasChanged && this.#writing === undefined) return this.#current?.promise;
    if (this.#failure !== undefined && (this.#place === undefined || this.#pending.length > this.#options.maxPendingRows))
      return rejected(this.#failure);
    if (!hasChanged && this.#failure === undefined) return this.#next?.promise ?? this.#current?.promise;
    if (this.#next === undefined) {
      this.#next = new Deferred();
      if (this.#running === undefined && this.#failure === undefined) setImmediate(() => this.#start());
    }
    return this.#next.promise;
  }

  /** Resolves when everything is written that can be; for a broker that leaves. */
  async flush(): Promise<void> {
    await this.commit();
  }

  #start(): void {
    if (this.#running !== undefined || this.#place === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running = this.#run(this.#place).finally(() => {
      this.#running = undefined;
      if (this.#place === undefined) return;
      if (this.#failure !== undefined) this.#later(this.#options.retryMs);
      else if (this.#next !== undefined) this.#start();
      else if (this.#pending.length > 0) this.#later(QUIET_MS);
    });
  }

  #later(milliseconds: number): void {
    if (this.#timer !== undefined || this.#place === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#start();
    }, milliseconds);
  }

  /** Writes groups until there is nothing to write, or it fails. */
  async #run(place: JournalPlace): Promise<void> {
    do {
      const group = this.#next ?? new Deferred();
      this.#next = undefined;
      this.#current = group;
      try {
        await this.#writeOn(place);
        if (this.#place !== place) throw this.#failure!; // what has changed since its end is nobody's
        this.#seal(place);
        await this.#writeOn(place);
        if (this.#compaction?.isDone) await this.#finishCompaction(place, this.#compaction);
        this.#works();
        group.resolve();
      } catch (error) {
        this.#fails(error as Error);
        group.reject(this.#failure!);
      }
      this.#current = undefined;
    } while (this.#place === place && this.#failure === undefined && (this.#next !== undefined || this.#compaction !== undefined));
  }

  /** Makes one group of everything that has changed. */
  #seal({ engine }: JournalPlace): void {
    const out = this.#out;
    const rows = this.#pending;
    this.#pending = this.#flushing;
    this.#flushing = rows;
    out.reset(0);
    this.#beginCompaction();
    for (let i = 0; i < rows.length; i++) rows[i]!.flush(out, this.epoch);
    rows.length = 0;
    this.#compaction?.step(out, this.epoch);
    if (out.length === 0) return;
    const frames = groupFrames(this.#group++, out.bytes.subarray(0, out.length), engine.maxPayloadBytes - JOURNAL_HEAD_BYTES);
    this.#writing = { frames, next: 0, isRepeated: false, firstSequence: 0 };
    this.#bytesSinceBase += out.length;
    this.bytesWritten += out.length;
  }

  async #writeOn(place: JournalPlace): Promise<void> {
    if (this.#writing === undefined) return;
    await this.#options.before?.()?.catch((error: unknown) => {
      if (mayPass(error)) throw error;
    });
    await this.#write(place, this.#writing);
  }

  async #write(place: JournalPlace, writing: Writing): Promise<void> {
    for (; writing.next < writing.frames.length; writing.next++) {
      await this.#append(place, writing.frames[writing.next]!, writing);
      if (writing.firstSequence === 0) writing.firstSequence = this.#sequence;
    }
    this.#writing = undefined;
    this.groupsWritten++;
    if (this.#compaction !== undefined && this.#compactedFrom === 0) this.#compactedFrom = writing.firstSequence;
  }

  async #append({ engine, stream, subject, onLost }: JournalPlace, bytes: Uint8Array, writing: { isRepeated: boolean }): Promise<void> {
    try {
      follow(bytes, this.#sequence);
      this.#sequence = (await engine.append(subject, bytes, { expectedLastSubjectSequence: this.#sequence })).sequence;
      writing.isRepeated = false;
    } catch (error) {
      if (!(error instanceof LostRaceError)) {
        writing.isRepeated ||= error instanceof EngineUnavailableError && error.isOutcomeUnknown;
        throw error;
      }
      const last = writing.isRepeated ? await engine.lastMessage(stream, subject) : undefined;
      if (last !== undefined && last.sequence > this.#sequence && Buffer.compare(last.bytes, bytes) === 0) {
        this.#sequence = last.sequence;
        writing.isRepeated = false;
        return;
      }
      this.#place = undefined;
      onLost();
      throw error;
    }
  }

  #beginCompaction(): void {
    const { compactBytes, rows } = this.#options;
    if (this.#compaction !== undefined || this.#bytesSinceBase <= compactBytes + 2 * this.#baseBytes) return;
    this.epoch++;
    this.#bytesSinceBase = 0;
    this.#compactedFrom = 0;
    this.#compaction = new Compaction(this.#group, rows(), Math.min(STEP_BYTES, compactBytes / 8));
  }

  async #finishCompaction(place: JournalPlace, compaction: Compaction): Promise<void> {
    const base = { frames: [baseFrame(compaction.base)], next: 0, isRepeated: false, firstSequence: 0 };
    this.#writing = base;
    const from = this.#compactedFrom;
    await this.#write(place, base);
    this.#compaction = undefined;
    this.#baseBytes = compaction.bytes;
    this.compactions++;
    if (from === 0) return;
    // What is left of it does no harm, and goes with the next.
    await place.engine.purge(place.stream, place.subject, { beforeSequence: from }).catch(() => {});
  }

  #fails(error: Error): void {
    this.groupsFailed++;
    if (this.#failure === undefined)
      this.#options.log.error(
        { err: error },
        "NATS does not take what sessions are to be kept of; what clients send is refused until it does",
      );
    this.#failure = error;
  }

  #works(): void {
    if (this.#failure === undefined || this.#place === undefined) return;
    this.#failure = undefined;
    this.#options.log.info({}, "NATS takes what sessions are to be kept of again, and has everything");
  }
}

/** Whether the engine may do it the next time. */
function mayPass(error: unknown): boolean {
  if (error instanceof LostRaceError) return true;
  return error instanceof EngineUnavailableError && error.code === undefined && !(error instanceof EngineForbiddenError);
}

function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}
