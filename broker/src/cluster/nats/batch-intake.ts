import { type Source, TakenNumbers } from "../../persistence/taken-numbers.js";
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
  /** Resolves when something is durable, however often that fails. */
  readonly durable: (first: Promise<unknown>) => Promise<void>;
  /** QoS 2 messages that this broker has had, by the broker that took them. */
  readonly numbers: Map<string, TakenNumbers>;
  /** A QoS 2 message has come for a shared group. */
  readonly hadForGroup: (source: Source) => void;
  /** Whether a broker that is dead had had that message for a shared group: it was with one of its sessions, and so with whoever has that. */
  readonly wasHadForGroup: (broker: string, source: Source) => boolean;
  /** A message that is on its way goes to members here, in place of those of a broker that is dead. */
  readonly dealt: (source: Source, dead: string) => void;
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
    const hadForGroups: Source[] = [];
    entries({
      message: (message, to, { estate, source, isAgain = false }, place) => {
        counters.messagesReceived++;
        peer.places.number = place;
        if (source === undefined || kept === undefined)
          add(deliver(message, to, estate === undefined ? peer.origin : { ...peer.origin, estate }));
        else {
          const isOvertaken = isAgain && this.hasLater(source);
          const isKnown = estate === undefined && !this.isNew(source);
          const whom = isKnown && to.groups.length > 0 ? { ...to, groups: [] } : to;
          if (whom.groups.length > 0) hadForGroups.push(source);
          add(deliver(message, whom, { broker: peer.id, estate, source, isAgain, isRepeated: isKnown || isOvertaken }));
        }
      },
      mark: (token) => kept?.passed(peer.id, token),
      session: (clientId, records) => add(kept?.came(clientId, peer.id, records)),
    });
    if (kept !== undefined && kept.changes() !== before) kept.mark(peer.id, sequence);
    for (const source of hadForGroups) kept!.hadForGroup(source); // says nothing of whether a session that outlives the broker has it
    return waits;
  }

  /**
   * Whether one has come here that the same broker took after that one: so that one came too, unless nobody here had subscribed yet when it was
   * taken.
   */
  hasLater({ origin, number }: Source): boolean {
    return this.#options.kept!.numbers.get(origin)?.hasAbove(number) ?? false;
  }

  /** Whether a QoS 2 message has not come to this broker yet. */
  isNew(source: Source): boolean {
    const { numbers } = this.#options.kept!;
    let known = numbers.get(source.origin);
    if (known === undefined) {
      known = new TakenNumbers();
      numbers.set(source.origin, known);
    }
    return known.take(source.number, source.floor);
  }
}
