import type { BackplaneEvents } from "../backplane.js";
import type { ClusterCounters } from "./cluster-counters.js";
import type { BatchVisitor } from "./message-batch.js";
import type { Peer } from "./peer.js";

/** What of a peer's batches concerns sessions that outlive their connections. */
export interface KeptMessages {
  /** How much has changed in the store since it was written last. */
  readonly changes: () => number;
  /** All batches of the peer up to this one are in the store. */
  readonly mark: (peer: string, sequence: number) => void;
  /** Has durable what could not be made so. */
  readonly commit: () => Promise<void> | undefined;
  /** QoS 2 messages that this broker has had, by the broker that took them: all up to that number. */
  readonly numbers: Map<string, number>;
  /** Notes that in the store. */
  readonly markNumber: (origin: string, number: number) => void;
  /** The peer has passed a switch. */
  readonly passed: (peer: string, token: string) => void;
  /** A session has come from the peer. */
  readonly came: (clientId: string, peer: string, records: Uint8Array) => Promise<void> | undefined;
}

export interface BatchIntakeOptions {
  readonly counters: ClusterCounters;
  readonly deliver: BackplaneEvents["onMessage"];
  /** Undefined where no session outlives its connection. */
  readonly kept?: KeptMessages | undefined;
}

/** Where what comes from peers goes. */
export class BatchIntake {
  readonly #options: BatchIntakeOptions;

  constructor(options: BatchIntakeOptions) {
    this.#options = options;
  }

  /** Takes in a batch of a peer's. */
  take(peer: Peer, entries: (visitor: BatchVisitor) => void, sequence: number): readonly Promise<void>[] {
    const { counters, deliver, kept } = this.#options;
    const waits: Promise<void>[] = [];
    const add = (wait: void | Promise<void>) => {
      if (wait !== undefined && wait !== waits[waits.length - 1]) waits.push(wait);
    };
    const before = kept?.changes();
    entries({
      message: (message, to, { estate, origin, number = 0 }) => {
        counters.messagesReceived++;
        if (origin === undefined) add(deliver(message, to, estate === undefined ? peer.origin : { broker: peer.id, estate }));
        else if (this.isNew(origin, number)) {
          add(deliver(message, to, estate === undefined ? peer.origin : { broker: peer.id, except: estate }));
          if (kept!.changes() !== before) kept!.markNumber(origin, number);
        }
      },
      mark: (token) => kept?.passed(peer.id, token),
      session: (clientId, records) => add(kept?.came(clientId, peer.id, records)),
    });
    if (kept !== undefined && kept.changes() !== before) kept.mark(peer.id, sequence);
    return waits;
  }

  /** Whether a QoS 2 message has not come yet; numbers of one broker come in order. */
  isNew(origin: string, number: number): boolean {
    const numbers = this.#options.kept!.numbers;
    if (number <= (numbers.get(origin) ?? 0)) return false;
    numbers.set(origin, number);
    return true;
  }
}
