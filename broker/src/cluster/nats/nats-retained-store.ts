import { randomBytes } from "node:crypto";
import type { Clock } from "../../clock.js";
import { ByteWriter } from "../../journal/byte-writer.js";
import { Deferred } from "../../journal/deferred.js";
import type { Log } from "../../log.js";
import { type Message, NEVER } from "../../message.js";
import { isHere, type RetainedEntry, type RetainedStore } from "../../retained/retained-store.js";
import type { Engine, StoredMessage, StreamDefinition, Tail } from "./engine.js";
import { PeerError } from "./peer-error.js";
import { type FetchedRecord, RetainedFetches } from "./retained-fetches.js";
import { RetainedMemory, type StoredAt } from "./retained-memory.js";
import { decodeRetained, encodeRetained, retainedSubject } from "./retained-records.js";

/** That a topic has no message any more is known for so long: more than any broker is cut off without being taken for dead. */
const DELETED_SECONDS = 3_600;
/** Longer than it takes to read all that is there. */
const MARK_SECONDS = 600;
const HEAD_BYTES = 512;
/** How much longer the stream has what expires: brokers' clocks differ, and to one that is behind it is still there. */
const CLOCK_SKEW_SECONDS = 5;

export interface NatsRetainedStoreOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly storage: StreamDefinition["storage"];
  readonly replicas: number;
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
}

/** Our last word on a topic, as long as others' words before it may still come. */
interface OwnWord {
  /** Of the attempt to write it that came last; 0 if there was none yet. */
  attempt: number;
  /** In the stream, once that is known. */
  sequence: number | undefined;
  /** What others have said of the topic meanwhile, of that the last. */
  foreign: { readonly at: StoredAt; readonly message: Message | undefined } | undefined;
}

/**
 * The retained messages of all brokers: each knows of all of them, and writes what its own clients change to one stream, which all read.
 * Whole messages are in memory up to a bound; those beyond it are fetched from the stream when somebody wants them.
 *
 * A change holds here at once. Where brokers change a topic at about the same time, what is last in the stream holds for all: of what others
 * say of a topic, a broker takes in only what comes after its own last word.
 */
export class NatsRetainedStore implements RetainedStore {
  readonly isShared = true;
  readonly #options: NatsRetainedStoreOptions;
  #memory: RetainedMemory;
  readonly #fetches: RetainedFetches;
  readonly #writer = randomBytes(8).toString("hex");
  readonly #out = new ByteWriter();
  /** What has to be written: the message of a topic, or that it has none. */
  readonly #changed = new Map<string, Message | undefined>();
  /** Topics on which our last word has not come back. */
  readonly #unread = new Map<string, OwnWord>();
  #attempt = 0;
  #open: Deferred | undefined;
  #last: Promise<void> | undefined;
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
    return { retainedAbsent: absent, retainedMemoryBytes: heldBytes, retainedFetched: fetched, retainedFetchesFailed: failed };
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
    await engine.ensureStreams([{ name, subjects: [`${prefix}.t.*`], storage, replicas, maxMessagesPerSubject: 1, hasMessageTtl: true }]);
    await this.#tail?.stop();
    const before = this.#memory;
    this.#memory = new RetainedMemory(this.#options);
    for (const topic of this.#unread.keys()) {
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
    this.#memory.set(message);
    this.#change(message.topic, message);
  }

