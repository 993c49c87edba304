import type { Clock } from "./clock.js";
import type { Log } from "./log.js";

/** An episode is over when nothing has failed for so long. */
const QUIET_MS = 10_000;

/**
 * Failures that come by the thousand, a message each, in two lines an episode: the first one as it happens, and how many there were when
 * it is over.
 */
export class FailureLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #message: string;
  #failures = 0;
  #lastAtMs = 0;

  constructor(log: Log, clock: Clock, message: string) {
    this.#log = log;
    this.#clock = clock;
    this.#message = message;
  }

  report(error: unknown): void {
    this.#lastAtMs = this.#clock.now();
    if (this.#failures++ === 0) this.#log.error({ err: error }, this.#message);
  }

  /** To be called now and then. */
  tick(): void {
    if (this.#failures === 0 || this.#clock.now() - this.#lastAtMs < QUIET_MS) return;
    this.#log.info({ failures: this.#failures }, `no more of: ${this.#message}`);
    this.#failures = 0;
  }
}
