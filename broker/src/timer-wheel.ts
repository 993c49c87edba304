import type { Clock } from "./clock.js";

/** Lists of the wheel, a power of two: an entry is looked at once each so many ticks until it is due. */
const SLOTS = 4_096;

/** Where entries wait that are due and have not been called yet, behind the slots. */
const DUE_SLOT = SLOTS;

/** Ticks are kept as 32-bit integers: a field that has held anything larger costs 16 bytes more, in every entry, on Node. */
const LAST_TICK = 0x7fffffff;

const NOT_ARMED = -1;
const DUE = -2;

export interface TimerWheelOptions {
  readonly clock: Clock;
  /**
   * How often `advance` is meant to be called, and the longest a timeout comes late. The wheel ends after 2 ** 31 ticks: 68 years of the
   * default, which a longer delay is cut to.
   *
   * @default 1000
   */
  readonly tickMs?: number;
  /**
   * The most time that one `advance` lets pass; the rest of a longer step is forgotten, and all timeouts come that much later. A broker
   * that stood still heard nobody, and a wall clock that was set says nothing about clients: neither may end a million keep-alives.
   *
   * @default - no limit
   */
  readonly longestStepMs?: number;
}

/**
 * One thing that can time out. Extend it, or hold an object that does: the wheel keeps its lists in these fields and allocates nothing.
 */
export abstract class TimerEntry {
  /** @internal The tick it is due at. Belongs, like the links, to the wheel. */
  tick = NOT_ARMED;
  /** @internal */
  previous: TimerEntry | undefined = undefined;
  /** @internal */
  next: TimerEntry | undefined = undefined;

  get isArmed(): boolean {
    return this.tick !== NOT_ARMED;
  }

  /** Called once, no longer armed. May arm itself again, and arm or cancel any other entry. */
  abstract onTimeout(): void;
}

/**
 * All timeouts of the broker, in one hashed wheel: keep alive, CONNECT limits, session expiry, delayed wills.
 *
 * Arming, arming again and cancelling are a few assignments, so a million entries cost no timer of the runtime. Traffic need not touch the
 * wheel at all: a keep-alive notes the packet in its connection and, when it times out, arms itself again for what is left.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #longestStepMs: number;
  readonly #heads: (TimerEntry | undefined)[] = new Array(SLOTS + 1).fill(undefined);
  #size = 0;
  #due = 0;

  #tick = 0;
  /** When the current tick began, by the clock. */
  #tickBeganMs: number;

  constructor({ clock, tickMs = 1_000, longestStepMs = Number.POSITIVE_INFINITY }: TimerWheelOptions) {
    this.#clock = clock;
    this.#tickMs = tickMs;
    this.#longestStepMs = Math.max(tickMs, longestStepMs);
    this.#tickBeganMs = clock.now();
  }

  /** Entries armed. */
  get size(): number {
    return this.#size;
  }

  /** Entries that are due and have not been called, as `advance` was to call no more. */
  get due(): number {
    return this.#due;
  }

  get tickMs(): number {
    return this.#tickMs;
  }

  /** Lets an entry time out after `delayMs`, never earlier, and up to a tick later. One that is armed already is moved. */
  arm(entry: TimerEntry, delayMs: number): void {
    if (entry.tick === NOT_ARMED) this.#size++;
    else this.#unlink(entry);
    const passedMs = Math.min(Math.max(this.#clock.now() - this.#tickBeganMs, 0), this.#longestStepMs);
    entry.tick = Math.min(this.#tick + Math.max(1, Math.ceil((passedMs + delayMs) / this.#tickMs)), LAST_TICK) | 0;
    this.#link(entry);
  }

  /** Does nothing to an entry that is not armed. */
  cancel(entry: TimerEntry): void {
    if (entry.tick === NOT_ARMED) return;
    this.#unlink(entry);
    entry.tick = NOT_ARMED;
    this.#size--;
  }

  /**
   * Calls what has become due since the last call, in the order of ticks unless more than a whole turn of the wheel has passed.
   *
   * An error thrown by an entry ends the call; the next one goes on with the entry behind it.
   *
   * @param most entries to call; thousands at once would hold up everyone else. @default - all
   * @returns whether there are more, for which it is to be called again soon
   */
  advance(most = Number.POSITIVE_INFINITY): boolean {
    let left = this.#callDue(most);
    const ticks = this.#ticksPassed();
    if (ticks > SLOTS) left = left > 0 ? this.#skip(ticks, left) : left;
    else for (let i = 0; i < ticks && left > 0; i++) left = this.#step(left);
    return left === 0;
  }

  #ticksPassed(): number {
    const now = this.#clock.now();
    if (now < this.#tickBeganMs) this.#tickBeganMs = now;
    if (now - this.#tickBeganMs > this.#longestStepMs) this.#tickBeganMs = now - this.#longestStepMs;
    return Math.floor((now - this.#tickBeganMs) / this.#tickMs);
  }

  #step(most: number): number {
    this.#tick++;
    this.#tickBeganMs += this.#tickMs;
    this.#takeDue(this.#tick % SLOTS);
    return this.#callDue(most);
  }

  #skip(ticks: number, most: number): number {
    this.#tick += ticks;
    this.#tickBeganMs += ticks * this.#tickMs;
    for (let slot = 0; slot < SLOTS; slot++) this.#takeDue(slot);
    return this.#callDue(most);
  }

  /** Moves what is due in a slot to the list of due entries, where arming and cancelling by other entries finds it. */
  #takeDue(slot: number): void {
    for (let entry = this.#heads[slot]; entry !== undefined; ) {
      const next = entry.next;
      if (entry.tick <= this.#tick) {
        this.#unlink(entry);
        entry.tick = DUE;
        this.#link(entry);
      }
      entry = next;
    }
  }

  /** How many more it may have called; 0 if that was the reason to stop. */
  #callDue(most: number): number {
    let left = most;
    for (let entry = this.#heads[DUE_SLOT]; entry !== undefined && left > 0; entry = this.#heads[DUE_SLOT]) {
      left--;
      this.cancel(entry);
      entry.onTimeout();
    }
    return left;
  }

  #link(entry: TimerEntry): void {
    const slot = slotOf(entry);
    if (slot === DUE_SLOT) this.#due++;
    const head = this.#heads[slot];
    entry.next = head;
    if (head !== undefined) head.previous = entry;
    this.#heads[slot] = entry;
  }

  #unlink(entry: TimerEntry): void {
    const { previous, next } = entry;
    const slot = slotOf(entry);
    if (slot === DUE_SLOT) this.#due--;
    if (previous === undefined) this.#heads[slot] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    entry.previous = undefined;
    entry.next = undefined;
  }
}

function slotOf({ tick }: TimerEntry): number {
  return tick === DUE ? DUE_SLOT : tick % SLOTS;
}
