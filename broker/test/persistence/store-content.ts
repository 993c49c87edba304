import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { DurableStore } from "../../src/persistence/durable-store.js";
import { Delivery, DeliveryState } from "../../src/session/delivery.js";
import { messageOf, optionsOf } from "../session/support.js";
import { oneOf } from "../topics/support.js";
import { temporaryFolder } from "./temporary-store.js";

/** The files of a store as they are now, as after the process was killed. */
export function copyOfFiles(directory: string): string {
  const copy = temporaryFolder();
  for (const name of journalFiles(directory)) cpSync(join(directory, name), join(copy, name));
  return copy;
}

export function journalFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".journal"))
    .sort();
}

/** All that a store holds, as text that can be compared. */
export function contentOf({ sessions, messages, retained }: DurableStore): string {
  const lines: string[] = [];
  for (const { session, subscriptions } of sessions.all()) {
    lines.push(JSON.stringify([session, subscriptions.map((options) => JSON.stringify(options)).sort()]));
  }
  for (const { clientId } of messages.queues()) {
    const { deliveries, received, refused = new Map() } = messages.load(clientId);
    const told = deliveries.map(({ sequence, message, qos, state, packetId }) => [
      sequence,
      Buffer.from(message.payload).toString(),
      qos,
      state,
      packetId,
    ]);
    if (told.length + received.length + refused.size > 0)
      lines.push(JSON.stringify([clientId, told, [...received].sort(), [...refused].sort()]));
  }
  for (const { topic, payload } of retained.messages()) lines.push(JSON.stringify([topic, Buffer.from(payload).toString()]));
  return lines.sort().join("\n");
}

/** Changes a store in every way there is, at random. */
export class Changes {
  readonly #store: DurableStore;
  readonly #random: () => number;
  #sequence = 0;
  readonly #owed = new Map<string, Delivery[]>();

  constructor(store: DurableStore, random: () => number) {
    this.#store = store;
    this.#random = random;
  }

  make(count: number): void {
    for (let i = 0; i < count; i++) this.#one();
  }

  #one(): void {
    const { sessions, messages, retained } = this.#store;
    const clientId = oneOf(["a", "b", "c"], this.#random);
    const packetId = 1 + Math.floor(this.#random() * 5);
    const owed = this.#owed.get(clientId) ?? [];
    this.#owed.set(clientId, owed);
    const choice = this.#random();
    if (choice < 0.35) this.#publish();
    else if (choice < 0.5) this.#progress(clientId, oneOf(owed.length > 0 ? owed : [undefined], this.#random));
    else if (choice < 0.7) {
      const done = owed.splice(Math.floor(this.#random() * owed.length), 1)[0];
      if (done !== undefined) messages.remove(clientId, done);
    } else if (choice < 0.74) messages.addReceived(clientId, packetId);
    else if (choice < 0.77) messages.removeReceived(clientId, packetId);
    else if (choice < 0.775) messages.addRefused(clientId, packetId, this.#sequence);
    else if (choice < 0.78) messages.removeRefused(clientId, packetId);
    else if (choice < 0.84) {
      const session = { clientId, userName: undefined, expirySeconds: this.#sequence + 1, disconnectedAtMs: undefined, will: undefined };
      sessions.save(session);
    } else if (choice < 0.88) sessions.subscribe(clientId, optionsOf(oneOf(["f", "g"], this.#random), { identifier: this.#sequence + 1 }));
    else if (choice < 0.9) sessions.unsubscribe(clientId, "f");
    else if (choice < 0.96)
      retained.set(messageOf(`kept ${this.#sequence++}`, { topic: oneOf(["r/1", "r/2"], this.#random), retain: true }));
    else if (choice < 0.98) retained.delete("r/1");
    else if (choice < 0.985) {
      sessions.remove(clientId);
      messages.clear(clientId);
      owed.length = 0;
    }
  }

  /** One message for one session or for all. */
  #publish(): void {
    const message = messageOf(`text ${this.#sequence}`.padEnd(200, "."));
    for (const clientId of this.#random() < 0.3 ? ["a", "b", "c"] : ["a"]) {
      const delivery = new Delivery(++this.#sequence, message, 1, false, undefined, undefined);
      this.#store.messages.add(clientId, delivery);
      const owed = this.#owed.get(clientId) ?? [];
      owed.push(delivery);
      this.#owed.set(clientId, owed);
    }
  }

  #progress(clientId: string, delivery: Delivery | undefined): void {
    if (delivery === undefined) return;
    delivery.packetId ||= delivery.sequence % 65_535 || 1;
    delivery.state = delivery.state === DeliveryState.Queued ? DeliveryState.Sent : DeliveryState.Released;
    this.#store.messages.update(clientId, delivery);
  }
}
