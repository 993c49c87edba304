import type { Message } from "../../message.js";
import type { GroupShare, Outgoing } from "../../persistence/outgoing.js";
import { type Source, TakenNumbers } from "../../persistence/taken-numbers.js";
import type { ClusterStore } from "./cluster-store.js";
import { Numbering } from "./numbering.js";
import { PeerError } from "./peer-error.js";
import type { PeerMessages } from "./peer-messages.js";

export interface OnceOptions {
  readonly self: string;
  readonly store: ClusterStore;
  readonly messages: () => Pick<PeerMessages, "publishOnce">;
  /** Whether whoever publishes waits for the peers. */
  readonly isAwaited: boolean;
  readonly commit: () => Promise<void> | undefined;
  /** Resolves when something is durable, however often that fails. */
  readonly durable: (first: Promise<unknown>) => Promise<void>;
}

const LOOK_MS = 5;

/**
 * QoS 2 messages of sessions that outlive their connections, on their way to peers. That such a message was taken, and that peers have to get
 * it, becomes durable in one; only then does it leave. So if this broker dies, whoever takes over knows of both, and sends it again under its
 * number; peers drop what they have had.
 */
export class Once {
  readonly #options: OnceOptions;
  #last: Promise<unknown> = Promise.resolve();
  readonly #numbers: Numbering;
  /** Of dead brokers, by the broker that took it: what has been seen to for shared groups. */
  readonly #sentAgain = new Map<string, TakenNumbers>();
  /** How often sessions have changed over between brokers. */
  #changes = 0;
  #isOver = false;

  constructor(options: OnceOptions) {
    this.#options = options;
    this.#numbers = new Numbering(options.self);
  }

  /** As Backplane.nextSource. */
  next(): Source {
    return this.#numbers.next();
  }

  /** Ways to other brokers were marked: what leaves behind the mark, and was for sessions here before, is not to fall between the two. */
  changedOver(): void {
    this.#changes++;
  }

  /**
   * Rejects only if it is not durable here: what is comes everywhere, sooner or later, and is not to be published once more by a client that
   * was told otherwise.
   */
  publish(message: Message, groups: readonly GroupShare[], { number }: Source): Promise<void> {
    const [outgoing, stored] = this.#note(number, message, true, groups);
    const sent = this.#afterLast(outgoing, stored);
    return stored === undefined ? sent : stored.then(() => sent);
  }

  /** Of one group: it is safe with what is committed this turn, and leaves afterwards. */
  handOn(message: Message, group: GroupShare): void {
    const [outgoing, stored] = this.#note(this.next().number, message, false, [group]);
    void this.#afterLast(outgoing, stored);
  }

  /**
   * What a dead broker had on its way, and is in the store here. Sessions know what they have had; for shared groups it goes once, though several
   * that are dead had it on its way, and not if the broker that it was for is that one and `had` it.
   */
  publishAgain(outgoing: Iterable<Outgoing>, estate: string, had: ReadonlyMap<string, TakenNumbers>): void {
    for (const each of inOrderTaken(outgoing, estate)) {
      const { origin, number } = each;
      const isFor = ({ broker }: GroupShare) => broker !== estate || had.get(origin)?.has(number) !== true;
      void this.#send({ ...each, groups: this.#isNewForGroups(each) ? each.groups.filter(isFor) : [] }, estate);
    }
  }

  #isNewForGroups({ origin, number }: Outgoing): boolean {
    const known = this.#sentAgain.get(origin);
    if (known !== undefined) return known.take(number, 0);
    this.#sentAgain.set(origin, new TakenNumbers(0, [number]));
    return true;
  }

  /** Nothing of that broker is sent again any more. */
  forgetNumbers(origin: string): void {
    this.#sentAgain.delete(origin);
  }

  /** Resolves when all that was taken until now has left. */
  async allSent(): Promise<void> {
    await this.#last;
  }

  /**
   * Resolves when what is on its way now has come everywhere, also to whoever has the sessions of brokers that are dead, and that is durable:
   * whoever takes over from this broker sends none of it again.
   */
  async allOver(): Promise<void> {
    const { store, commit, durable } = this.#options;
    const open = store.outgoing;
    while (open.some((key) => store.isOutgoing(key)) && !this.#isOver) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    await durable(Promise.resolve(commit()));
  }

  stop(): void {
    this.#isOver = true;
  }

  #note(number: number, message: Message, toSubscribers: boolean, groups: readonly GroupShare[]): [Outgoing, Promise<void> | undefined] {
    const { self, store, commit } = this.#options;
    const outgoing: Outgoing = { origin: self, number, message, toSubscribers, groups };
    store.note(outgoing);
    return [outgoing, commit()];
  }

  /** In the order of the numbers, which is that in which clients have published. */
  #afterLast(outgoing: Outgoing, stored: Promise<void> | undefined): Promise<void> {
    const before = this.#last;
    const changes = this.#changes;
    const sent = (async () => {
      if (stored !== undefined) await this.#options.durable(stored);
      await before;
      if (this.#isOver) throw new PeerError("the broker was taken for dead meanwhile");
      return { taken: this.#send(outgoing, undefined, changes !== this.#changes) };
    })();
    this.#last = sent.catch(() => {});
    const accepted = sent.then(({ taken }) => (this.#options.isAwaited ? taken : undefined));
    accepted.catch(() => {}); // if what it waits for has failed, nobody asks for it any more
    return accepted;
  }

  #send(outgoing: Outgoing, estate?: string, isAgain = estate !== undefined): Promise<void> {
    const { store, messages } = this.#options;
    return messages()
      .publishOnce(outgoing, isAgain ? 0 : this.#numbers.lowest, estate, isAgain)
      .then(() => {
        if (this.#isOver) return; // what is in the store by now is the next life's, which may have taken over the same
        store.unnote(outgoing);
        if (estate === undefined) this.#numbers.over(outgoing.number);
      });
  }
}

/**
 * What a broker had on its way, in the order in which it was taken, which its journal need not have: first what it had itself taken over from
 * others, as their clients have published here since.
 */
export function inOrderTaken(outgoing: Iterable<Outgoing>, broker: string): readonly Outgoing[] {
  const byOrigin = new Map<string, Outgoing[]>();
  for (const each of outgoing) {
    const same = byOrigin.get(each.origin);
    if (same === undefined) byOrigin.set(each.origin, [each]);
    else same.push(each);
  }
  const own = byOrigin.get(broker) ?? [];
  byOrigin.delete(broker);
  return [...byOrigin.values(), own].flatMap((same) => same.sort((a, b) => a.number - b.number));
}
