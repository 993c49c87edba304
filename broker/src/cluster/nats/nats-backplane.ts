import { randomBytes } from "node:crypto";
import type { Clock } from "../../clock.js";
import type { Log } from "../../log.js";
import type { Message } from "../../message.js";
import type { Place, Source } from "../../persistence/taken-numbers.js";
import type { ShareStrategy } from "../../topics/shared-group.js";
import type { SharedFilter } from "../../topics/topic-filter.js";
import type { Backplane, BackplaneEvents } from "../backplane.js";
import { isNamed } from "../broker-name.js";
import { ClusterCounters } from "./cluster-counters.js";
import type { ClusterStore } from "./cluster-store.js";
import type { Engine, StreamDefinition } from "./engine.js";
import { EngineUnavailableError } from "./engine-errors.js";
import { HeldMessages } from "./held-messages.js";
import { inTime, within } from "./in-time.js";
import { Incarnation } from "./incarnation.js";
import { type AnswerQuestion, answerQuestions, questionsTo } from "./operator-questions.js";
import { ownerStreams } from "./owner-records.js";
import { outOfReach, PeerError } from "./peer-error.js";
import { routeText } from "./route-records.js";
import { sessionStreams } from "./session-streams.js";
import { BrokerStanding } from "./standing.js";

/** How long a client that connects waits for an engine that is out of reach, or a broker that is joining. */
const PATIENCE_MS = 2_000;
const RELOAD_PAUSE_MS = 500;
/** For reading all that the cluster has in common: a million routes take two seconds. */
const START_WITHIN_MS = 60_000;
/** For peers to take what was published and to know that this broker leaves; both together are less than what the broker allows. */
const LEAVE_WITHIN_MS = 600;
const CLOSE_WITHIN_MS = 300;

export interface NatsBackplaneOptions {
  /** Of the pod or host; part of the broker's name. */
  readonly hostName: string;
  /** Brokers of one cluster name share their clients. */
  readonly cluster: string;
  /** Connects, under that name. Rejects if servers cannot be reached in time. */
  readonly connect: (name: string) => Promise<Engine>;
  readonly storage: StreamDefinition["storage"];
  readonly replicas: number;
  readonly ownerShards: number;
  /** Streams over which the brokers' journals are spread. */
  readonly sessionShards: number;
  /** Keeps sessions that outlive their connections. @default - there are none */
  readonly store?: ClusterStore | undefined;
  readonly deadAfterSeconds: number;
  /** Clients are kept for so long while nothing is heard from the engine. */
  readonly cutOffAfterSeconds: number;
  /** Messages to one peer that go out together even before the turn ends. */
  readonly maxBatchBytes: number;
  /** What may be on its way to one peer, unacknowledged. */
  readonly maxInFlightBytes: number;
  /** "async" acknowledges clients before peers have. */
  readonly acknowledge: "peers" | "async";
  readonly shareStrategy: () => ShareStrategy;
  readonly random: () => number;
  readonly hashSeed: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Reads what else brokers have in common, anew after this one was taken for dead. Waited for before the broker joins. */
  readonly load?: (engine: Engine, prefix: string) => Promise<void>;
  /** Resolves when that has been read up to now: a client that has subscribed is to get what was retained before. */
  readonly catchUp?: () => Promise<void>;
  /** What clients have had stored apart from `store`, and is on its way: nobody else has them before. @default - nothing */
  readonly stored?: () => Promise<void> | undefined;
  /** @default - no operator asks anything */
  readonly answer?: AnswerQuestion;
}

/** Brokers that find each other through NATS JetStream: a route log, owners of clients, and messages from broker to broker. */
export class NatsBackplane implements Backplane {
  readonly counters = new ClusterCounters();
  readonly standing: BrokerStanding;
  readonly #options: NatsBackplaneOptions;
  readonly #prefix: string;
  readonly #held: HeldMessages;
  #engine: Engine | undefined;
  #events: BackplaneEvents | undefined;
  #current: Incarnation | undefined;
  /** The last life while it ends: what comes by then for members that have just gone still has to get to others. */
  #leaving: Incarnation | undefined;
  #stopAnswering: (() => void) | undefined;
  /** Of all its lives. */
  readonly #names = new Set<string>();
  #nextTaker = 0;
  /** The last promise that peers know of subscriptions, and that what was retained before that has come. */
  #announced: Promise<void> | undefined;
  #announcedAndRead: Promise<void> | undefined;

