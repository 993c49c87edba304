import { both } from "../persistence/both.js";
import { CommitError } from "./commit-error.js";

/** A store whose changes become durable in groups; `MessageStore.commit` says how. */
export interface CommittingStore {
  commit(): Promise<void> | undefined;
}

/** Who has something to send that must not leave before the store has it. */
export interface CommitWaiter {
  /** Everything that was changed before the waiter joined is durable. */
  onDurable(): void;
}

export interface CommitsOptions {
  readonly stores: readonly CommittingStore[];
  /** A group could not be made durable. Called once for each such group, however many wait for it. */
  readonly onFailure: (error: unknown) => void;
}

interface Group {
  readonly number: number;
  readonly waiters: CommitWaiter[];
}

/** Of what need not be waited for: it is durable, or as durable as it gets. */
export const NOTHING_TO_AWAIT = 0;

/**
 * The group commits of all stores together, and who goes on when they have been made.
 *
 * Costs some closures and promises a group, and nothing a message. With stores that have nothing to wait for it does nothing at all. Groups are numbered;
 * as a commit stands for everything before it, one number says what is durable. Who waits for a group that fails waits for the next that
 * does not.
 */
export class Commits {
  readonly #stores: readonly CommittingStore[];
  readonly #onFailure: (error: unknown) => void;
  /** What each store answered last, and all of that as one. */
  readonly #parts: (Promise<void> | undefined)[];
  #whole: Promise<void> | undefined;
  #number = 0;
  #durable = 0;
  /** Being written, in order. */
  readonly #pending: Group[] = [];
  /** Those who waited for groups that failed, up to this number. */
  readonly #stalled = new Set<CommitWaiter>();
  #stalledNumber = 0;

  constructor({ stores, onFailure }: CommitsOptions) {
    this.#stores = stores;
    this.#onFailure = onFailure;
    this.#parts = stores.map(() => undefined);
  }

  /** Whether the group of this number, or a later one, has been made durable. */
  has(number: number): boolean {
    return number <= this.#durable;
  }

  /** How many wait for a commit that does not fail. */
  get stalledCount(): number {
    return this.#stalled.size;
  }

  /**
   * Has everything that was changed so far made durable. Undefined if it is; else a promise of that, one for a group. It rejects with a
   * CommitError, and whoever does not want to know need not look at it: failures have been taken note of.
   */
  commit(): Promise<void> | undefined {
    let isSame = true;
    for (let i = 0; i < this.#stores.length; i++) {
      const part = this.#stores[i]!.commit();
      if (part === this.#parts[i]) continue;
      this.#parts[i] = part;
      isSame = false;
    }
    if (isSame) return this.#whole;
    this.#whole = this.#parts.reduce(both, undefined)?.catch(fail);
    if (this.#whole !== undefined) this.#watch(this.#whole);
    return this.#whole;
  }

  /** The number of the group that what was changed so far belongs to, NOTHING_TO_AWAIT if it is durable. */
  current(): number {
    return this.commit() === undefined ? NOTHING_TO_AWAIT : this.#number;
  }

  /** Calls `onDurable` when the group that `current` has just given is durable; once for each call. */
  wait(waiter: CommitWaiter): void {
    const last = this.#pending[this.#pending.length - 1];
    if (last?.number === this.#number) last.waiters.push(waiter);
    else this.stall(waiter);
  }

  /** Calls `onDurable` after the next commit that does not fail. Does nothing if the waiter is there already. */
  stall(waiter: CommitWaiter): void {
    this.#stalledNumber = this.#number;
    this.#stalled.add(waiter);
  }

  #watch(whole: Promise<void>): void {
    const group: Group = { number: ++this.#number, waiters: [] };
    this.#pending.push(group);
    whole.then(
      () => this.#made(group),
      (error: unknown) => this.#failed(group, error),
    );
  }

  #made({ number }: Group): void {
    if (number <= this.#durable) return; // a later one was faster
    this.#durable = number;
    const goOn: CommitWaiter[] = [];
    if (this.#stalled.size > 0 && this.#stalledNumber <= number) {
      goOn.push(...this.#stalled);
      this.#stalled.clear();
    }
    while (this.#pending.length > 0 && this.#pending[0]!.number <= number) goOn.push(...this.#pending.shift()!.waiters);
    for (const waiter of goOn) waiter.onDurable();
  }

  #failed(group: Group, error: unknown): void {
    this.#onFailure(error);
    if (group.number <= this.#durable) return;
    const at = this.#pending.indexOf(group);
    if (at >= 0) this.#pending.splice(at, 1);
    for (const waiter of group.waiters) this.#stalled.add(waiter);
    this.#stalledNumber = Math.max(this.#stalledNumber, group.number);
  }
}

function fail(cause: unknown): never {
  throw new CommitError(cause);
}
