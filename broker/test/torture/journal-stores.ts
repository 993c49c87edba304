import { existsSync, openSync, readFileSync, write, writeSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../src/clock.js";
import type { Message } from "../../src/message.js";
import { NEVER } from "../../src/message.js";
import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { MemorySessionStore } from "../../src/persistence/memory-session-store.js";
import type { MessageStore } from "../../src/persistence/message-store.js";
import type { SessionStore } from "../../src/persistence/session-store.js";
import { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import type { RetainedStore } from "../../src/retained/retained-store.js";
import { Delivery, type DeliveryState } from "../../src/session/delivery.js";

/** What is wrong with a journal, on purpose. */
export type Fault =
  /** Nothing. */
  | "none"
  /** It says that changes are durable some time before they are. */
  | "early"
  /** It forgets which QoS 2 messages have been received. */
  | "forgetful";

/** How much too early. */
const EARLY_MS = 400;
/** How long after a write all others say so: whatever is killed under load has then stored what it has not acknowledged. */
const LATE_MS = 50;

type Line = readonly [store: "sessions" | "messages" | "retained", method: string, ...args: unknown[]];

/**
 * Stores that write each change to a file, a line each, and are what the file says when they are opened again. Enough for a process that
 * is killed, as the kernel lives on; and simple, to be a second opinion on what is wrong: the broker or its store.
 */
export class JournalStores {
  readonly sessions: SessionStore;
  readonly messages: MessageStore;
  readonly retained: RetainedStore;
  readonly #fault: Fault;
  readonly #file: number;
  #lines = "";
  #group: Promise<void> | undefined;
  #writing: Promise<void> | undefined;

  constructor(folder: string, clock: Clock, fault: Fault) {
    const path = join(folder, "journal");
    const stores = { sessions: new MemorySessionStore(), messages: new MemoryMessageStore(), retained: new MemoryRetainedStore({ clock }) };
    const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : []; // what has no end was being written
    for (const line of lines) replay(stores, JSON.parse(line, revive));
    this.#fault = fault;
    this.#file = openSync(path, "a");
    if (lines.length === 0) writeSync(this.#file, `${JSON.stringify(["sessions", "remove", "nobody"])}\n`);
    this.sessions = this.#journal("sessions", stores.sessions, ["save", "remove", "subscribe", "unsubscribe"]);
    this.messages = this.#journal("messages", stores.messages, ["add", "update", "remove", "addReceived", "removeReceived", "clear"]);
    this.retained = this.#journal("retained", stores.retained, ["set", "delete"]);
  }

  #journal<Store extends object>(name: Line[0], store: Store, methods: readonly string[]): Store {
    return new Proxy(store, {
      get: (target, property) => {
        if (property === "commit") return () => this.#commit();
        const member = Reflect.get(target, property, target);
        if (typeof member !== "function") return member;
        const method = String(property);
        if (!methods.includes(method)) return member.bind(target);
        return (...args: unknown[]) => {
          if (this.#fault !== "forgetful" || !method.endsWith("Received"))
            this.#lines += `${JSON.stringify([name, method, ...args], plain)}\n`;
          return member.apply(target, args);
        };
      },
    });
  }

  #commit(): Promise<void> | undefined {
    if (this.#lines !== "") {
      this.#group ??= new Promise((resolve, reject) => {
        const begin = () => {
          this.#writing = this.#write().then(resolve, reject);
        };
        if (this.#fault === "early") setTimeout(begin, EARLY_MS);
        else if (this.#writing === undefined) setImmediate(begin);
        else this.#writing.finally(begin);
      });
    }
    return this.#fault === "early" ? undefined : (this.#group ?? this.#writing);
  }

  #write(): Promise<void> {
    const lines = this.#lines;
    this.#lines = "";
    this.#group = undefined;
    return new Promise((resolve, reject) => {
      write(this.#file, lines, (error) => {
        const tell = () => {
          if (this.#group === undefined) this.#writing = undefined;
          if (error) reject(error);
          else resolve();
        };
        setTimeout(tell, this.#fault === "early" ? 0 : LATE_MS);
      });
    });
  }
}

function replay(stores: Record<Line[0], object>, [store, method, ...args]: Line): void {
  if (store === "messages" && args[1] instanceof Delivery) {
    const [clientId, delivery] = args as [string, Delivery];
    const messages = stores.messages as MemoryMessageStore;
    // The memory store holds the delivery itself, so what has changed is another one in its place.
    if (method === "remove") messages.remove(clientId, delivery);
    else messages.add(clientId, delivery);
    return;
  }
  const target = stores[store] as Record<string, (...args: unknown[]) => void>;
  target[method]!(...args);
}

function plain(this: unknown, key: string, value: unknown): unknown {
  const held = (this as Record<string, unknown>)[key];
  if (held instanceof Uint8Array) return { bytes: Buffer.from(held).toString("base64") };
  if (value === NEVER) return { never: true };
  if (!(value instanceof Delivery)) return value;
  const { sequence, message, qos, retain, packetId, state } = value;
  return { delivery: { sequence, message, qos, retain, packetId, state } };
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("bytes" in value) return Buffer.from(value.bytes as string, "base64");
  if ("never" in value) return NEVER;
  if (!("delivery" in value)) return value;
  const { sequence, message, qos, retain, packetId, state } = value.delivery as Delivery;
  const delivery = new Delivery(sequence, message as Message, qos, retain, undefined, undefined);
  delivery.packetId = packetId;
  delivery.state = state as DeliveryState;
  return delivery;
}
