import type { Ban, BanStore } from "../../bans/ban.js";
import type { Bans } from "../../bans/bans.js";
import type { Log } from "../../log.js";
import type { Engine, StoredMessage, StreamDefinition, Tail } from "./engine.js";
import { LostRaceError } from "./engine-errors.js";

export interface NatsBanStoreOptions {
  readonly bans: Bans;
  readonly log: Log;
  readonly storage: StreamDefinition["storage"];
  readonly replicas: number;
}

/** Operators seldom change bans on two brokers in one moment. */
const TRIES = 10;

/** The bans of a cluster: one record in a stream of their own, that all brokers read as it changes. */
export class NatsBanStore implements BanStore {
  readonly #options: NatsBanStoreOptions;
  #engine: Engine | undefined;
  #stream = "";
  #subject = "";
  #tail: Tail | undefined;
  #sequence = 0;

  constructor(options: NatsBanStoreOptions) {
    this.#options = options;
  }

  /** Takes in what there is, and from then on what comes. Called again after this broker was taken for dead. */
  async load(engine: Engine, prefix: string): Promise<void> {
    const { storage, replicas, log } = this.#options;
    this.#engine = engine;
    this.#stream = `${prefix.replaceAll(".", "_")}_bans`;
    this.#subject = `${prefix}.b.all`;
    await engine.ensureStreams([{ name: this.#stream, subjects: [`${prefix}.b.*`], storage, replicas, maxMessagesPerSubject: 1 }]);
    await this.#tail?.stop();
    const last = await engine.lastMessage(this.#stream, this.#subject);
    if (last !== undefined) this.#take(last);
    this.#tail = engine.tail(this.#stream, {
      fromSequence: this.#sequence + 1,
      onMessage: (message) => this.#take(message),
      onTrouble: (error) => log.warn({ err: error }, "bans cannot be read, trying on"),
    });
  }

  async change(change: (bans: readonly Ban[]) => readonly Ban[]): Promise<void> {
    const engine = this.#engine;
    if (engine === undefined) throw new Error("the cluster has not been joined yet");
    for (let left = TRIES; ; left--) {
      const last = await engine.lastMessage(this.#stream, this.#subject);
      const bans = change(last === undefined ? [] : bansOf(last));
      const bytes = Buffer.from(JSON.stringify(bans));
      try {
        const { sequence } = await engine.append(this.#subject, bytes, { expectedLastSubjectSequence: last?.sequence ?? 0 });
        this.#take({ subject: this.#subject, sequence, bytes });
        return;
      } catch (error) {
        if (!(error instanceof LostRaceError) || left === 0) throw error;
      }
    }
  }

  #take(message: StoredMessage): void {
    if (message.sequence <= this.#sequence) return;
    this.#sequence = message.sequence;
    this.#options.bans.replace(bansOf(message));
  }
}

function bansOf({ bytes }: StoredMessage): readonly Ban[] {
  return JSON.parse(Buffer.from(bytes).toString()) as readonly Ban[];
}
