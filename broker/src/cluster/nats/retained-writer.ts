import { randomBytes } from "node:crypto";
import type { Clock } from "../../clock.js";
import { ByteWriter } from "../../journal/byte-writer.js";
import { Deferred } from "../../journal/deferred.js";
import type { Log } from "../../log.js";
import { type Message, NEVER } from "../../message.js";
import type { Engine } from "./engine.js";
import { LostRaceError } from "./engine-errors.js";
import { PeerError } from "./peer-error.js";
import type { StoredAt } from "./retained-memory.js";
import { decodeRetained, encodeRetained, type RetainedRecord, retainedSubject } from "./retained-records.js";

/** That a topic has no message any more is known for so long: more than any broker is cut off without being taken for dead. */
const DELETED_SECONDS = 3_600;
/** How much longer the stream has what expires: brokers' clocks differ, and to one that is behind it is still there. */
const CLOCK_SKEW_SECONDS = 5;
const HEAD_BYTES = 512;
/** For one word to get in between those of other brokers. */
const RACE_MS = 5_000;

/** Which of two brokers has a client, as far as it decides who has said the last word on a topic. */
export interface Standing {
  /** Whether this broker would have heard that the others have taken it for dead. */
  readonly isReady: boolean;
  /** The name under which its clients are its own; undefined while it has none, and they are others'. */
  readonly life: string | undefined;
  /** Whether that life is over: another broker has all that was stored by then, and has it alone. Rejects if that is not to be had now. */
  isOver(life: string): Promise<boolean>;
  /** Whether the client is at another broker now. Rejects as well. */
  hasLeft(clientId: string): Promise<boolean>;
}

export interface RetainedWriterOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Asked when it is needed: the store is there before who knows them. */
  readonly standing: () => Standing;
  /** Up to where this broker has read the stream. */
  readonly readUpTo: () => number;
  /** The stream has that sequence. */
  readonly onWritten: (sequence: number) => void;
  /** Our last word on a topic has come back. */
  readonly onOwn: (topic: string, at: StoredAt) => void;
  /** What holds for a topic now is another's word. */
  readonly onForeign: (topic: string, message: Message | undefined, at: StoredAt) => void;
  /** It is larger than the stream takes. */
  readonly onTooLarge: (topic: string, publisher: string) => void;
}

/** What somebody has said of a topic: its message, or that it has none. */
interface Foreign {
  readonly at: StoredAt;
  readonly message: Message | undefined;
}

/** What this broker has said of a topic last. */
interface Word {
  /** Ours are numbered. */
  readonly attempt: number;
  readonly message: Message | undefined;
  /** Whose it is; empty for the broker itself. */
  readonly publisher: string;
  /** Of this broker, when it was said. */
  readonly life: string | undefined;
  /** That may have been over. */
  readonly isDoubtful: boolean;
  /** What had been read of the stream when it was said: it comes after that. */
  readonly basis: number;
  /** What is last in the stream of the topic, as far as it is known. */
  readonly expected: number;
  /** None of ours may still be on its way to the stream. */
  readonly isFirst: boolean;
  /** The one before, until that is over. */
  previous: Word | undefined;
  /** In the stream, once that is known. */
  sequence: number | undefined;
  /** It was said in vain once, and its publisher refused. */
  hasFailed: boolean;
  /** What others have said of the topic meanwhile, of that the last. */
  foreign: Foreign | undefined;
}

interface Writing {
  readonly now: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Writes what clients of this broker retain, in groups, and tells which word on a topic is the last.
 *
 * A word is written by compare-and-set: only in place of one that it comes after. If another broker's is there that had not been read when it was
 * said, it may still be the later of the two; but it is not if it has been tried in vain before, and its publisher refused; nor if this broker has
 * been taken for dead, and the publisher is at another, which has the same message from it, and those after it. Then it is dropped.
 */
export class RetainedWriter {
  readonly id = randomBytes(8).toString("hex");
  readonly counters = { superseded: 0 };
  readonly #options: RetainedWriterOptions;
  readonly #out = new ByteWriter();
  /** Topics on which our last word has to be written. */
  #changed = new Set<string>();
  /** Topics on which our last word has not come back. */
  readonly #words = new Map<string, Word>();
  /** One word at a time on each topic. */
  readonly #writing = new Map<string, Writing>();
  #attempt = 0;
  #open: Deferred | undefined;
  #last: Promise<void> | undefined;
  #engine: Engine | undefined;
  #prefix = "";
  #stream = "";