  delete(topic: string): void {
    if (this.#memory.get(topic) === undefined && !this.#unread.has(topic)) return;
    this.#memory.delete(topic);
    this.#change(topic, undefined);
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
    if (this.#changed.size > 0) this.#collect();
    return this.writing;
  }

  /** As `commit`, but what could not be written is not tried again. */
  get writing(): Promise<void> | undefined {
    return this.#open?.promise ?? this.#last;
  }

  async stop(): Promise<void> {
    this.#fetches.stop();
    await this.#tail?.stop();
  }

  #change(topic: string, message: Message | undefined): void {
    if (topic.startsWith("$SYS/")) return; // each broker's own
    this.#changed.set(topic, message);
    this.#unread.set(topic, { attempt: 0, sequence: undefined, foreign: this.#unread.get(topic)?.foreign });
    this.#collect();
  }

  /** What changes in this turn is written at its end, and is one group. */
  #collect(): void {
    if (this.#open !== undefined) return;
    this.#open = new Deferred();
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    const group = this.#open!;
    this.#open = undefined;
    const changes = [...this.#changed];
    this.#changed.clear();
    const written = Promise.all([this.#last, ...changes.map(([topic, message]) => this.#write(topic, message))]);
    const last = group.promise;
    this.#last = last;
    written.then(
      () => {
        if (this.#last === last) this.#last = undefined;
        group.resolve();
      },
      (error: Error) => {
        if (this.#last === last) this.#last = undefined;
        group.reject(error);
      },
    );
  }

  async #write(topic: string, message: Message | undefined): Promise<void> {
    const engine = this.#engine;
    const attempt = ++this.#attempt;
    const word = this.#unread.get(topic);
    if (word !== undefined) word.attempt = attempt;
    try {
      if (engine === undefined) throw new PeerError("retained messages have not been read yet");
      const bytes = encodeRetained(this.#out, { writer: this.#writer, attempt, topic, message });
      if (bytes.length > engine.maxPayloadBytes - HEAD_BYTES) {
        this.#dropTooLarge(topic, bytes.length);
        return;
      }
      const ttlSeconds = this.#lifetimeSeconds(message);
      const { sequence } = await engine.append(retainedSubject(this.#prefix, topic), bytes, ttlSeconds === undefined ? {} : { ttlSeconds });
      this.#tail?.expect(sequence);
      if (word !== undefined && this.#unread.get(topic) === word) this.#written(topic, word, sequence);
    } catch (error) {
      // Once more with the next commit, unless there is something newer by then.
      if (word !== undefined && this.#unread.get(topic) === word) this.#changed.set(topic, message);
      throw error;
    }
  }

  #written(topic: string, word: OwnWord, sequence: number): void {
    word.sequence = sequence;
    if (word.foreign === undefined || word.foreign.at.sequence < sequence) return;
    this.#unread.delete(topic);
    this.#takeIn(topic, word.foreign.message, word.foreign.at);
  }

  /** What cannot be given to the others is not kept here either. */
  #dropTooLarge(topic: string, bytes: number): void {
    this.#options.log.warn({ topic, bytes }, "a retained message is larger than NATS takes (max_payload of its servers): it is not kept");
    this.delete(topic);
  }

  /** Undefined: for ever. */
  #lifetimeSeconds(message: Message | undefined): number | undefined {
    if (message === undefined) return DELETED_SECONDS;
    if (message.expiresAtMs === NEVER) return undefined;
    return Math.max(1, Math.ceil((message.expiresAtMs - this.#options.clock.now()) / 1_000)) + CLOCK_SKEW_SECONDS;
  }

  #read({ bytes, sequence }: StoredMessage): void {
    try {
      const record = decodeRetained(bytes);
      if (record === undefined) return;
      const { writer, attempt, topic, message } = record;
      const at = { sequence, bytes: bytes.length };
      if (topic === undefined) {
        if (writer === this.#writer) this.#marked(attempt);
      } else if (writer === this.#writer && this.#unread.has(topic)) {
        if (this.#unread.get(topic)!.attempt !== attempt) return;
        this.#unread.delete(topic);
        this.#memory.hold(topic, at);
      } else this.#hear(topic, message, at);
    } catch (error) {
      this.#options.log.error({ err: error, sequence }, "a retained message cannot be read");
    }
  }

  /** Writes that nothing has changed, and waits until that has come back. */
  async #mark(): Promise<void> {
    const attempt = ++this.#attempt;
    const seen = new Deferred();
    this.#marks.set(attempt, seen);
    const bytes = encodeRetained(this.#out, { writer: this.#writer, attempt, topic: undefined, message: undefined });
    try {
      const { sequence } = await this.#engine!.append(`${this.#prefix}.t.${this.#writer}`, bytes, { ttlSeconds: MARK_SECONDS });
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

  /** Another broker's word on a topic, or one of ours that was known already. */
  #hear(topic: string, message: Message | undefined, at: StoredAt): void {
    const own = this.#unread.get(topic);
    if (own !== undefined && (own.sequence === undefined || own.sequence > at.sequence)) {
      own.foreign = { at, message };
      return;
    }
    this.#unread.delete(topic);
    this.#takeIn(topic, message, at);
  }

  #takeIn(topic: string, message: Message | undefined, at: StoredAt): void {
    if (message === undefined) this.#memory.delete(topic);
    else this.#memory.setStored(message, at);
  }
}

function streamName(prefix: string): string {
  return `${prefix.replaceAll(".", "_")}_retained`;
}
