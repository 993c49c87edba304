import type { BenchClient } from "./client.js";
import type { Naming } from "./naming.js";
import { type BenchOptions, type PublishOptions, type Share, sizeOf } from "./options.js";
import type { Batch, PublishShape } from "./publish-frames.js";
import { Publisher, type PublisherContext } from "./publisher.js";
import { Rota } from "./rota.js";
import type { Tallies } from "./tallies.js";
import { Template } from "./template.js";

interface ScheduleParts {
  readonly tallies: Tallies;
  readonly batch: Batch;
  readonly naming: Naming;
  /** All that was to be published is through. */
  readonly onComplete: () => void;
}

/** When publishers publish: each at its interval, or whenever there is room. */
export class PublishSchedule implements PublisherContext {
  readonly options: BenchOptions;
  readonly publish: PublishOptions;
  readonly tallies: Tallies;
  readonly batch: Batch;
  readonly shapes: readonly PublishShape[];
  readonly isTopicPerMessage: readonly boolean[];
  readonly #parts: ScheduleParts;
  readonly #templates: readonly Template[];
  /** One for each topic, as each has an interval of its own. */
  readonly #rotas: readonly Rota<BenchClient>[];
  /** Without an interval: those who have room. */
  #eager: BenchClient[] = [];
  readonly #isEager = new Set<BenchClient>();
  readonly #publishers: Publisher[] = [];
  /** They wait for everybody to be connected. */
  #held: BenchClient[] | undefined;
  #left: number;
  #isComplete = false;
  #isStopped = false;
  #isPumping = false;

  constructor(options: BenchOptions, publish: PublishOptions, part: Share, parts: ScheduleParts) {
    this.options = options;
    this.publish = publish;
    this.tallies = parts.tallies;
    this.batch = parts.batch;
    this.#parts = parts;
    this.#templates = publish.topics.map(({ topic }) => new Template(topic));
    this.isTopicPerMessage = this.#templates.map((template) => template.isPerMessage);
    this.#rotas = publish.topics.map(() => new Rota());
    this.shapes = publish.topics.map(({ qos }) => ({
      qos,
      version: options.version,
      isRetained: publish.isRetained,
      headers: options.payloadHeaders,
    }));
    this.#left = sizeOf(part, publish.limit);
    this.#held = publish.waitsForAll ? [] : undefined;
  }

  /** Whether something has to be looked at each millisecond. */
  get isPaced(): boolean {
    return this.#rotas.some(({ size }) => size > 0);
  }

  newPublisher(): Publisher {
    const publisher = new Publisher(this);
    this.#publishers.push(publisher);
    return publisher;
  }

  /** Everybody is connected. */
  release(nowMs: number): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const client of held) this.#begin(client, nowMs);
    this.settled();
  }

  stop(): void {
    this.#isStopped = true;
  }

  run(nowMs: number): void {
    for (const [plan, rota] of this.#rotas.entries()) {
      const { intervalMs } = this.publish.topics[plan]!;
      rota.run(nowMs, (client, dueMs) => this.#turn(client, plan, intervalMs, dueMs, nowMs));
    }
  }

  takeOne(): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }

  topicOf(client: BenchClient, plan: number, sequence: number): Uint8Array {
    return Buffer.from(this.#parts.naming.render(this.#templates[plan]!, client.number, sequence));
  }

  ready(client: BenchClient, isFirst: boolean): void {
    if (this.#held !== undefined) {
      if (isFirst) this.#held.push(client);
    } else if (isFirst) this.#begin(client, performance.now());
    else this.hasRoom(client);
  }

  hasRoom(client: BenchClient): void {
    if (!this.#isUnpaced || this.#held !== undefined || !client.isConnected || this.#isEager.has(client)) return;
    this.#isEager.add(client);
    this.#eager.push(client);
    this.#pumpSoon();
  }

  settled(): void {
    if (this.#left > 0 || this.#isComplete || this.#publishers.some(({ underWay }) => underWay > 0)) return;
    this.#isComplete = true;
    this.#parts.onComplete();
  }

  get #isUnpaced(): boolean {
    return this.publish.topics[0]!.intervalMs === 0;
  }

  #begin(client: BenchClient, nowMs: number): void {
    const { minWaitMs, maxWaitMs } = this.publish;
    const waitMs = minWaitMs + Math.random() * Math.max(0, maxWaitMs - minWaitMs);
    if (waitMs > 0) setTimeout(() => this.#enter(client, performance.now()), waitMs);
    else this.#enter(client, nowMs);
  }

  #enter(client: BenchClient, nowMs: number): void {
    if (this.#isStopped) return;
    if (this.#isUnpaced) this.hasRoom(client);
    else for (const [plan, rota] of this.#rotas.entries()) rota.add(client, nowMs + this.publish.topics[plan]!.intervalMs);
  }

  #turn(client: BenchClient, plan: number, intervalMs: number, dueMs: number, nowMs: number): void {
    if (this.#isComplete || this.#isStopped) return;
    if (client.isConnected) {
      const outcome = (client.role as Publisher).send(client, plan);
      if (outcome === "done") {
        this.settled();
        return;
      }
      if (outcome === "full") this.tallies.counts.pub_overrun++;
      else if (this.#left === 0) this.settled();
    }
    const nextMs = dueMs + intervalMs;
    // More than a whole interval late: what was not sent is not made up for.
    if (nextMs < nowMs) this.tallies.counts.pub_overrun += Math.ceil((nowMs - nextMs) / intervalMs);
    this.#rotas[plan]!.add(client, Math.max(nextMs, nowMs));
  }

  #pumpSoon(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    setImmediate(() => this.#pump());
  }

  /** A batch of each; those that have room for more come again after what has been received is looked at. */
  #pump(): void {
    this.#isPumping = false;
    const clients = this.#eager;
    this.#eager = [];
    this.#isEager.clear();
    for (const client of clients) {
      if (this.#isComplete || this.#isStopped) return;
      if (!client.isConnected) continue;
      const outcome = (client.role as Publisher).sendAll(client);
      if (outcome === "sent") this.hasRoom(client);
      else if (outcome === "done") this.settled();
    }
  }
}
