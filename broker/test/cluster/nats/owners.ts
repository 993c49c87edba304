import { randomUUID } from "node:crypto";
import type { TestContext } from "vitest";
import type { Engine } from "../../../src/cluster/nats/engine.js";
import { ownerStreams } from "../../../src/cluster/nats/owner-records.js";
import { Ownership } from "../../../src/cluster/nats/ownership.js";
import type { NatsServer } from "../../support/nats-server.js";
import { bytesOf, engineAt, textOf } from "./engine-support.js";

const PREFIX = "mqttd.test";
const SHARDS = 2;

/** Brokers reduced to what they own, which ask each other through NATS; and a witness of every client that is at two of them. */
export class Owners {
  /** Two owners at once: what must never be. */
  readonly violations: string[] = [];
  readonly all: Owner[] = [];
  readonly #context: TestContext;
  readonly #servers: readonly NatsServer[];

  constructor(context: TestContext, servers: readonly NatsServer[]) {
    this.#context = context;
    this.#servers = servers;
  }

  /** Adds a broker; `wrap` puts faults into its engine. */
  async add(wrap: (engine: Engine) => Engine = (engine) => engine, timeLimitMs = 10_000): Promise<Owner> {
    const engine = await engineAt(this.#context, this.#servers, { setupMs: 10_000, patienceMs: 100 });
    const replicas = this.#servers.length > 1 ? 3 : 1;
    await engine.ensureStreams(ownerStreams({ prefix: PREFIX, shards: SHARDS, storage: "file", replicas }));
    const owner = new Owner(wrap(engine), this, timeLimitMs);
    this.all.push(owner);
    this.#context.onTestFinished(() => owner.ownership.stop());
    return owner;
  }

  /** Where their claims are. */
  get place(): { readonly engine: Engine; readonly prefix: string; readonly shards: number } {
    return { engine: this.all[0]!.engine, prefix: PREFIX, shards: SHARDS };
  }

  /** Who has the client now. */
  of(clientId: string): readonly Owner[] {
    return this.all.filter(({ clients }) => clients.has(clientId));
  }
}

export class Owner {
  readonly id = `b-${randomUUID().slice(0, 8)}`;
  /** Clients that are connected here. */
  readonly clients = new Set<string>();
  readonly ownership: Ownership;
  readonly engine: Engine;
  isMember = true;
  /** Whether peers get an answer. */
  isAnswering = true;
  readonly #owners: Owners;
  /** Clients that are ours and about to be connected. */
  readonly #opening = new Set<string>();

  constructor(engine: Engine, owners: Owners, timeLimitMs: number) {
    this.#owners = owners;
    this.engine = engine;
    this.ownership = new Ownership({
      engine,
      prefix: PREFIX,
      brokerId: this.id,
      shards: SHARDS,
      timeLimitMs,
      isMember: (brokerId) => owners.all.some(({ id, isMember }) => id === brokerId && isMember),
      askToHandOver: async (brokerId, clientId, sequence) => {
        await engine.request(`${PREFIX}.n.${brokerId}`, bytesOf(JSON.stringify([clientId, sequence])), 500);
      },
      onLost: (clientId) => void this.clients.delete(clientId),
    });
    engine.subscribe(`${PREFIX}.n.${this.id}`, (bytes, _, reply) => {
      if (!this.isAnswering) return;
      const [clientId, sequence] = JSON.parse(textOf(bytes)!) as [string, number];
      void this.ownership.takenOver(clientId, sequence).then(() => reply(bytesOf("")));
    });
  }

  /** A client connects here; resolves with who had it. */
  async connect(clientId: string): Promise<string | undefined> {
    const previous = await this.ownership.claim(clientId);
    this.#opening.add(clientId);
    for (let hop = 0; hop < 20; hop++) await undefined; // as between a backplane and a session
    this.#opening.delete(clientId);
    if (!this.isMember) return undefined; // it has died meanwhile
    const others = this.#owners.of(clientId).filter((owner) => owner !== this && owner.isMember);
    for (const other of others) this.#owners.violations.push(`${clientId} connected to ${this.id} and to ${other.id}`);
    this.clients.add(clientId);
    return previous;
  }

  /** Unless another connection of the client is just taking over here: that one then keeps what is owned. */
  async disconnect(clientId: string): Promise<void> {
    if (this.#opening.has(clientId)) return;
    this.clients.delete(clientId);
    await this.ownership.release(clientId);
  }

  /** It is gone with all its connections, and the others know. */
  die(): void {
    this.isMember = false;
    this.isAnswering = false;
    this.ownership.stop();
    this.clients.clear();
  }
}
