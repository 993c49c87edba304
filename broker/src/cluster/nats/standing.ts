import type { ClusterStore } from "./cluster-store.js";
import type { Engine } from "./engine.js";
import type { Incarnation } from "./incarnation.js";
import { decodeJournalFrame } from "./journal-frames.js";
import { outOfReach } from "./peer-error.js";
import type { Standing } from "./retained-writer.js";
import { journalOf } from "./session-streams.js";

export interface BrokerStandingOptions {
  /** First part of all subjects: `mqttd.<cluster>`. */
  readonly prefix: string;
  readonly sessionShards: number;
  readonly store?: ClusterStore | undefined;
  readonly engine: () => Engine | undefined;
  readonly current: () => Incarnation | undefined;
  /** Of all lives of this broker. */
  readonly names: ReadonlySet<string>;
}

/** What the streams say of this broker and its clients, whatever it has heard. */
export class BrokerStanding implements Standing {
  readonly #options: BrokerStandingOptions;

  constructor(options: BrokerStandingOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#options.current()?.isReady ?? false;
  }

  get life(): string | undefined {
    const current = this.#options.current();
    return current?.isCaughtUp ? current.membership.self : undefined;
  }

  /** Whoever takes over from a broker seals its journal first, and removes it last. */
  async isOver(life: string): Promise<boolean> {
    const { store, prefix, sessionShards } = this.#options;
    if (store === undefined) return life !== this.life;
    const { stream, subject } = journalOf(prefix, sessionShards, life);
    const last = await this.#engine.lastMessage(stream, subject);
    return last === undefined || decodeJournalFrame(last.bytes).type === "seal";
  }

  async hasLeft(clientId: string): Promise<boolean> {
    const current = this.#options.current();
    if (current === undefined) throw outOfReach();
    const owner = await current.ownership.ownerOf(clientId);
    return owner !== undefined && !this.#options.names.has(owner);
  }

  get #engine(): Engine {
    const engine = this.#options.engine();
    if (engine === undefined) throw outOfReach();
    return engine;
  }
}
