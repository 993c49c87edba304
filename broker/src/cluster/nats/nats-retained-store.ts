import type { Clock } from "../../clock.js";
import { ByteWriter } from "../../journal/byte-writer.js";
import { Deferred } from "../../journal/deferred.js";
import type { Log } from "../../log.js";
import type { Message } from "../../message.js";
import { isHere, type RetainedEntry, type RetainedStore } from "../../retained/retained-store.js";
import type { Engine, StoredMessage, StreamDefinition, Tail } from "./engine.js";
import { PeerError } from "./peer-error.js";
import { type FetchedRecord, RetainedFetches } from "./retained-fetches.js";
import { RetainedMemory, type StoredAt } from "./retained-memory.js";
import { decodeRetained, encodeRetained, retainedSubject } from "./retained-records.js";
import { RetainedWriter, type Standing } from "./retained-writer.js";

/** Longer than it takes to read all that is there. */
const MARK_SECONDS = 600;

export interface NatsRetainedStoreOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly storage: StreamDefinition["storage"];
  readonly replicas: number;
  readonly standing: () => Standing;
  /** Bytes of messages kept in memory whole, once the stream has them. */
  readonly memoryBytes: number;
}

/** As `$SYS` and metrics have them. */
export interface RetainedReadings {
  /** Messages that would have to be fetched. */
  readonly retainedAbsent: number;
  /** Of messages in memory that the stream has too. */
  readonly retainedMemoryBytes: number;
  readonly retainedFetched: number;
  readonly retainedFetchesFailed: number;
  /** Messages dropped, as others had been retained elsewhere before they could be stored. */
  readonly retainedSuperseded: number;
}

/**
 * The retained messages of all brokers: each knows of all of them, and writes what its own clients change to one stream, which all read.
 * Whole messages are in memory up to a bound; those beyond it are fetched from the stream when somebody wants them.
 *
 * A change holds here at once. Where brokers change a topic at about the same time, what is last in the stream holds for all: of what others
 * say of a topic, a broker takes in only what comes after its own last word. `RetainedWriter` has how that gets there.
 */
export class NatsRetainedStore implements RetainedStore {
  readonly isShared = true;
  readonly #options: NatsRetainedStoreOptions;
  #memory: RetainedMemory;
  readonly #fetches: RetainedFetches;
  readonly #writer: RetainedWriter;
  readonly #out = new ByteWriter();
  #readUpTo = 0;
  #engine: Engine | undefined;
  #prefix = "";
  #tail: Tail | undefined;
  /** Marks of this broker that have not come back, by their numbers, and the one that the turn's end writes. */
  readonly #marks = new Map<number, Deferred>();
  #nextMark: Promise<void> | undefined;

