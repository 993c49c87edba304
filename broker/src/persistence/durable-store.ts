import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdirSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../clock.js";
import { DirectoryLock } from "../journal/directory-lock.js";
import { Journal, type JournalOptions } from "../journal/journal.js";
import type { ScannedJournal } from "../journal/read-journal.js";
import type { Row } from "../journal/row.js";
import { explained, type StoreError } from "../journal/store-error.js";
import type { Log } from "../log.js";
import { DurableRetainedStore } from "../retained/durable-retained-store.js";
import { DurableMessageStore } from "./durable-message-store.js";
import { DurableSessionStore } from "./durable-session-store.js";
import { type StoreCounts, storeCounts } from "./store-counts.js";
import { StoreReplay } from "./store-replay.js";

export interface DurableStoreOptions extends Pick<JournalOptions, "segmentBytes" | "compactBytes" | "maxPendingRows" | "retryMs" | "disk"> {
  readonly directory: string;
  readonly log: Log;
  readonly clock: Clock;
}

/** The embedded store: sessions, messages and retained messages in one folder, which one process has at a time. */
export class DurableStore {
  readonly journal: Journal;
  readonly sessions: DurableSessionStore;
  readonly messages: DurableMessageStore;
  readonly retained: DurableRetainedStore;
  readonly #options: DurableStoreOptions;
  #lock: DirectoryLock | undefined;

  constructor(options: DurableStoreOptions) {
    this.#options = options;
    this.journal = new Journal({ ...options, salt: randomBytes(4).readUInt32LE(), rows: () => this.#rows() });
    this.sessions = new DurableSessionStore(this.journal);
    this.messages = new DurableMessageStore(this.journal);
    this.retained = new DurableRetainedStore(this.journal, options);
  }

  /** Undefined while everything can be made durable; else why not. */
  get failure(): StoreError | undefined {
    return this.journal.failure;
  }

  /**
   * Takes the folder, which is made if it is not there, and loads what it holds.
   *
   * @throws StoreError if that cannot be done, or not without losing anything
   */
  async open(): Promise<void> {
    const { directory } = this.#options;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
      this.#lock = await DirectoryLock.take(directory);
      removeUnfinished(directory);
      const replay = new StoreReplay();
      const found = await this.journal.open(replay);
      replay.dropLoose();
      this.#restore(replay);
      this.#report(found);
    } catch (error) {
      await this.#lock?.release();
      this.#lock = undefined;
      throw explained(error, directory);
    }
  }

  /** Writes what is left and gives up the folder. Rejects if not everything could be written. */
  async close(): Promise<void> {
    try {
      await this.journal.close();
    } finally {
      await this.#lock?.release();
      this.#lock = undefined;
    }
  }

  counts(): StoreCounts {
    return storeCounts(this);
  }

  #restore({ sessions, queues, retainedMessages, nextNumbers }: StoreReplay): void {
    this.sessions.restore(sessions.values(), nextNumbers.session);
    this.messages.restore(queues.values(), { nextQueue: nextNumbers.queue, nextBody: nextNumbers.body });
    this.retained.restore(retainedMessages.values());
  }

  #report({ tornAt, bytes }: ScannedJournal): void {
    const { log, directory } = this.#options;
    if (tornAt !== undefined) {
      log.warn(
        { directory, ...tornAt },
        "the last write to the store was interrupted and is dropped; unless the disk was damaged, nobody was told that it had been made",
      );
    }
    log.info({ directory, bytes, ...this.counts() }, "store opened");
  }

  *#rows(): Generator<Row, void, undefined> {
    yield* this.sessions.rows();
    yield* this.messages.rows();
    yield* this.retained.rows();
  }
}

/** Files that the last process had begun and not given their names yet. */
function removeUnfinished(directory: string): void {
  for (const name of readdirSync(directory)) if (name.endsWith(".journal.unfinished")) unlinkSync(join(directory, name));
}