  constructor(options: NatsBackplaneOptions) {
    this.#options = options;
    this.#prefix = `mqttd.${options.cluster}`;
    this.#held = new HeldMessages(options.maxInFlightBytes);
    const [current, engine] = [() => this.#current ?? this.#leaving, () => this.#engine];
    this.standing = new BrokerStanding({ ...options, prefix: this.#prefix, current, engine, names: this.#names });
  }

  get movesSessions(): boolean {
    return this.#options.store !== undefined;
  }

  get isReady(): boolean {
    return this.#current?.isReady ?? false;
  }

  get isOutOfReach(): boolean {
    const current = this.#current;
    return current !== undefined && (current.isCutOff || !current.isCaughtUp) && this.#options.acknowledge === "peers";
  }

  /** The name under which this broker is known to its peers now. */
  get brokerId(): string | undefined {
    return this.#current?.membership.self;
  }

  /** Names of the brokers that are there, apart from this one. */
  get peers(): string[] {
    return [...(this.#current?.membership.peers ?? [])];
  }

  /** Asks a peer something for an operator; rejects if no answer comes in time. */
  async ask(peer: string, question: Uint8Array, withinMs: number): Promise<Uint8Array> {
    if (this.#engine === undefined) throw outOfReach();
    return this.#engine.request(questionsTo(this.#prefix, peer), question, withinMs);
  }

  /** What there is of its peers, and on the way to them. */
  get load(): { readonly routes: number; readonly unacknowledgedBytes: number } {
    const messages = this.#current?.messages;
    return { routes: messages?.table.size ?? 0, unacknowledgedBytes: messages?.unacknowledgedBytes ?? 0 };
  }

  /** Clients that are this broker's. */
  get ownedCount(): number {
    return this.#current?.ownership.size ?? 0;
  }

  async start(events: BackplaneEvents): Promise<void> {
    const { cluster, connect, log } = this.#options;
    this.#events = events;
    const id = this.#newId();
    const engine = await connect(id);
    this.#engine = engine;
    try {
      await engine.ensureStreams(this.#streams);
      await inTime(START_WITHIN_MS, async () => {
        await this.#load(engine);
        await this.#join(id, []);
      });
    } catch (error) {
      this.#current?.end(error as Error);
      this.#engine = undefined;
      await engine.close();
      throw error;
    }
    // Servers that keep things in memory only have lost them when all of them restart.
    engine.onState(({ isConnected }) => {
      if (isConnected)
        engine.ensureStreams(this.#streams).catch((error: unknown) => log.warn({ err: error }, "streams could not be checked"));
    });
    log.info({ cluster, broker: id, peers: this.peers, routes: this.#current!.messages.table.size }, "joined the cluster");
  }

  async stop(): Promise<void> {
    this.#events = undefined;
    const current = this.#current;
    this.#leaving = current;
    this.#current = undefined;
    this.#held.fail(new PeerError("the broker has left the others"));
    const leaving = current?.leave().catch(() => {}); // it has tried, and nobody else is to be told
    if (this.#engine?.state.isConnected) await within(LEAVE_WITHIN_MS, leaving);
    current?.end(new PeerError("the broker has left the others"));
    this.#leaving = undefined;
    await this.#options.store?.end();
    await within(CLOSE_WITHIN_MS, this.#engine?.close());
  }

  async handOver(clientId: string, named?: readonly string[]): Promise<void> {
    const current = this.#current;
    if (current?.sessions === undefined || !current.isReady) throw outOfReach();
    const takers = current.membership.takers.filter((peer) => named === undefined || named.some((name) => isNamed(peer, name)));
    if (takers.length === 0) throw new PeerError("no broker that may take it is ready");
    this.#nextTaker = (this.#nextTaker + 1) % takers.length;
    await current.sessions.offer(clientId, takers[this.#nextTaker]!);
  }

  claim(clientId: string): Promise<void> {
    return this.#claim(clientId);
  }

  release(clientId: string): void {
    void this.#current?.ownership.release(clientId);
  }

  wants(topic: string): boolean {
    const current = this.#current;
    if (current === undefined) return false;
    return !current.isCaughtUp || !current.messages.table.interest(topic).isEmpty;
  }

  keeps(group: SharedFilter): boolean {
    const current = this.#current;
    return current === undefined || !current.isCaughtUp || current.isCutOff || current.messages.keeps(group);
  }

  nextSource(isKept: boolean): Source | undefined {
    const current = this.#current;
    if (current === undefined || !current.isCaughtUp || current.isCutOff) return undefined;
    return current.sessions?.nextSource(isKept);
  }

  nextPlace(): Place | undefined {
    const current = this.#current;
    return current?.isCaughtUp && current.sessions !== undefined ? current.messages.nextPlace() : undefined;
  }

  publish(message: Message, kept: readonly SharedFilter[], source?: Source, place?: Place): Promise<void> | undefined {
    const current = this.#current;
    if (current === undefined) return undefined;
    if (!current.isCaughtUp) return this.#hold(message, kept);
    if (source !== undefined && current.sessions !== undefined) return current.sessions.publish(message, kept, source);
    if (!current.isCutOff) return current.messages.publish(message, kept, undefined, undefined, place);
    return this.refuse(message);
  }

  refuse({ qos }: Message): Promise<void> | undefined {
    if (qos > 0 && this.#options.acknowledge === "peers") {
      this.counters.messagesRefused++;
      return Promise.reject(outOfReach());
    }
    this.counters.messagesDropped++;
    return undefined;
  }

  publishOnce(message: Message, kept: readonly SharedFilter[], source: Source): Promise<void> | undefined {
    return this.#current?.sessions?.publishOnce(message, kept, source);
  }

  handOn(message: Message, group: SharedFilter): boolean {
    const current = this.#current ?? this.#leaving;
    return (current?.sessions ?? current?.messages)?.handOn(message, group) ?? false;
  }

  subscribed(filter: string, shareName?: string): Promise<void> | undefined {
    const known = this.#current?.routes.add(routeText(filter, shareName));
    const { catchUp } = this.#options;
    if (catchUp === undefined || known === undefined || shareName !== undefined) return known;
    if (known !== this.#announced) {
      this.#announced = known;
      this.#announcedAndRead = known.then(catchUp);
    }
    return this.#announcedAndRead;
  }

  unsubscribed(filter: string, shareName?: string): void {
    this.#current?.routes.remove(routeText(filter, shareName));
  }

  get #streams(): StreamDefinition[] {
    const { storage, replicas, ownerShards, sessionShards, store } = this.#options;
    const common = { prefix: this.#prefix, storage, replicas };
    const sessions = store === undefined ? [] : sessionStreams({ ...common, shards: sessionShards });
    return [this.#routesStream, ...ownerStreams({ ...common, shards: ownerShards }), ...sessions];
  }

  get #routesStream(): StreamDefinition {
    const { cluster, storage, replicas } = this.#options;
    return { name: `mqttd_${cluster}_routes`, subjects: [`${this.#prefix}.r.*`], storage, replicas };
  }

  /** No other broker ever has the same, nor this one after it was taken for dead. */
  #newId(): string {
    const id = `${this.#options.hostName.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, 64)}-${randomBytes(4).toString("hex")}`;
    this.#names.add(id);
    return id;
  }

  async #join(id: string, routes: Iterable<string>, before?: Promise<void>): Promise<void> {
    const { answer } = this.#options;
    const current = new Incarnation({
      ...this.#options,
      store: this.#options.store,
      id,
      engine: this.#engine!,
      prefix: this.#prefix,
      routesStream: this.#routesStream.name,
      deadAfterMs: this.#options.deadAfterSeconds * 1_000,
      cutOffAfterMs: this.#options.cutOffAfterSeconds * 1_000,
      isAwaited: this.#options.acknowledge === "peers",
      counters: this.counters,
      events: this.#events!,
      routes,
      onFenced: () => void this.#comeBack(current),
    });
    this.#current = current;
    this.#stopAnswering?.();
    if (answer !== undefined) this.#stopAnswering = answerQuestions(this.#engine!, this.#prefix, id, answer);
    await before;
    await current.start();
    this.#held.release((message, kept) => this.#current?.messages.publish(message, kept));
  }

  /** Peers have taken us for dead: what clients we had may be theirs by now. Joins again, as often as it takes. */
  async #comeBack(before: Incarnation): Promise<void> {
    const { log, cluster } = this.#options;
    if (this.#current !== before) return;
    this.counters.fenced++;
    log.error({ cluster, broker: before.membership.self }, "taken for dead by the other brokers: all clients have to connect again");
    before.end(new PeerError("the other brokers have taken this one for dead"));
    for (let last = before; ; ) {
      const id = this.#newId();
      try {
        // The new life begins first, to note the subscriptions that end with their clients.
        const startedOver = new Promise(setImmediate).then(() => this.#startOver());
        await this.#join(id, [...last.routes.routes], startedOver);
        log.info({ cluster, broker: id, peers: this.peers }, "joined the cluster again");
        return;
      } catch (error) {
        const current = this.#current;
        if (current?.membership.self !== id) return; // it has left, or was taken for dead again
        log.error({ err: error, cluster }, "the cluster cannot be joined again, trying on");
        current.end(error as Error);
        last = current;
      }
      await new Promise((resolve) => setTimeout(resolve, RELOAD_PAUSE_MS));
      if (this.#current !== last) return;
    }
  }

  async #startOver(): Promise<void> {
    await this.#events?.onFenced();
    await this.#reload();
  }

  /** For the first time. A stream that has just been made may have no leader yet. */
  async #load(engine: Engine): Promise<void> {
    const { load, log } = this.#options;
    for (;;) {
      try {
        return await load?.(engine, this.#prefix);
      } catch (error) {
        if (!(error instanceof EngineUnavailableError) || this.#engine !== engine) throw error;
        log.warn({ err: error }, "what the cluster has in common cannot be read, trying on");
      }
      await new Promise((resolve) => setTimeout(resolve, RELOAD_PAUSE_MS));
    }
  }

  /** Tries until it is possible. */
  async #reload(): Promise<void> {
    const { load, log } = this.#options;
    while (this.#events !== undefined && this.#engine !== undefined) {
      try {
        return await load?.(this.#engine, this.#prefix);
      } catch (error) {
        log.warn({ err: error }, "what the cluster has in common cannot be read, trying on");
        await new Promise((resolve) => setTimeout(resolve, RELOAD_PAUSE_MS));
      }
    }
  }

  async #claim(clientId: string): Promise<void> {
    const current = this.#current?.isReady ? this.#current : await this.#ready();
    await current.ownership.claim(clientId);
    if (current !== this.#current) throw new PeerError("the broker was taken for dead meanwhile");
  }

  /** The current life once it can claim clients. */
  async #ready(): Promise<Incarnation> {
    const { clock } = this.#options;
    const deadlineMs = clock.now() + PATIENCE_MS;
    for (;;) {
      const current = this.#current;
      if (current?.isReady) return current;
      if (current === undefined || clock.now() >= deadlineMs) throw outOfReach();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Until it is known who wants it. */
  #hold(message: Message, kept: readonly SharedFilter[]): Promise<void> | undefined {
    const held = this.#held.add(message, kept);
    if (held === undefined) return this.refuse(message);
    return message.qos > 0 && this.#options.acknowledge === "peers" ? held : undefined;
  }
}
