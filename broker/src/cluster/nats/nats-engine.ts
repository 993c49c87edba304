import { headers, type Msg, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { Latency } from "../../latency.js";
import type { Log } from "../../log.js";
import { Backoff } from "./backoff.js";
import { connectOptions } from "./connect-options.js";
import { ConnectionWatch } from "./connection-watch.js";
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
} from "./engine.js";
import { EngineForbiddenError, EngineUnavailableError, LostRaceError, NoListenerError } from "./engine-errors.js";
import type { NatsConnectionOptions } from "./engine-options.js";
import { ensureStreams } from "./ensure-streams.js";
import { firstConnection } from "./first-connection.js";
import { ApiCode, ApiError, type ApiProblem, type AskJetStream, isFull, readAnswer } from "./jetstream-api.js";
import { type Answer, PendingCalls } from "./pending-calls.js";
import { StreamTail } from "./stream-tail.js";

export interface NatsEngineOptions extends NatsConnectionOptions {
  /** What servers call this client: the broker's id. */
  readonly name: string;
  /** First part of the subjects that answers come to: `<prefix>.i`. */
  readonly inboxPrefix: string;
  readonly log: Log;
  /** Counts how long appends took that were stored. @default - nobody does */
  readonly latency?: Latency | undefined;
  /** How long servers may be out of reach at the start. @default 30000 */
  readonly firstConnectMs?: number;
  /** How long a server may be silent before the connection counts as lost. @default 3750 */
  readonly silentMs?: number;
  /** How long a call waits for an engine that has just got out of reach. @default 2000 */
  readonly patienceMs?: number;
  /** How long servers may take to find each other and their leader before streams are made. @default 15000 */
  readonly setupMs?: number;
  /** Calls that may wait for answers; more are refused. @default 65536 */
  readonly maxPending?: number;
}

const HANDSHAKE_MS = 2_000;
const APPEND_MS = 5_000;
const API_MS = 5_000;
const CLOSE_MS = 2_000;
/** Between two attempts to append to a stream that has no leader at the moment. */
const NO_LEADER_PAUSE_MS = 100;
const NO_BYTES = new Uint8Array(0);

/** A connection to nats-server: the only room that knows the library is this folder, and nothing but this class hands it out. */
export class NatsEngine implements Engine {
  readonly counters: EngineCounters;
  readonly #connection: NatsConnection;
  readonly #watch: ConnectionWatch;
  readonly #calls: PendingCalls;
  readonly #inbox: string;
  readonly #log: Log;
  readonly #latency: Latency | undefined;
  readonly #setupMs: number;
  readonly #tails = new Set<Tail>();
  /** Why no answer can come. */
  #forbidden: string | undefined;

  /**
   * Connects, and from then on reconnects for ever.
   *
   * @throws EngineSetupError with the setting and the remedy
   */
  static async connect(options: NatsEngineOptions): Promise<NatsEngine> {
    const { log, servers, firstConnectMs = 30_000, silentMs = 3_750 } = options;
    const backoff = new Backoff();
    const connect = connectOptions(options, { ...options, silentMs, handshakeMs: HANDSHAKE_MS, reconnectDelay: () => backoff.nextMs() });
    const connection = await firstConnection({ connect, servers, withinMs: firstConnectMs, backoff, log });
    backoff.reset();
    return new NatsEngine(connection, options, backoff);
  }

