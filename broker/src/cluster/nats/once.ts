import type { Message } from "../../message.js";
import type { GroupShare, Outgoing } from "../../persistence/records.js";
import type { ClusterStore } from "./cluster-store.js";
import { PeerError } from "./peer-error.js";
import type { PeerMessages } from "./peer-messages.js";

const RETRY_MS = 250;

export interface OnceOptions {
  readonly self: string;
  readonly store: ClusterStore;
  readonly messages: () => PeerMessages;
  readonly commit: () => Promise<void> | undefined;
}

/**
 * QoS 2 messages of sessions that outlive their connections, on their way to peers. That such a message was taken, and that peers have to get
 * it, becomes durable in one; only then does it leave. So if this broker dies, whoever takes over knows of both, and sends it again under its
 * number; peers drop what they have had.
 */
export class Once {
  readonly #options: OnceOptions;
  #last: Promise<unknown> = Promise.resolve();
  #next = 1;
  #isOver = false;

  constructor(options: OnceOptions) {
    this.#options = options;
  }

  /** The promise settles as that of Backplane.publish. */
  publish(message: Message, groups: readonly GroupShare[]): Promise<void> {
    const [outgoing, stored] = this.#note(message, true, groups);
    const sent = this.#afterLast(outgoing, stored);
    return stored === undefined ? sent : stored.then(() => sent);
  }

  /** Of one group: it is safe with what is committed this turn, and leaves afterwards. */
  handOn(message: Message, group: GroupShare): void {
    const [outgoing, stored] = this.#note(message, false, [group]);
    void this.#afterLast(outgoing, stored);
  }

  /** What a dead broker had on its way, and is in the store here. */
  publishAgain(outgoing: Iterable<Outgoing>, estate: string): void {
    for (const each of outgoing) void this.#send(each, estate);
  }

  stop(): void {
    this.#isOver = true;
  }

  #note(message: Message, toSubscribers: boolean, groups: readonly GroupShare[]): [Outgoing, Promise<void> | undefined] {
    const { self, store, commit } = this.#options;
    const outgoing: Outgoing = { origin: self, number: this.#next++, message, toSubscribers, groups };
    store.note(outgoing);
    return [outgoing, commit()];
  }

  /** In the order of the numbers, as peers drop all up to the last that they have had. */
  #afterLast(outgoing: Outgoing, stored: Promise<void> | undefined): Promise<void> {
    const before = this.#last;
    const sent = (async () => {
      await this.#durable(stored);
      await before;
      if (this.#isOver) throw new PeerError("the broker was taken for dead meanwhile");
      return { accepted: this.#send(outgoing) };
    })();
    this.#last = sent.catch(() => {});
    const accepted = sent.then((result) => result.accepted);
    accepted.catch(() => {}); // if what it waits for has failed, nobody asks for it any more
    return accepted;
  }

  async #durable(stored: Promise<void> | undefined): Promise<void> {
    for (let group = stored; group !== undefined && !this.#isOver; group = this.#options.commit()) {
      try {
        await group;
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS)); // it was reported where it happened
      }
    }
  }

  #send(outgoing: Outgoing, estate?: string): Promise<void> | undefined {
    const { store, messages } = this.#options;
    return messages().publishOnce(outgoing, estate, () => store.unnote(outgoing));
  }
}
