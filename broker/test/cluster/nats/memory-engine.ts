import type {
  Appended,
  AppendOptions,
  Engine,
  EngineCounters,
  EngineState,
  Receive,
  StoredMessage,
  StreamDefinition,
  Tail,
  TailOptions,
} from "../../../src/cluster/nats/engine.js";
import { EngineUnavailableError, LostRaceError, NoListenerError } from "../../../src/cluster/nats/engine-errors.js";

/** One stream, and nothing else, in memory: for what is hard to bring about with a server. Failures are the test's to make. */
export class MemoryEngine implements Engine {
  readonly state: EngineState = { isConnected: true, sinceMs: 0, server: "" };
  readonly maxPayloadBytes = 1_048_576;
  readonly counters: EngineCounters = { pending: 0, reconnects: 0, appends: 0, lostRaces: 0, failures: 0 };
  readonly stored: StoredMessage[] = [];
  /** What the next appends come to: whether they are stored, though the caller does not hear of it. */
  readonly failures: ("lost" | "stored")[] = [];
  #sequence = 0;

  onState(): () => void {
    return () => {};
  }

  async ensureStreams(_definitions: readonly StreamDefinition[]): Promise<void> {}

  async append(subject: string, bytes: Uint8Array, { expectedLastSubjectSequence }: AppendOptions = {}): Promise<Appended> {
    await new Promise(setImmediate);
    const failure = this.failures.shift();
    if (failure === "lost") throw new EngineUnavailableError("lost", { isOutcomeUnknown: true });
    const last = this.stored.findLast((message) => message.subject === subject)?.sequence ?? 0;
    if (expectedLastSubjectSequence !== undefined && expectedLastSubjectSequence !== last) throw new LostRaceError(subject, last);
    this.stored.push({ subject, bytes, sequence: ++this.#sequence });
    if (failure === "stored") throw new EngineUnavailableError("no answer", { isOutcomeUnknown: true });
    return { sequence: this.#sequence, isDuplicate: false };
  }

  async lastMessage(_stream: string, subject: string): Promise<StoredMessage | undefined> {
    return this.stored.findLast((message) => message.subject === subject);
  }

  async nextMessage(_stream: string, fromSequence: number): Promise<StoredMessage | undefined> {
    return this.stored.find(({ sequence }) => sequence >= fromSequence);
  }

  async lastSequence(): Promise<number> {
    return this.#sequence;
  }

  async purge(_stream: string, subject: string, { beforeSequence = Number.POSITIVE_INFINITY } = {}): Promise<void> {
    const kept = this.stored.filter((message) => message.subject !== subject || message.sequence >= beforeSequence);
    this.stored.splice(0, this.stored.length, ...kept);
  }

  tail(_stream: string, _options: TailOptions): Tail {
    throw new Error("the memory engine has no readers");
  }

  publish(): boolean {
    return true;
  }

  async request(subject: string): Promise<Uint8Array> {
    throw new NoListenerError(subject);
  }

  subscribe(_subject: string, _receive: Receive): () => void {
    return () => {};
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
