import type { TimerWheel } from "./timer-wheel.js";

/** Of those that are due at one tick, so many steps are made, about a millisecond each. */
const STEPS = 750;
const STEP_MS = 1;
/** Called together; more at once would hold up everyone else: some 30 µs each, and as much again where it closes a socket. */
const MOST_TOGETHER = 8;

/**
 * Has a wheel call what is due. Connections and sessions that time out together, such as those of a network that failed, leave others their turn: they are spread over the time
 * until the next tick but for the first few, and if there are too many for that, they are called some at a time, as fast as that goes.
 */
export class Timeouts {
  readonly #wheel: TimerWheel;
  #isUnderWay = false;
  #isStopped = false;

  constructor(wheel: TimerWheel) {
    this.#wheel = wheel;
  }

  /** To be called every tick. */
  advance(): void {
    if (this.#wheel.advance(MOST_TOGETHER) && !this.#isUnderWay) this.#goOn(this.#together);
  }

  stop(): void {
    this.#isStopped = true;
  }

  get #together(): number {
    return Math.min(MOST_TOGETHER, Math.max(1, Math.ceil(this.#wheel.due / STEPS)));
  }

  #goOn(together: number): void {
    this.#isUnderWay = true;
    const step = () => {
      this.#isUnderWay = false; // if one throws, the next tick goes on
      if (!this.#isStopped && this.#wheel.advance(together)) this.#goOn(Math.max(together, this.#together));
    };
    if (together < MOST_TOGETHER) setTimeout(step, STEP_MS);
    else setImmediate(step);
  }
}
