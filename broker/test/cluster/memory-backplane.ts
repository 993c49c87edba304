import type { Backplane, BackplaneEvents } from "../../src/cluster/backplane.js";
import { routeText } from "../../src/cluster/nats/route-records.js";
import { RouteTable } from "../../src/cluster/nats/route-table.js";
import type { Message } from "../../src/message.js";
import type { ShareStrategy } from "../../src/topics/shared-group.js";
import type { SharedFilter } from "../../src/topics/topic-filter.js";

/** What brokers of one process share in place of a network, for tests of brokers with peers. */
export class Switchboard {
  readonly members = new Set<MemoryBackplane>();
  readonly owners = new Map<string, MemoryBackplane>();
}

export class MemoryBackplane implements Backplane {
  readonly isReady = true;
  readonly movesSessions = true;
  readonly #board: Switchboard;
  readonly #strategy: ShareStrategy;
  readonly #own = new Set<string>();
  /** What the others have. */
  readonly #table = new RouteTable<MemoryBackplane>({ hashSeed: 1 });
  #events: BackplaneEvents | undefined;

  constructor(board: Switchboard, strategy: ShareStrategy = "round-robin") {
    this.#board = board;
    this.#strategy = strategy;
  }

  async start(events: BackplaneEvents): Promise<void> {
    this.#events = events;
    for (const other of this.#board.members) for (const route of other.#own) this.#table.add(other, route);
    this.#board.members.add(this);
  }

  async stop(): Promise<void> {
    this.#events = undefined;
    this.#board.members.delete(this);
    for (const other of this.#board.members) {
      other.#table.forget(this);
      other.#table.sweep(Number.POSITIVE_INFINITY);
    }
    for (const [clientId, owner] of this.#board.owners) if (owner === this) this.#board.owners.delete(clientId);
  }

  claim(clientId: string): Promise<void> | undefined {
    const owner = this.#board.owners.get(clientId);
    this.#board.owners.set(clientId, this);
    return owner === undefined || owner === this ? undefined : owner.#handOver(clientId);
  }

  async handOver(): Promise<void> {
    throw new Error("sessions do not move in memory");
  }

  release(clientId: string): void {
    if (this.#board.owners.get(clientId) === this) this.#board.owners.delete(clientId);
  }

  wants(topic: string): boolean {
    return !this.#table.interest(topic).isEmpty;
  }

  keeps({ shareName, filter }: SharedFilter): boolean {
    return this.#table.group(filter, shareName)?.keeps(this.#strategy, Math.random) ?? true;
  }

  publish(message: Message, kept: readonly SharedFilter[]): Promise<void> | undefined {
    const { peers, groups } = this.#table.interest(message.topic);
    const chosen = new Map<MemoryBackplane, SharedFilter[]>(peers.map((peer) => [peer, []]));
    for (const group of groups) {
      const { shareName, filter } = group.shared;
      if (kept.some((other) => other.shareName === shareName && other.filter === filter)) continue;
      const peer = group.pick(this.#strategy, Math.random)!;
      chosen.set(peer, [...(chosen.get(peer) ?? []), group.shared]);
    }
    if (chosen.size === 0) return undefined;
    return Promise.resolve().then(() => {
      for (const [peer, shared] of chosen) peer.#events?.onMessage(message, { toSubscribers: peers.includes(peer), groups: shared });
    });
  }

  handOn(message: Message, { shareName, filter }: SharedFilter): boolean {
    const group = this.#table.group(filter, shareName);
    const peer = group?.pick(this.#strategy, Math.random);
    if (group === undefined || peer === undefined) return false;
    void Promise.resolve().then(() => peer.#events?.onMessage(message, { toSubscribers: false, groups: [group.shared] }));
    return true;
  }

  subscribed(filter: string, shareName?: string): undefined {
    const route = routeText(filter, shareName);
    this.#own.add(route);
    for (const other of this.#board.members) if (other !== this) other.#table.add(this, route);
  }

  unsubscribed(filter: string, shareName?: string): void {
    const route = routeText(filter, shareName);
    this.#own.delete(route);
    for (const other of this.#board.members) if (other !== this) other.#table.remove(this, route);
  }

  async #handOver(clientId: string): Promise<void> {
    // A turn later, as over a network: the claim that lost a race has been answered by then.
    await new Promise(setImmediate);
    await this.#events?.onTakenOver(clientId);
  }
}