  constructor(options: RetainedWriterOptions) {
    this.#options = options;
  }

  /** Where it writes to. */
  begin(engine: Engine, prefix: string, stream: string): void {
    this.#engine = engine;
    this.#prefix = prefix;
    this.#stream = stream;
  }

  /** Topics on which our last word has not come back. */
  get unread(): Iterable<string> {
    return this.#words.keys();
  }

  nextAttempt(): number {
    return ++this.#attempt;
  }

  /** `known`: sequence of what this broker has of the topic; 0 if nothing. */
  change(topic: string, message: Message | undefined, publisher: string, known: number): void {
    const { readUpTo } = this.#options;
    const { life, isReady } = this.#options.standing();
    const previous = this.#words.get(topic);
    if (previous !== undefined) previous.previous = undefined;
    this.#words.set(topic, {
      attempt: ++this.#attempt,
      message,
      publisher,
      life,
      isDoubtful: !isReady,
      basis: readUpTo(),
      expected: known,
      isFirst: previous === undefined,
      previous,
      sequence: undefined,
      hasFailed: false,
      foreign: previous?.foreign,
    });
    this.#changed.add(topic);
    this.#collect();
  }

  commit(): Promise<void> | undefined {
    if (this.#changed.size > 0) this.#collect();
    return this.writing;
  }

  /** As `commit`, but what could not be written is not tried again. */
  get writing(): Promise<void> | undefined {
    return this.#open?.promise ?? this.#last;
  }

  /** A word on a topic has come, by us or another. */
  hear(topic: string, { writer, attempt, message }: RetainedRecord, at: StoredAt): void {
    const word = this.#words.get(topic);
    if (word !== undefined && writer === this.id) {
      if (attempt !== word.attempt) return;
      word.sequence = at.sequence;
      this.#words.delete(topic);
      this.#options.onOwn(topic, at);
    } else if (word !== undefined && (word.sequence === undefined || word.sequence > at.sequence)) word.foreign = { at, message };
    else {
      this.#words.delete(topic);
      this.#options.onForeign(topic, message, at);
    }
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
    const changed = this.#changed;
    this.#changed = new Set();
    const last = group.promise;
    const written = Promise.all([this.#last, ...Array.from(changed, (topic) => this.#write(topic))]);
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

  /** Resolves when our last word on a topic is in the stream: after the one that is being written. */
  #write(topic: string): Promise<void> {
    const writing = this.#writing.get(topic);
    if (writing === undefined) return this.#start(topic);
    const start = () => this.#start(topic);
    writing.next ??= writing.now.then(start, start);
    return writing.next;
  }

  #start(topic: string): Promise<void> {
    const word = this.#words.get(topic);
    if (word === undefined) return Promise.resolve(); // it has come back
    const now = this.#say(topic, word).finally(() => this.#writing.delete(topic));
    this.#writing.set(topic, { now, next: undefined });
    return now;
  }

  async #say(topic: string, word: Word): Promise<void> {
    try {
      const engine = this.#engine;
      if (engine === undefined) throw new PeerError("retained messages have not been read yet");
      const bytes = encodeRetained(this.#out, { writer: this.id, attempt: word.attempt, topic, message: word.message });
      if (bytes.length > engine.maxPayloadBytes - HEAD_BYTES) this.#refuse(topic, word, bytes.length);
      else await this.#append(engine, topic, word, bytes);
    } catch (error) {
      if (word.sequence !== undefined) return; // only the answer was lost
      word.hasFailed = true;
      // Once more with the next commit, unless there is something newer by then.
      if (this.#words.get(topic) === word) this.#changed.add(topic);
      throw error;
    }
  }

  async #append(engine: Engine, topic: string, word: Word, bytes: Uint8Array): Promise<void> {
    const subject = retainedSubject(this.#prefix, topic);
    const ttlSeconds = this.#lifetimeSeconds(word.message);
    const deadlineMs = performance.now() + RACE_MS;
    let expected = word.previous?.sequence ?? word.expected;
    word.previous = undefined;
    if (word.isDoubtful && (await this.#isStale(word))) return this.#yield(engine, topic, word);
    if (word.message === undefined && word.isFirst && expected === 0 && (await this.#isEmpty(engine, topic, word))) return;
    for (;;) {
      try {
        const options = { expectedLastSubjectSequence: expected, ...(ttlSeconds !== undefined && { ttlSeconds }) };
        const { sequence } = await engine.append(subject, bytes, options);
        return this.#written(topic, word, sequence);
      } catch (error) {
        if (!(error instanceof LostRaceError) || performance.now() > deadlineMs) throw error;
      }
      const last = await engine.lastMessage(this.#stream, subject);
      expected = last?.sequence ?? 0;
      if (last === undefined || expected <= word.basis) continue;
      const record = decodeRetained(last.bytes);
      if (record?.writer === this.id) {
        if (record.attempt === word.attempt) return this.#written(topic, word, expected);
      } else if (word.hasFailed || (await this.#isStale(word))) return this.#yield(engine, topic, word);
    }
  }

  /** What nobody knows of need not be deleted. */
  async #isEmpty(engine: Engine, topic: string, word: Word): Promise<boolean> {
    const last = await engine.lastMessage(this.#stream, retainedSubject(this.#prefix, topic));
    if (last !== undefined && decodeRetained(last.bytes)?.message !== undefined) return false;
    this.#written(topic, word, last?.sequence ?? 0);
    if (this.#words.get(topic) === word) this.#words.delete(topic);
    return true;
  }

  #written(topic: string, word: Word, sequence: number): void {
    this.#options.onWritten(sequence);
    word.sequence = sequence;
    const { foreign } = word;
    if (this.#words.get(topic) !== word || foreign === undefined || foreign.at.sequence < sequence) return;
    this.#words.delete(topic);
    this.#options.onForeign(topic, foreign.message, foreign.at);
  }

  /** As long as this broker lives, its clients are accepted elsewhere only once what they have had retained here is in the stream, or has failed. */
  async #isStale({ publisher, life }: Word): Promise<boolean> {
    if (publisher === "") return false;
    const standing = this.#options.standing();
    return (life === undefined || (await standing.isOver(life))) && standing.hasLeft(publisher);
  }

  /** What the stream has holds. Nobody waits to hear of the word: its publisher has gone, or been refused. */
  async #yield(engine: Engine, topic: string, word: Word): Promise<void> {
    const last = await engine.lastMessage(this.#stream, retainedSubject(this.#prefix, topic));
    this.counters.superseded++;
    this.#options.log.info(
      { topic, publisher: word.publisher },
      "what was to be retained came too late: another broker has something newer",
    );
    if (this.#words.get(topic) !== word) return;
    this.#words.delete(topic);
    const at = { sequence: last?.sequence ?? 0, bytes: last?.bytes.length ?? 0 };
    const { foreign } = word;
    if (foreign !== undefined && foreign.at.sequence > at.sequence) this.#options.onForeign(topic, foreign.message, foreign.at);
    else this.#options.onForeign(topic, last && decodeRetained(last.bytes)?.message, at);
  }

  #refuse(topic: string, { publisher }: Word, bytes: number): void {
    this.#options.log.warn({ topic, bytes }, "a retained message is larger than NATS takes (max_payload of its servers): it is not kept");
    this.#options.onTooLarge(topic, publisher);
  }

  /** Undefined: for ever. */
  #lifetimeSeconds(message: Message | undefined): number | undefined {
    if (message === undefined) return DELETED_SECONDS;
    if (message.expiresAtMs === NEVER) return undefined;
    return Math.max(1, Math.ceil((message.expiresAtMs - this.#options.clock.now()) / 1_000)) + CLOCK_SKEW_SECONDS;
  }
}
