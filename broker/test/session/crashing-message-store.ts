import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import type { StoredMessages } from "../../src/persistence/message-store.js";
import { Delivery } from "../../src/session/delivery.js";

type Change = (durable: MemoryMessageStore) => void;

/** A store that can lose what it was given last, as a crash does, and whose commits succeed or fail when the test says so. */
export class CrashingMessageStore extends MemoryMessageStore {
  #durable = new MemoryMessageStore();
  #changes: Change[] = [];
  #group: { readonly promise: Promise<void>; settle(error: Error | undefined): void } | undefined;

  override add(clientId: string, delivery: Delivery): void {
    this.#change((durable) => durable.add(clientId, copyOf(delivery)), delivery);
  }

  override update(clientId?: string, delivery?: Delivery): void {
    this.add(clientId!, delivery!);
  }

  override remove(clientId: string, delivery: Delivery): void {
    this.#changes.push((durable) => durable.remove(clientId, delivery));
  }

  override commit(): undefined {
    if (this.#changes.length === 0) return undefined;
    this.#group ??= group();
    return this.#group.promise as never;
  }

  /** Makes everything so far durable, or says that it could not. */
  async settle(error?: Error): Promise<void> {
    const settling = this.#group;
    this.#group = undefined;
    if (error === undefined) for (const change of this.#changes.splice(0)) change(this.#durable);
    settling?.settle(error);
    await settling?.promise.catch(() => {});
    await new Promise(setImmediate);
  }

  /** What is not durable is gone. */
  crash(): void {
    this.#changes = [];
    this.#group = undefined;
  }

  override load(clientId: string): StoredMessages {
    const { deliveries, received } = this.#durable.load(clientId);
    return { deliveries: deliveries.map(copyOf), received };
  }

  /** With the delivery as it is now, which is changed later. */
  #change(change: Change, delivery: Delivery): void {
    const { state, packetId } = delivery;
    this.#changes.push((durable) => {
      const now = { state: delivery.state, packetId: delivery.packetId };
      Object.assign(delivery, { state, packetId });
      change(durable);
      Object.assign(delivery, now);
    });
  }
}

function copyOf({ sequence, message, qos, retain, identifiers, shared, packetId, state }: Delivery): Delivery {
  return Object.assign(new Delivery(sequence, message, qos, retain, identifiers, shared), { packetId, state });
}

function group() {
  let settle = (_: Error | undefined) => {};
  const promise = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  return { promise, settle };
}