  private constructor(connection: NatsConnection, options: NatsEngineOptions, backoff: Backoff) {
    const { inboxPrefix, log, patienceMs = 2_000, setupMs = 15_000, maxPending = 65_536 } = options;
    this.#connection = connection;
    this.#log = log;
    this.#latency = options.latency;
    this.#setupMs = setupMs;
    const calls = new PendingCalls(maxPending);
    this.#calls = calls;
    this.counters = {
      get pending() {
        return calls.size;
      },
      reconnects: 0,
      appends: 0,
      lostRaces: 0,
      failures: 0,
    };
    this.#inbox = `${inboxPrefix}.${Math.random().toString(36).slice(2)}`;
    this.#listen();
    this.#watch = new ConnectionWatch(connection, {
      log,
      backoff,
      patienceMs,
      onDisconnected: () => calls.fail("the connection to NATS was lost"),
      onReconnected: () => {
        this.counters.reconnects++;
        if (this.#forbidden === undefined) return;
        this.#forbidden = undefined; // that may have changed
        this.#listen();
      },
      onForbidden: (operation, subject) => this.#forbid(operation, subject),
    });
  }

  get state(): EngineState {
    return this.#watch.state;
  }

  get maxPayloadBytes(): number {
    return this.#connection.info?.max_payload ?? 1_048_576;
  }

  onState(listener: (state: EngineState) => void): () => void {
    return this.#watch.onState(listener);
  }

  ensureStreams(definitions: readonly StreamDefinition[]): Promise<void> {
    return ensureStreams(definitions, (verb, body) => this.#ask(verb, body), this.#setupMs);
  }

  async append(subject: string, bytes: Uint8Array, options: AppendOptions = {}): Promise<Appended> {
    const startedAtMs = performance.now();
    const deadline = startedAtMs + (options.timeLimitMs ?? APPEND_MS);
    const fields = appendHeaders(options);
    for (;;) {
      const answer = await this.#call(subject, bytes, deadline - performance.now(), fields);
      if (!answer.isWithoutListener) {
        this.#latency?.since(startedAtMs);
        return this.#appended(subject, answer.bytes);
      }
      // The stream has no leader at the moment, hence nothing was stored.
      if (performance.now() + NO_LEADER_PAUSE_MS > deadline) throw this.#failed(`no stream takes ${subject} at the moment`);
      await new Promise((resolve) => setTimeout(resolve, NO_LEADER_PAUSE_MS));
    }
  }

  lastMessage(stream: string, subject: string): Promise<StoredMessage | undefined> {
    return this.#getMessage(stream, { last_by_subj: subject });
  }

  nextMessage(stream: string, fromSequence: number): Promise<StoredMessage | undefined> {
    return this.#getMessage(stream, { seq: fromSequence, next_by_subj: ">" });
  }

  async #getMessage(stream: string, which: object): Promise<StoredMessage | undefined> {
    try {
      const { message } = (await this.#ask(`STREAM.MSG.GET.${stream}`, which)) as ApiMessage;
      return { subject: message.subject, sequence: message.seq, bytes: Buffer.from(message.data ?? "", "base64") };
    } catch (error) {
      if (error instanceof ApiError && error.problem.err_code === ApiCode.NoSuchMessage) return undefined;
      throw this.#unavailable(error);
    }
  }

  async lastSequence(stream: string): Promise<number> {
    try {
      return ((await this.#ask(`STREAM.INFO.${stream}`)) as ApiStreamInfo).state.last_seq;
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  async purge(stream: string, subject: string, { beforeSequence }: { readonly beforeSequence?: number } = {}): Promise<void> {
    try {
      await this.#ask(`STREAM.PURGE.${stream}`, { filter: subject, ...(beforeSequence !== undefined && { seq: beforeSequence }) });
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  tail(stream: string, options: TailOptions): Tail {
    const ask: AskJetStream = (verb, body) => this.#ask(verb, body);
    const parts = { connection: this.#connection, watch: this.#watch, ask, inbox: `${this.#inbox}.t` };
    const onMessage = (message: StoredMessage) => this.#receive(stream, () => options.onMessage(message));
    const tail = new StreamTail(parts, stream, { ...options, onMessage });
    this.#tails.add(tail);
    return {
      expect: (sequence) => tail.expect(sequence),
      stop: async () => {
        this.#tails.delete(tail);
        await tail.stop();
      },
    };
  }

  publish(subject: string, bytes: Uint8Array): boolean {
    if (!this.#watch.state.isConnected) return false;
    this.#connection.publish(subject, bytes);
    return true;
  }

  async request(subject: string, bytes: Uint8Array, timeLimitMs: number): Promise<Uint8Array> {
    const answer = await this.#call(subject, bytes, timeLimitMs);
    if (answer.isWithoutListener) throw new NoListenerError(subject);
    return answer.bytes;
  }

  subscribe(subject: string, receive: Receive): () => void {
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) this.#log.error({ err: error, subject }, "a subject of NATS cannot be subscribed to");
        else this.#receive(subject, () => receive(message.data, message.subject, (answer) => this.#reply(message, answer)));
      },
    });
    return () => subscription.unsubscribe();
  }

  async flush(timeLimitMs = CLOSE_MS): Promise<void> {
    await this.#watch.connected();
    const isSeen = await within(timeLimitMs, this.#connection.flush());
    if (!isSeen) throw this.#failed("NATS did not take in time what was sent");
  }

  async close(): Promise<void> {
    if (this.#watch.state.isConnected) await this.flush().catch(() => {}); // it has had its time
    for (const tail of this.#tails) void tail.stop();
    this.#watch.stop();
    await within(CLOSE_MS, this.#connection.close());
    this.#calls.fail("the connection to NATS was closed");
  }

  #listen(): void {
    this.#connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#answered(message);
      },
    });
  }

  #answered({ subject, data, headers: fields }: Msg): void {
    const isWithoutListener = data.length === 0 && fields?.code === 503;
    this.#calls.answer(subject.slice(this.#inbox.length + 1), { bytes: data, isWithoutListener });
  }

  #forbid(operation: "publish" | "subscription", subject: string): void {
    if (operation === "publish") this.#calls.forbid(`the NATS user may not publish to ${subject}`, subject);
    else if (subject.startsWith(this.#inbox)) {
      this.#forbidden = `the NATS user may not subscribe to ${subject}`;
      this.#calls.forbid(this.#forbidden);
    }
  }

  /** What a receiver throws must not end the library's reading, which would make it deaf. */
  #receive<T>(from: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.#log.error({ err: error, from }, "a message from NATS could not be handled");
      return undefined;
    }
  }

  #reply(request: Msg, bytes: Uint8Array): void {
    if (this.#watch.state.isConnected) request.respond(bytes);
  }

  async #call(subject: string, bytes: Uint8Array, timeLimitMs: number, fields?: MsgHdrs): Promise<Answer> {
    try {
      if (!this.#watch.state.isConnected) await this.#watch.connected();
      if (this.#forbidden !== undefined) throw new EngineForbiddenError(this.#forbidden);
      return await this.#calls.make(subject, timeLimitMs, (token) => {
        const reply = `${this.#inbox}.${token}`;
        this.#connection.publish(subject, bytes, fields === undefined ? { reply } : { reply, headers: fields });
      });
    } catch (error) {
      if (error instanceof EngineUnavailableError) this.counters.failures++;
      throw this.#unavailable(error);
    }
  }

  async #ask(verb: string, body?: object): Promise<unknown> {
    const request = body === undefined ? NO_BYTES : new TextEncoder().encode(JSON.stringify(body));
    const answer = await this.#call(`$JS.API.${verb}`, request, API_MS);
    if (answer.isWithoutListener) throw new NoListenerError(`$JS.API.${verb}`);
    return readAnswer(verb, answer.bytes);
  }

  #appended(subject: string, bytes: Uint8Array): Appended {
    const { error, seq, duplicate = false } = JSON.parse(new TextDecoder().decode(bytes)) as PublishAnswer;
    if (error === undefined) {
      this.counters.appends++;
      return { sequence: seq, isDuplicate: duplicate };
    }
    const { err_code, description } = error;
    if (err_code === ApiCode.WrongLastSequence || err_code === ApiCode.WrongLastSequenceUnknown) {
      this.counters.lostRaces++;
      const [, last] = /wrong last sequence: (\d+)/.exec(description) ?? [];
      throw new LostRaceError(subject, last === undefined ? undefined : Number(last));
    }
    this.counters.failures++;
    throw new EngineUnavailableError(`${subject}: ${description}`, { isOutcomeUnknown: false, isFull: isFull(error) });
  }

  /** What callers know how to treat. */
  #unavailable(error: unknown): Error {
    if (error instanceof EngineUnavailableError) return error; // counted
    this.counters.failures++;
    return new EngineUnavailableError((error as Error).message, { isOutcomeUnknown: false, cause: error });
  }

  #failed(message: string): EngineUnavailableError {
    this.counters.failures++;
    return new EngineUnavailableError(message, { isOutcomeUnknown: false });
  }
}

interface ApiMessage {
  readonly message: { readonly subject: string; readonly seq: number; readonly data?: string };
}

interface ApiStreamInfo {
  readonly state: { readonly last_seq: number };
}

interface PublishAnswer {
  readonly error?: ApiProblem;
  readonly seq: number;
  readonly duplicate?: boolean;
}

function appendHeaders({ expectedLastSubjectSequence, messageId, ttlSeconds }: AppendOptions): MsgHdrs | undefined {
  if (expectedLastSubjectSequence === undefined && messageId === undefined && ttlSeconds === undefined) return undefined;
  const fields = headers();
  if (expectedLastSubjectSequence !== undefined) fields.set("Nats-Expected-Last-Subject-Sequence", `${expectedLastSubjectSequence}`);
  if (messageId !== undefined) fields.set("Nats-Msg-Id", messageId);
  if (ttlSeconds !== undefined) fields.set("Nats-TTL", `${ttlSeconds}s`);
  return fields;
}

/** Whether it has come to pass in time. */
async function within(milliseconds: number, passed: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const done = passed.then(
    () => true,
    () => false,
  );
  const result = await Promise.race([done, late]);
  clearTimeout(timer);
  return result;
}
