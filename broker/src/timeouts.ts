import type { TimerWheel } from "./timer-wheel.js";

/** Of those that are due at one tick, so many steps are made, about a millisecond each. */
const STEPS = 750;
const STEP_MS = 1;
/** Called together; more at once would hold up everyone else: some 30 µs each, and as much again where it closes a socket. */
const MOST_TOGETHER = 8;

/**
 * Has a wheel call what is due. Connections and sessions that time out together, such as those of a network that failed, leave others their turn: they are spread over the time
 * until the next tick, and if there are too many for that, they are called some at a time, as fast as that goes.
 */
export class Timeouts {
  readonly #wheel: TimerWheel;
  #together = 1;
  #isUnderWay = false;
  #isStopped = false;

  constructor(wheel: TimerWheel) {
    this.#wheel = wheel;
  }

  /** To be called every tick. */
  advance(): void {
    if (this.#isUnderWay) return;
    this.#together = 1;
    this.#step();
  }

  stop(): void {
    this.#isStopped = true;
  }

  readonly #step = (): void => {
    this.#isUnderWay = false; // if one throws, the next tick goes on
    if (this.#isStopped || !this.#wheel.advance(this.#together)) return;
    this.#isUnderWay = true;
    this.#together = Math.min(MOST_TOGETHER, Math.max(this.#together, Math.ceil(this.#wheel.due / STEPS)));
    if (this.#together < MOST_TOGETHER) setTimeout(this.#step, STEP_MS);
    else setImmediate(this.#step);
  };
}
