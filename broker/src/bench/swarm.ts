import { encode } from "../codec/codec.js";
import { type ConnackPacket, PacketType } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";
import { BenchClient } from "./client.js";
import type { Load } from "./load.js";
import { LoopClock } from "./loop-clock.js";
import { Naming } from "./naming.js";
import { type BenchOptions, type Share, sizeOf } from "./options.js";
import { Batch } from "./publish-frames.js";
import { PublishSchedule } from "./publish-schedule.js";
import { Ramp } from "./ramp.js";
import { Rota } from "./rota.js";
import { SourcePorts } from "./source-ports.js";
import { Subscriber, type SubscriberContext } from "./subscriber.js";
import type { SwarmContext } from "./swarm-context.js";
import { type Duration, type Snapshot, Tallies } from "./tallies.js";
import type { Network } from "./wire.js";

export interface SwarmParts {
  readonly network: Network;
  /** Which share of all clients is this process's: number `index` of `of`. */
  readonly part: Share;
  /** The same in all processes of a run. */
  readonly runId: number;
  /** Takes lines for whoever watches: errors of clients. */
  readonly say: (line: string) => void;
  /** Takes what a client's connection took, for the log of QoE. */
  readonly noteQoe?: ((client: string, duration: Duration, tookMs: number) => void) | undefined;
}

const CONNECT_TIMEOUT_MS = 60_000;
const RETRY_MS = 1_000;
/** How often somebody looks at what is due. */
const TICK_MS = { publishing: 1, ramp: 5, idle: 100 } as const;
/** A client pings somewhat earlier than it has to, as its timer may come late. */
const PING_SHARE = 0.9;
const STOP_LIMIT_MS = 20_000;
const LONGEST_PACKET_ID = 65_535;
/** Errors told of in full each second. */
const MOST_SAID = 50;

const UNREACHABLE = new Set(["EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"]);
const PORT_TAKEN = new Set(["EADDRINUSE", "EADDRNOTAVAIL"]);

/** All clients of one process: connects them, keeps them alive, and has them publish or subscribe. */
export class Swarm implements Load, SwarmContext, SubscriberContext {
  readonly options: BenchOptions;
  readonly tallies = new Tallies();
  readonly batch = new Batch();
  readonly version: BenchOptions["version"];
  readonly disconnectFrame: Uint8Array;
  readonly done: Promise<void>;
  readonly hasFailed = false;
  readonly #parts: SwarmParts;
  readonly #ramp: Ramp;
  readonly #naming: Naming;
  readonly #sources: SourcePorts;
  readonly #schedule: PublishSchedule | undefined;
  readonly #clients: BenchClient[] = [];
  readonly #connecting = new Rota<BenchClient>();
  readonly #pings = new Rota<BenchClient>();
  readonly #portTries = new Map<BenchClient, number>();
  readonly #loop = new LoopClock();
  #pingMs: number;
  #connected = 0;
  #underWay = 0;
  /** Clients that will not be heard of again: past their first CONNACK or given up. */
  #settled = 0;
  #said = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;
  #finish!: () => void;
  #allSettled: (() => void) | undefined;
  #allLeft: (() => void) | undefined;

