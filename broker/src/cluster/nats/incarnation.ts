import { Deferred } from "../../journal/deferred.js";
import type { Log } from "../../log.js";
import type { BackplaneEvents } from "../backplane.js";
import { AppliedWaits } from "./applied-waits.js";
import type { ClusterCounters } from "./cluster-counters.js";
import { ClusterSessions } from "./cluster-sessions.js";
import type { ClusterStore } from "./cluster-store.js";
import type { StoredMessage, Tail } from "./engine.js";
import { MemberLookup } from "./member-lookup.js";
import { Membership } from "./membership.js";
import { sweepOwners } from "./owner-sweep.js";
import { Ownership } from "./ownership.js";
import { PeerError } from "./peer-error.js";
import { decodeFrame, type PeerFrame } from "./peer-frames.js";
import { PeerMessages } from "./peer-messages.js";
import type { PeerMessagesOptions } from "./peer-messages-options.js";
import { RouteReader } from "./route-reader.js";
import type { RouteRecord } from "./route-records.js";
import { RouteWriter } from "./route-writer.js";

const HEARTBEAT_MS = 1_000;
/** An engine that is out of reach for no longer is waited for. */
const MOMENT_MS = 2_000;
const DONE = new Uint8Array();

export interface IncarnationOptions
  extends Pick<
    PeerMessagesOptions,
    "engine" | "clock" | "hashSeed" | "random" | "shareStrategy" | "maxInFlightBytes" | "maxBatchBytes" | "isAwaited"
  > {
  readonly id: string;
  /** First part of all subjects: `mqttd.<cluster>`. */
  readonly prefix: string;
  readonly routesStream: string;
  readonly ownerShards: number;
  /** What is kept of sessions; undefined if none outlives its connection. */
  readonly store: ClusterStore | undefined;
  readonly sessionShards: number;
  readonly deadAfterMs: number;
  readonly cutOffAfterMs: number;
  readonly stored?: (() => Promise<void> | undefined) | undefined;
  readonly log: Log;
  readonly counters: ClusterCounters;
  readonly events: BackplaneEvents;
  /** Routes that this broker has from the life before. */
  readonly routes: Iterable<string>;
  /** Peers take this broker for dead. Called once. */
  readonly onFenced: () => void;
}

/** One life of a broker in the cluster, under one name: from when it joins until it leaves, or is taken for dead. */
export class Incarnation {
  readonly ownership: Ownership;
  readonly routes: RouteWriter;
  readonly messages: PeerMessages;
  readonly membership: Membership;
  readonly #options: IncarnationOptions;
  readonly #waits = new AppliedWaits();
  readonly #caughtUp = new Deferred();
  readonly #stops: (() => void)[] = [];
  #tail: Tail | undefined;
  readonly #reader: RouteReader;
  /** Of the last record read, and of this broker's own `joined`. */
  #applied = 0;
  #joinedAt = 0;
  /** The log has been read up to when the engine was back. */
  #isInStep = false;
  #marks = 0;
  /** Records that have been asked for by their sequence. */
  readonly #awaited: { readonly sequence: number; readonly seen: () => void }[] = [];
  /** Members whose records came this turn: they wait to hear that they were applied. */
  readonly #toTell = new Map<string, number>();
  /** Peers that this broker has declared dead. */
  readonly #declared = new Set<string>();
  readonly #lookup: MemberLookup;
  /** Its clients were given up, as nothing has been heard for too long. */
  #hasGivenUp = false;
  /** Undefined where no session outlives its connection. */
  readonly sessions: ClusterSessions | undefined;
  #isOver = false;

