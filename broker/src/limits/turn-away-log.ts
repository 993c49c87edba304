import type { Log } from "../log.js";
import { type Counters, NotAdmittedCause, TurnedOutCause, total } from "../sys/counters.js";

/** Samples without anybody turned away after which it is over. */
const QUIET_SAMPLES = 10;

/** Says once when connections begin to be turned away, and once when that is over: by the thousand nobody would read it. */
export class TurnAwayLog {
  readonly #log: Log;
  readonly #counters: Counters;
  #before = 0;
  #since = 0;
  #quiet = QUIET_SAMPLES;

  constructor(log: Log, counters: Counters) {
    this.#log = log;
    this.#counters = counters;
  }

  /** Once a second. */
  tick(): void {
    const { turnedOut, notAdmitted } = this.#counters;
    const now = total(turnedOut) + total(notAdmitted);
    if (now === this.#before) {
      if (this.#quiet < QUIET_SAMPLES && ++this.#quiet === QUIET_SAMPLES) {
        this.#log.info({ connections: now - this.#since }, "nobody is turned away any more");
      }
      return;
    }
    if (this.#quiet === QUIET_SAMPLES) {
      this.#since = this.#before;
      const totals = { turnedOut: byCause(TurnedOutCause, turnedOut), notAdmitted: byCause(NotAdmittedCause, notAdmitted) };
      this.#log.warn({ connections: now - this.#before, ...totals }, "connections are turned away");
    }
    this.#before = now;
    this.#quiet = 0;
  }
}

/** Since the broker's start, without those that never were. */
function byCause(causes: Readonly<Record<string, number>>, counts: Float64Array): Record<string, number> {
  const named = Object.entries(causes).map(([name, index]) => [name, counts[index] ?? 0] as const);
  return Object.fromEntries(named.filter(([, count]) => count > 0));
}