  constructor(options: BenchOptions, parts: SwarmParts) {
    this.options = options;
    this.#parts = parts;
    this.version = options.version;
    this.disconnectFrame = encode({ type: PacketType.Disconnect, reasonCode: 0, properties: {} }, options.version);
    this.#ramp = new Ramp(sizeOf(parts.part, options.clients), options.connectIntervalMs * parts.part.of);
    this.#naming = new Naming(options, parts.runId);
    this.#sources = new SourcePorts(options.sourceAddresses, parts.runId);
    this.#pingMs = options.keepAliveSeconds * 1_000 * PING_SHARE;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    if (options.publish !== undefined) {
      this.#schedule = new PublishSchedule(options, options.publish, parts.part, {
        tallies: this.tallies,
        batch: this.batch,
        naming: this.#naming,
        onComplete: () => this.#onComplete(),
      });
    }
  }

  /** Resolves when every client has been connected once or has failed for good. */
  start(): Promise<void> {
    const settled = new Promise<void>((resolve) => {
      this.#allSettled = resolve;
    });
    this.#ramp.start(performance.now());
    this.#tick();
    return settled;
  }

  /** All processes are through with connecting. */
  release(): void {
    this.#schedule?.release(performance.now());
  }

  hold(): void {
    this.#ramp.end();
    this.#checkSettled();
  }

  snapshot(): Snapshot {
    this.#said = 0;
    const { counts, durations } = this.tallies;
    return { counts, durations, connected: this.#connected, ...this.#loop.take() };
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    this.#schedule?.stop();
    const left = new Promise<void>((resolve) => {
      this.#allLeft = resolve;
    });
    for (const client of this.#clients) {
      if (client.isConnected) client.leave();
      else if (client.isConnecting) client.abort();
    }
    if (this.#connected === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_LIMIT_MS);
    });
    await Promise.race([left, late]);
    clearTimeout(timer);
  }

  dial(client: BenchClient): void {
    const { hosts, port, tls } = this.options;
    const index = this.#indexOf(client);
    const host = hosts[index % hosts.length]!;
    this.#parts.network.dial({ host, port, tls }, client, this.#sources.of(index, this.#portTries.get(client) ?? 0));
  }

  connectFrame(client: BenchClient): Uint8Array {
    return this.#naming.connectFrame(client.number);
  }

  reasonName(reasonCode: number): string {
    const found = Object.entries(ReasonCode).find(([, code]) => code === reasonCode);
    return found === undefined ? `reason code ${reasonCode}` : found[0];
  }

  filtersOf(client: BenchClient): readonly string[] {
    return this.#naming.filters(client.number);
  }

  subscribed(client: BenchClient, tookMs: number): void {
    this.#measured(client, "mqtt_client_subscribe_duration", tookMs);
  }

  opened(client: BenchClient, tookMs: number): void {
    this.#portTries.delete(client);
    // How long TCP alone took is not told where TLS or WebSocket come on top.
    if (this.options.tls === undefined && !this.options.isWebSocket) this.#measured(client, "mqtt_client_tcp_handshake_duration", tookMs);
    this.#measured(client, "mqtt_client_handshake_duration", tookMs);
  }

  joined(client: BenchClient, { properties }: ConnackPacket, tookMs: number): void {
    const { counts } = this.tallies;
    this.#underWay--;
    this.#connected++;
    this.#measured(client, "mqtt_client_connect_duration", tookMs);
    if (client.wasConnected) counts.reconnect_succ++;
    else {
      counts.connect_succ++;
      this.#settle();
    }
    client.attempts = 0;
    if (properties.serverKeepAliveSeconds !== undefined && this.#pings.size === 0) {
      this.#pingMs = properties.serverKeepAliveSeconds * 1_000 * PING_SHARE;
    }
    const nowMs = performance.now();
    if (this.#pingMs > 0 && !client.wasConnected) this.#pings.add(client, nowMs + this.#pingMs);
    client.role ??= this.options.command === "sub" ? new Subscriber(this) : this.#schedule?.newPublisher();
    client.role?.onConnected(client, nowMs, properties.receiveMaximum ?? LONGEST_PACKET_ID);
    this.#openMore(nowMs);
  }

  told(client: BenchClient, reasonCode: number): void {
    this.#say(`client(${client.number}): disconnected with reason ${this.reasonName(reasonCode)}`);
  }

  failed(client: BenchClient, reason: string, code: string, wasDialling: boolean): void {
    const tries = this.#portTries.get(client) ?? 0;
    if (wasDialling && PORT_TAKEN.has(code) && this.options.sourceAddresses.length > 0 && !this.#sources.isExhausted(tries)) {
      this.#portTries.set(client, tries + 1);
      client.again();
      client.redial();
      return;
    }
    const { counts } = this.tallies;
    this.#underWay--;
    counts.connect_fail++;
    if (code === "ECONNREFUSED") counts.connection_refused++;
    else if (code === "ETIMEDOUT") counts.connection_timeout++;
    else if (UNREACHABLE.has(code)) counts.unreachable++;
    this.#say(`client(${client.number}): connect error - ${code === "" ? reason : `${code}: ${reason}`}`);
    const { connectRetries, reconnects } = this.options;
    if (!this.#isStopping && client.attempts <= (client.wasConnected ? reconnects : connectRetries)) this.#later(client, "connect_retried");
    else if (!client.wasConnected) this.#settle();
    this.#openMore(performance.now());
  }

  lost(client: BenchClient, reason: string): void {
    this.#connected--;
    this.tallies.counts.disconnected++;
    this.#say(`client(${client.number}): EXIT for ${reason}`);
    if (this.options.reconnects > 0) this.#later(client);
  }

  left(): void {
    if (--this.#connected === 0) this.#allLeft?.();
  }

  #later(client: BenchClient, counter?: "connect_retried"): void {
    setTimeout(() => {
      if (this.#isStopping) return;
      if (counter !== undefined) this.tallies.counts[counter]++;
      this.#open(client, performance.now());
    }, RETRY_MS);
  }

  #tick(): void {
    if (this.#isStopping) return;
    const nowMs = performance.now();
    this.#openMore(nowMs);
    this.#connecting.run(nowMs, (client) => {
      if (client.isOverdue(nowMs, CONNECT_TIMEOUT_MS)) client.giveUp();
    });
    this.#pings.run(nowMs, (client) => {
      if (client.isConnected) client.ping();
      this.#pings.add(client, nowMs + this.#pingMs);
    });
    this.#schedule?.run(nowMs);
    const waitMs = this.#schedule?.isPaced === true ? TICK_MS.publishing : this.#ramp.isDone ? TICK_MS.idle : TICK_MS.ramp;
    this.#loop.expect(waitMs);
    this.#timer = setTimeout(() => {
      this.#loop.came();
      this.#tick();
    }, waitMs);
  }

  #openMore(nowMs: number): void {
    if (this.#isStopping) return;
    const { startNumber, mostConnecting } = this.options;
    const { index, of } = this.#parts.part;
    while (this.#underWay < mostConnecting && this.#ramp.takeOne(nowMs)) {
      const client = new BenchClient(startNumber + 1 + index + this.#clients.length * of, this);
      this.#clients.push(client);
      this.#open(client, nowMs);
    }
  }

  #open(client: BenchClient, nowMs: number): void {
    this.#underWay++;
    this.#connecting.add(client, nowMs + CONNECT_TIMEOUT_MS);
    client.dial(nowMs);
  }

  #settle(): void {
    this.#settled++;
    this.#checkSettled();
  }

  #checkSettled(): void {
    if (this.#settled !== this.#ramp.total) return;
    this.#allSettled?.();
    if (this.options.command === "pub" && this.#connected === 0) this.#finish();
  }

  #onComplete(): void {
    if (!this.options.publish!.keepsConnected) this.#finish();
  }

  #measured(client: BenchClient, duration: Duration, tookMs: number): void {
    this.tallies.durations[duration].record(tookMs * 1_000);
    this.#parts.noteQoe?.(this.#naming.clientId(client.number), duration, tookMs);
  }

  #indexOf(client: BenchClient): number {
    return client.number - this.options.startNumber - 1;
  }

  #say(line: string): void {
    this.#said++;
    if (this.#said <= MOST_SAID) this.#parts.say(line);
    else if (this.#said === MOST_SAID + 1) this.#parts.say("more errors of this second are not shown");
  }
}