  constructor(options: IncarnationOptions) {
    this.#options = options;
    const { engine, id, prefix, clock, deadAfterMs, routesStream, events } = options;
    this.membership = new Membership({ self: id, clock, deadAfterMs });
    this.#lookup = new MemberLookup(this.membership, () => this.#readAll());
    const place = { engine, stream: routesStream, subject: `${prefix}.r.${id}`, waits: this.#waits };
    this.routes = new RouteWriter({ ...place, onLost: () => this.#fence() }, options.routes);
    const onMissing = () => this.#fence();
    this.#reader = new RouteReader({ ...options, isCaughtUp: () => this.isCaughtUp, takeIn: this.#takeIn, onMissing });
    this.sessions = this.#clusterSessions();
    this.messages = new PeerMessages({
      ...options,
      self: id,
      subjectOf: (broker) => this.#subjectOf(broker),
      deliver: (message, to, from) => events.onMessage(message, to, from),
      kept: this.sessions?.kept,
    });
    this.ownership = new Ownership({
      engine,
      prefix,
      brokerId: id,
      shards: options.ownerShards,
      isMember: (broker) => this.#lookup.isMember(broker),
      askToHandOver: (broker, clientId, sequence) => this.#askToHandOver(broker, clientId, sequence),
      onLost: (clientId) => events.onTakenOver(clientId),
      ...(this.sessions && {
        askEveryone: (clientId: string, sequence: number) =>
          this.sessions!.askEveryone((peer) => this.#askToHandOver(peer, clientId, sequence), clientId, sequence),
      }),
    });
  }

  /** Whether it knows all that it has to, and can act. */
  get isReady(): boolean {
    return this.membership.phase === "joined" && this.#isInStep && !this.#hasGivenUp && this.#options.engine.state.isConnected;
  }

  get isCaughtUp(): boolean {
    return this.membership.phase === "joined";
  }

  /** Whether the engine has been out of reach for longer than one waits. */
  get isCutOff(): boolean {
    const { engine, clock } = this.#options;
    const { isConnected, sinceMs } = engine.state;
    return !isConnected && clock.now() - sinceMs > MOMENT_MS;
  }

  /** Joins; resolves when the log has been read up to that. Rejects if it ends before. */
  async start(): Promise<void> {
    const { engine, id, prefix, routesStream, clock } = this.#options;
    this.#stops.push(
      engine.subscribe(this.#subjectOf(id), (bytes, _subject, reply) => this.#hear(bytes, reply)),
      engine.subscribe(`${prefix}.h`, (bytes) => this.#hear(bytes)),
      engine.onState(({ isConnected }) => this.#engineChanged(isConnected)),
      clock.every(HEARTBEAT_MS, () => this.#beat()),
    );
    this.#tail = engine.tail(routesStream, {
      onMessage: (message) => this.#apply(message),
      onTrouble: (error) => this.#options.log.warn({ err: error }, "the route log cannot be read, trying on"),
    });
    this.#beat();
    if (!this.#isOver) await this.sessions?.begin(() => this.#fence());
    void this.routes.join();
    await this.#caughtUp.promise;
    this.#isInStep = true;
    this.sessions?.joined();
    this.#beat();
  }

  /** Has the peers take what was published, and leaves them; resolves when they know. `end` is to follow, at any time. */
  async leave(): Promise<void> {
    while (!this.messages.isIdle && !this.#isOver) await new Promise((resolve) => setTimeout(resolve, 5));
    await this.#options.store?.journal.flush();
    const sequence = await this.routes.leave(this.#options.id);
    await this.#waits.wait(sequence);
    await this.#options.store?.journal.flush(); // what came until the peers knew, and what is to become of it
    if (!this.#isOver && this.sessions === undefined) await this.#purgeRoutes(this.#options.id); // else it is their heir's to do
  }

  /** Ends this life, whatever is under way. */
  end(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const stop of this.#stops.splice(0)) stop();
    void this.#tail?.stop();
    this.ownership.stop();
    this.sessions?.stop(error);
    this.routes.stop();
    this.routes.reject(error);
    this.#waits.clear(error);
    this.messages.close();
    this.messages.reject(error);
    this.#caughtUp.reject(error);
    for (const { seen } of this.#awaited.splice(0)) seen();
  }

  #subjectOf(broker: string): string {
    return `${this.#options.prefix}.n.${broker}`;
  }

  #apply(message: StoredMessage): boolean {
    if (this.#isOver) return true;
    const { id } = this.#options;
    const writer = this.#reader.take(message);
    if (writer === undefined) return false;
    const { sequence } = message;
    this.#applied = sequence;
    this.#waits.applied(id, sequence);
    while (this.#awaited.length > 0 && this.#awaited[0]!.sequence <= sequence) this.#awaited.shift()!.seen();
    if (writer === id || this.#joinedAt === 0) return true;
    if (this.#toTell.size === 0) setImmediate(() => this.#tellApplied());
    this.#toTell.set(writer, sequence);
    return true;
  }

  readonly #takeIn = (writer: string, record: RouteRecord, sequence: number): void => {
    if (record.type === "joined" || record.type === "routes" || record.type === "snapshot") this.#takeInRoutes(writer, record, sequence);
    else if (record.type === "switch") this.isCaughtUp && this.sessions?.announced(writer, record);
    else {
      // That it has left may be gone from the log with whoever wrote it.
      if (record.type === "left" || this.membership.isMember(record.broker)) this.#left(record.broker, writer, sequence);
      if (record.type === "adopted") this.sessions?.adopted(writer, record);
    }
  };

  #takeInRoutes(writer: string, record: RouteRecord & { type: "joined" | "routes" | "snapshot" }, sequence: number): void {
    if (record.type !== "routes") this.#joined(writer, sequence, record.type === "snapshot");
    const peer = this.messages.get(writer);
    if (peer === undefined || record.type === "joined") return;
    const { table } = this.messages;
    for (const route of record.added) table.add(peer, route);
    if (record.type === "routes") for (const route of record.removed) table.remove(peer, route);
  }

  #joined(broker: string, sequence: number, hasBeen: boolean): void {
    if (!this.membership.joined(broker, hasBeen)) return;
    const { id, log } = this.#options;
    this.#waits.join(broker, sequence);
    if (broker !== id) {
      this.messages.join(broker);
      if (this.isCaughtUp) log.info({ peer: broker, peers: this.membership.peerCount }, "a peer has joined");
      return;
    }
    this.#joinedAt = sequence;
    this.#caughtUp.resolve();
  }

  #left(broker: string, writer: string, sequence: number): void {
    const { id, log } = this.#options;
    if (broker === id) {
      if (writer === id) this.membership.left(id);
      else this.#fence();
      return;
    }
    const isNews = this.membership.left(broker);
    if (isNews && this.sessions !== undefined) this.messages.hold(broker);
    if (isNews) this.#waits.leave(broker);
    this.sessions?.left(broker);
    if (!isNews) return;
    if (this.sessions === undefined) this.messages.leave(broker);
    if (this.isCaughtUp)
      log.info({ peer: broker, peers: this.membership.peerCount, declaredBy: writer === broker ? undefined : writer }, "a peer has left");
    if (writer === id && this.sessions === undefined) {
      this.#tidyUp(broker, sequence).catch((error: unknown) =>
        log.debug({ err: error, peer: broker }, "what a peer left behind is still there"),
      );
    }
  }

  /** What a dead broker has written is of no more use once everybody has read that it has gone. */
  async #tidyUp(broker: string, sequence: number): Promise<void> {
    const { engine, prefix, ownerShards: shards } = this.#options;
    await this.#waits.wait(sequence);
    await this.#purgeRoutes(broker);
    if (!this.#isOver) await sweepOwners({ engine, prefix, shards, isMember: (other) => this.#lookup.isMember(other) });
  }

  #purgeRoutes(broker: string): Promise<void> {
    return this.#options.engine.purge(this.#options.routesStream, `${this.#options.prefix}.r.${broker}`);
  }

  #fence(): void {
    if (this.#isOver || this.membership.phase === "fenced") return;
    this.membership.left(this.#options.id);
    this.#options.onFenced();
  }

  #tellApplied(): void {
    const { engine, id } = this.#options;
    for (const [writer, sequence] of this.#toTell) {
      engine.publish(this.#subjectOf(writer), this.messages.encode({ type: "applied", from: id, sequence }));
    }
    this.#toTell.clear();
  }

  #hear(bytes: Uint8Array, reply?: (bytes: Uint8Array) => void): void {
    if (this.#isOver) return;
    // Once its life is over, that it has nothing means nothing.
    const answer = (found: Uint8Array) => this.#isOver || reply?.(found);
    try {
      const frame = decodeFrame(bytes);
      if (frame !== undefined) this.#takeFrame(frame, answer);
    } catch (error) {
      this.#options.log.error({ err: error }, "what another broker says cannot be read");
    }
  }

  #takeFrame(frame: PeerFrame, answer: (bytes: Uint8Array) => void): void {
    this.membership.heard(frame.from);
    if (frame.type === "heartbeat") this.#takeHeartbeat(frame);
    if (frame.type === "applied" || frame.type === "heartbeat") this.#waits.applied(frame.from, frame.sequence);
    else if (frame.type === "takeover") this.#handOver(frame.clientId, frame.from, frame.sequence).then(answer, this.#notYet);
    else if (frame.type === "offer") this.ownership.claim(frame.clientId).then(() => answer(DONE), this.#notYet);
    else if (frame.type === "holds") this.sessions?.holds(frame.clientId, frame.sequence).then(answer, this.#notYet);
    else this.messages.receive(frame);
  }

  #takeHeartbeat({ from, sequence, isReady }: PeerFrame & { readonly type: "heartbeat" }): void {
    this.membership.setReady(from, isReady);
    if (sequence > 0 && sequence <= this.#applied) this.membership.claims(from);
    this.#tail?.expect(sequence);
  }

  readonly #notYet = (error: unknown): void => this.#options.log.debug({ err: error }, "a client could not be handed over, or taken, yet");

  #beat(): void {
    const { engine, prefix, id, counters, log, deadAfterMs, events } = this.#options;
    const isReady = this.isReady && events.takesSessions?.() !== false;
    const frame: PeerFrame = { type: "heartbeat", from: id, sequence: this.#joinedAt === 0 ? 0 : this.#applied, isReady };
    engine.publish(`${prefix}.h`, this.messages.encode(frame));
    this.messages.resend();
    if (this.isCutOff) this.#giveUpWaiting();
    if (this.isCaughtUp) this.#keepOrGiveUp();
    const { stranger } = this.membership;
    if (stranger !== undefined && this.isCaughtUp) {
      log.error({ peer: stranger }, "the route log does not have a peer that lives: it is read anew, under another name");
      this.#fence();
    }
    for (const broker of this.membership.dead) {
      if (this.#declared.has(broker)) continue;
      this.#declared.add(broker);
      counters.peersDeclaredDead++;
      log.warn({ peer: broker, silentForMs: deadAfterMs }, "a peer is silent, taken for dead");
      void this.routes.leave(broker);
    }
  }

  /** Peers that have taken us for dead take our clients: they are let go before it can be long that both have them. */
  #keepOrGiveUp(): void {
    const { cutOffAfterMs, log, events } = this.#options;
    const isTooLong = this.membership.unheardMs >= cutOffAfterMs;
    if (isTooLong === this.#hasGivenUp) return;
    this.#hasGivenUp = isTooLong;
    if (!isTooLong) return;
    log.error({ silentForMs: cutOffAfterMs }, "nothing is heard from NATS: all clients have to connect to other brokers");
    events.onCutOff();
  }

  #giveUpWaiting(): void {
    const error = new PeerError("the other brokers cannot be reached");
    this.messages.reject(error);
    this.routes.reject(error);
    this.#waits.fail(error);
  }

  #engineChanged(isConnected: boolean): void {
    const mark = ++this.#marks;
    this.#isInStep = false;
    if (!isConnected || !this.isCaughtUp) return;
    this.messages.resend(true);
    // Whether it is still a member is known when all that was written meanwhile has been read.
    void this.#readAll().then(() => {
      if (mark === this.#marks) this.#isInStep = true;
    });
  }

  /** Resolves when all that is in the log now has been read. */
  async #readAll(): Promise<void> {
    const sequence = await this.routes.mark();
    if (this.#applied >= sequence || this.#isOver) return;
    await new Promise<void>((seen) => this.#awaited.push({ sequence, seen }));
  }

  /** What the peer that has claimed a client is to make a place for. */
  async #handOver(clientId: string, to: string, sequence: number): Promise<Uint8Array> {
    await this.ownership.takenOver(clientId, sequence);
    await this.#options.stored?.()?.catch(() => {}); // whoever had it stored has been refused
    return this.sessions?.claimed(clientId, to, sequence) ?? DONE;
  }

  async #askToHandOver(broker: string, clientId: string, sequence: number): Promise<void> {
    const answer = await this.#ask(broker, { type: "takeover", from: this.#options.id, sequence, clientId }, 1_000);
    if (this.ownership.isClaiming(clientId, sequence)) await this.sessions?.answered(clientId, broker, answer);
  }

  #ask(peer: string, frame: PeerFrame, withinMs: number): Promise<Uint8Array> {
    return this.#options.engine.request(this.#subjectOf(peer), this.messages.encode(frame), withinMs);
  }

  #clusterSessions(): ClusterSessions | undefined {
    const { store, events } = this.#options;
    if (store === undefined || events.sessions === undefined) return undefined;
    return new ClusterSessions({
      ...this.#options,
      store,
      sessions: events.sessions,
      membership: this.membership,
      routes: this.routes,
      messages: () => this.messages,
      ownership: () => this.ownership,
      ask: (peer, frame, withinMs) => this.#ask(peer, frame, withinMs),
      readByAll: (sequence) => this.#waits.wait(sequence),
      purgeRoutes: (broker) => this.#purgeRoutes(broker),
    });
  }
}
