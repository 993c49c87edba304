import type { Delivery } from "../session/delivery.js";
import type { MessageStore, StoredMessages } from "./message-store.js";

interface Entry {
  /** By sequence; a Map keeps the order in which they were added, which is theirs. */
  readonly deliveries: Map<number, Delivery>;
  readonly received: Set<number>;
  readonly refused: Map<number, number>;
}

/** Lasts as long as the process: a broker that is started again on the same store finds what the last one left. */
export class MemoryMessageStore implements MessageStore {
  readonly #entries = new Map<string, Entry>();

  add(clientId: string, delivery: Delivery): void {
    this.#entry(clientId).deliveries.set(delivery.sequence, delivery);
  }

  /** The store holds the delivery itself, which knows its state. */
  update(): void {}

  remove(clientId: string, delivery: Delivery): void {
    this.#entries.get(clientId)?.deliveries.delete(delivery.sequence);
  }

  addReceived(clientId: string, packetId: number): void {
    this.#entry(clientId).received.add(packetId);
  }

  removeReceived(clientId: string, packetId: number): void {
    this.#entries.get(clientId)?.received.delete(packetId);
  }

  addRefused(clientId: string, packetId: number, mark: number): void {
    this.#entry(clientId).refused.set(packetId, mark);
  }

  removeRefused(clientId: string, packetId: number): void {
    this.#entries.get(clientId)?.refused.delete(packetId);
  }

  /** Only journals of a cluster are read by others. */
  setTaken(): void {}

  load(clientId: string): StoredMessages {
    const entry = this.#entries.get(clientId);
    const refused = entry !== undefined && entry.refused.size > 0 ? { refused: new Map(entry.refused) } : {};
    return { deliveries: [...(entry?.deliveries.values() ?? [])], received: [...(entry?.received ?? [])], ...refused };
  }

  clear(clientId: string): void {
    this.#entries.delete(clientId);
  }

  commit(): undefined {
    return undefined;
  }

  #entry(clientId: string): Entry {
    let entry = this.#entries.get(clientId);
    if (entry === undefined) {
      entry = { deliveries: new Map(), received: new Set(), refused: new Map() };
      this.#entries.set(clientId, entry);
    }
    return entry;
  }
}
