import type { Log } from "../../log.js";
import type { ClusterCounters } from "./cluster-counters.js";
import type { StoredMessage } from "./engine.js";
import { decodeRecord, predecessorOf, type RouteRecord } from "./route-records.js";

/** So often the log is read again from where a record is missing, a few seconds altogether. */
const MOST_ATTEMPTS = 8;

export interface RouteReaderOptions {
  /** First part of all subjects. */
  readonly prefix: string;
  /** Whether this broker is a member: whoever writes its routes anew removes what came before only when all members have read that. */
  readonly isCaughtUp: () => boolean;
  readonly takeIn: (writer: string, record: RouteRecord, sequence: number) => void;
  /** A record is missing, however often the log is read again. */
  readonly onMissing: () => void;
  readonly counters: Pick<ClusterCounters, "unreadableRecords">;
  readonly log: Log;
}

/**
 * Reads the records of the route log, and notices if one is missing: a NATS server that was killed, or stood still, does not always bring all that the others have. Each record
 * says which of its writer's came before it.
 */
export class RouteReader {
  readonly #options: RouteReaderOptions;
  /** Sequence of each writer's last record. */
  readonly #last = new Map<string, number>();
  #attempts = 0;

  constructor(options: RouteReaderOptions) {
    this.#options = options;
  }

  /** Gives the writer. Undefined: it is not taken in, as something before it is missing, and is to be read first. */
  take({ sequence, subject, bytes }: StoredMessage): string | undefined {
    const { prefix, takeIn, onMissing, counters, log } = this.#options;
    const writer = subject.slice(prefix.length + 3);
    try {
      const record = decodeRecord(bytes);
      if (!this.#isNext(writer, record, predecessorOf(bytes))) {
        if (++this.#attempts <= MOST_ATTEMPTS) return undefined;
        log.error({ writer, sequence }, "the route log lacks a record that was written: it is read anew, under another name");
        onMissing();
        return writer;
      }
      this.#attempts = 0;
      this.#last.set(writer, sequence);
      if (record === undefined) counters.unreadableRecords++;
      else takeIn(writer, record, sequence);
    } catch (error) {
      this.#last.set(writer, sequence);
      counters.unreadableRecords++;
      log.error({ err: error, writer, sequence }, "a record of the route log cannot be read");
    }
    return writer;
  }

  /** A snapshot is the first that is left where its writer has removed what it stands for. */
  #isNext(writer: string, record: RouteRecord | undefined, predecessor: number): boolean {
    if (predecessor <= (this.#last.get(writer) ?? 0)) return true;
    return record?.type === "snapshot" && !this.#options.isCaughtUp();
  }
}
