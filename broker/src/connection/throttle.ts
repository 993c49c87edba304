import type { Clock } from "../clock.js";
import { type TimerEntry, TimerWheel } from "../timer-wheel.js";

/**
 * How exactly clients are held up that have sent too much: they wait up to this much longer than they need. Their mean rate holds all the
 * same, as what they may send meanwhile is saved up; with the broker's usual second they would stand still for most of each second.
 */
const STEP_MS = 100;

/** Who has to wait for less than a second: a wheel with finer steps, and no timer at all while it is empty. */
export class Throttle {
  readonly #clock: Clock;
  readonly #wheel: TimerWheel;
  #stopClock: (() => void) | undefined;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
    this.#wheel = new TimerWheel({ clock, tickMs: STEP_MS });
  }

  /** Entries armed. */
  get size(): number {
    return this.#wheel.size;
  }

  arm(entry: TimerEntry, delayMs: number): void {
    if (this.#stopClock === undefined) {
      this.#wheel.advance(); // past the time in which nobody waited
      this.#stopClock = this.#clock.every(STEP_MS, () => this.#advance());
    }
    this.#wheel.arm(entry, delayMs);
  }

  cancel(entry: TimerEntry): void {
    this.#wheel.cancel(entry);
  }

  stop(): void {
    this.#stopClock?.();
    this.#stopClock = undefined;
  }

  #advance(): void {
    this.#wheel.advance();
    if (this.#wheel.size === 0) this.stop();
  }
}
