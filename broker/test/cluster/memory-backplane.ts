import type { Backplane, BackplaneEvents } from "../../src/cluster/backplane.js";
import type { Message } from "../../src/message.js";
import { SubscriptionTrie } from "../../src/topics/subscription-trie.js";

/** What brokers of one process share in place of a network, for tests of brokers with peers. */
export class Switchboard {
  readonly routes = new SubscriptionTrie<MemoryBackplane>({ hashSeed: 1 });
  readonly owners = new Map<string, MemoryBackplane>();
  #count = 0;

  nextName(): string {
    return `broker${++this.#count}`;
  }
}

export class MemoryBackplane implements Backplane {
  readonly #board: Switchboard;
  readonly #name: string;
  readonly #filters = new Map<string, string>();
  #events: BackplaneEvents | undefined;

  constructor(board: Switchboard) {
    this.#board = board;
    this.#name = board.nextName();
  }

  async start(events: BackplaneEvents): Promise<void> {
    this.#events = events;
  }

  async stop(): Promise<void> {
    this.#events = undefined;
    for (const [key, filter] of this.#filters) this.#board.routes.unsubscribe(filter, key);
    for (const [clientId, owner] of this.#board.owners) if (owner === this) this.#board.owners.delete(clientId);
  }

  claim(clientId: string): Promise<void> | undefined {
    const owner = this.#board.owners.get(clientId);
    this.#board.owners.set(clientId, this);
    return owner === undefined || owner === this ? undefined : owner.#handOver(clientId);
  }

  release(clientId: string): void {
    if (this.#board.owners.get(clientId) === this) this.#board.owners.delete(clientId);
  }

  wants(topic: string): boolean {
    return this.#peersFor(topic).size > 0;
  }

  publish(message: Message): Promise<void> | undefined {
    const peers = this.#peersFor(message.topic);
    if (peers.size === 0) return undefined;
    return Promise.resolve().then(() => {
      for (const peer of peers) peer.#events?.onMessage(message);
    });
  }

  subscribed(filter: string, shareName?: string): undefined {
    const key = this.#keyOf(filter, shareName);
    this.#filters.set(key, filter);
    this.#board.routes.subscribe(filter, key, this);
  }

  unsubscribed(filter: string, shareName?: string): void {
    const key = this.#keyOf(filter, shareName);
    this.#filters.delete(key);
    this.#board.routes.unsubscribe(filter, key);
  }

  #peersFor(topic: string): Set<MemoryBackplane> {
    const peers = new Set<MemoryBackplane>();
    this.#board.routes.match(topic, (peer) => peers.add(peer));
    peers.delete(this);
    return peers;
  }

  async #handOver(clientId: string): Promise<void> {
    // A turn later, as over a network: the claim that lost a race has been answered by then.
    await new Promise(setImmediate);
    await this.#events?.onTakenOver(clientId);
  }

  #keyOf(filter: string, shareName: string | undefined): string {
    return JSON.stringify([this.#name, shareName, filter]);
  }
}