  constructor(options: NatsRetainedStoreOptions) {
    this.#options = options;
    this.#memory = new RetainedMemory(options);
    this.#fetches = new RetainedFetches({ log: options.log, memory: () => this.#memory, read: (topic) => this.#fetch(topic) });
    this.#writer = new RetainedWriter({
      ...options,
      readUpTo: () => this.#readUpTo,
      onWritten: (sequence) => this.#tail?.expect(sequence),
      onOwn: (topic, at) => this.#memory.hold(topic, at),
      onForeign: (topic, message, at) => this.#takeIn(topic, message, at),
      onTooLarge: (topic, publisher) => this.delete(topic, publisher), // what cannot be given to the others is not kept here either
    });
  }

  get size(): number {
    return this.#memory.size;
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  readings(): RetainedReadings {
    const { absent, heldBytes } = this.#memory;
    const { fetched, failed } = this.#fetches;
    const { superseded } = this.#writer.counters;
    return {
      retainedAbsent: absent,
      retainedMemoryBytes: heldBytes,
      retainedFetched: fetched,
      retainedFetchesFailed: failed,
      retainedSuperseded: superseded,
    };
  }

  /**
   * Takes in what is there, instead of what was; resolves when all of it has been read. `prefix` is the first part of all subjects. Called
   * again when this broker may have missed something.
   */
  async load(engine: Engine, prefix: string): Promise<void> {
    const { storage, replicas, log } = this.#options;
    const name = streamName(prefix);
    this.#engine = engine;
    this.#prefix = prefix;
    this.#writer.begin(engine, prefix, name);
    await engine.ensureStreams([{ name, subjects: [`${prefix}.t.*`], storage, replicas, maxMessagesPerSubject: 1, hasMessageTtl: true }]);
    await this.#tail?.stop();
    const before = this.#memory;
    this.#memory = new RetainedMemory(this.#options);
    this.#readUpTo = 0;
    for (const topic of this.#writer.unread) {
      const own = before.get(topic);
      if (own !== undefined) this.#memory.set(own);
    }
    this.#tail = engine.tail(name, {
      onMessage: (message) => this.#read(message),
      onTrouble: (error) => log.warn({ err: error }, "retained messages cannot be read, trying on"),
    });
    await this.#mark();
  }

  /** Resolves when all has been read that brokers had written before; one promise for all who ask in a turn. */
  catchUp(): Promise<void> {
    this.#nextMark ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#nextMark = undefined;
      return this.#mark();
    });
    return this.#nextMark;
  }

  set(message: Message): void {
    const known = this.#memory.sequenceOf(message.topic);
    this.#memory.set(message);
    this.#change(message.topic, message, message.publisher, known);
  }

  /** Also if nothing is known here: it may be on its way. */
  delete(topic: string, publisher = ""): void {
    const known = this.#memory.sequenceOf(topic);
    this.#memory.delete(topic);
    this.#change(topic, undefined, publisher, known);
  }

  get(topic: string): Message | undefined | Promise<Message | undefined> {
    const entry = this.#memory.get(topic);
    return entry === undefined || isHere(entry) ? entry : this.#fetches.all([entry]).then(([message]) => message);
  }

  bytesOf(topic: string): number | undefined {
    return this.#memory.bytesOf(topic);
  }

  async match(filter: string, visit: (message: Message) => void): Promise<void> {
    for (const entry of this.#memory.matching(filter)) {
      const message = isHere(entry) ? entry : await this.get(entry.topic);
      if (message !== undefined) visit(message);
    }
  }

  matching(filter: string): Iterator<RetainedEntry> {
    return this.#memory.matching(filter);
  }

  walk(filter: string): Iterator<RetainedEntry | undefined> {
    return this.#memory.walk(filter);
  }

  fetch(entries: readonly RetainedEntry[]): Promise<readonly Message[]> {
    return this.#fetches.all(entries);
  }

  sweep(limit: number): number {
    return this.#memory.sweep(limit);
  }

  commit(): Promise<void> | undefined {
    return this.#writer.commit();
  }

  /** As `commit`, but what could not be written is not tried again. */
  get writing(): Promise<void> | undefined {
    return this.#writer.writing;
  }

  async stop(): Promise<void> {
    this.#fetches.stop();
    await this.#tail?.stop();
  }

  #change(topic: string, message: Message | undefined, publisher: string, known: number): void {
    if (topic.startsWith("$SYS/")) return; // each broker's own
    this.#writer.change(topic, message, publisher, known);
  }

  #read({ bytes, sequence }: StoredMessage): void {
    this.#readUpTo = sequence;
    try {
      const record = decodeRetained(bytes);
      if (record === undefined) return;
      if (record.topic !== undefined) this.#writer.hear(record.topic, record, { sequence, bytes: bytes.length });
      else if (record.writer === this.#writer.id) this.#marked(record.attempt);
    } catch (error) {
      this.#options.log.error({ err: error, sequence }, "a retained message cannot be read");
    }
  }

  /** Writes that nothing has changed, and waits until that has come back. */
  async #mark(): Promise<void> {
    const attempt = this.#writer.nextAttempt();
    const seen = new Deferred();
    this.#marks.set(attempt, seen);
    const bytes = encodeRetained(this.#out, { writer: this.#writer.id, attempt, topic: undefined, message: undefined });
    try {
      const { sequence } = await this.#engine!.append(`${this.#prefix}.t.${this.#writer.id}`, bytes, { ttlSeconds: MARK_SECONDS });
      this.#tail?.expect(sequence);
    } catch (error) {
      this.#marks.delete(attempt);
      throw error;
    }
    await seen.promise;
  }

  /** Marks before it may have been replaced by it, and not be read any more. */
  #marked(upTo: number): void {
    for (const [attempt, seen] of this.#marks) {
      if (attempt > upTo) break;
      this.#marks.delete(attempt);
      seen.resolve();
    }
  }

  async #fetch(topic: string): Promise<FetchedRecord | undefined> {
    const engine = this.#engine;
    if (engine === undefined) throw new PeerError("retained messages have not been read yet");
    const stored = await engine.lastMessage(streamName(this.#prefix), retainedSubject(this.#prefix, topic));
    if (stored === undefined) return undefined;
    const { sequence, bytes } = stored;
    return { message: decodeRetained(bytes)?.message, at: { sequence, bytes: bytes.length } };
  }

  #takeIn(topic: string, message: Message | undefined, at: StoredAt): void {
    if (message === undefined) this.#memory.delete(topic);
    else this.#memory.setStored(message, at);
  }
}

function streamName(prefix: string): string {
  return `${prefix.replaceAll(".", "_")}_retained`;
}
