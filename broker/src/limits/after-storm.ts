import type { Counters } from "../sys/counters.js";
import type { Vitals } from "./vitals.js";

/** Connections after which there is enough to give back. */
const STORM = 1_000;
/** In a second, of a broker at rest: clients that come (a slow storm is one too: what it runs would be compiled again and again), and messages from and to clients. */
const MOST_CONNECTIONS = 2;
const MOST_MESSAGES = 10;
/** Seconds of rest before it is done: what goes on soon again needs its code. */
const REST_SECONDS = 5;
/** Between two collections at rest: heartbeats and keep-alives leave some 200 KiB of garbage a second in a broker of fifty with 20,000 clients. */
const COLLECT_SECONDS = 30;
/** Giving back takes up to 10 µs for each, and collecting 1 to 2, in which nobody else is served: more of them are left to the runtime. */
const MOST_CLIENTS = 30_000;

export interface AfterStormParts {
  readonly counters: Counters;
  readonly vitals: Pick<Vitals, "giveBack" | "collectAtRest">;
}

/**
 * Has memory given back that only the start, or a storm of connections, has needed. A runtime does so by itself when the heap grows, which it does not while
 * nobody comes: 20,000 clients left 30 MiB of garbage and code. While the rest goes on, its garbage is collected now and then: the heap may double before Bun
 * does so by itself. Driven from outside, once a second.
 */
export class AfterStorm {
  readonly #parts: AfterStormParts;
  #connections = 0;
  #messages = 0;
  /** Connections when memory was given back: the start is a storm too. */
  #givenBackAt = Number.NEGATIVE_INFINITY;
  #secondsAtRest = 0;

  constructor(parts: AfterStormParts) {
    this.#parts = parts;
  }

  sample(): void {
    const { counters, vitals } = this.#parts;
    const { connectionsAccepted: connections, clientsConnected } = counters;
    const messages = sum(counters.publishReceived) + sum(counters.publishSent);
    const isAtRest = connections - this.#connections <= MOST_CONNECTIONS && messages - this.#messages <= MOST_MESSAGES;
    this.#connections = connections;
    this.#messages = messages;
    this.#secondsAtRest = isAtRest ? this.#secondsAtRest + 1 : 0;
    if (this.#secondsAtRest < REST_SECONDS || clientsConnected > MOST_CLIENTS) return;
    if (connections - this.#givenBackAt >= STORM) {
      this.#givenBackAt = connections;
      vitals.giveBack();
    } else if (this.#secondsAtRest % COLLECT_SECONDS === 0) vitals.collectAtRest();
  }
}

function sum(numbers: Float64Array): number {
  let total = 0;
  for (let index = 0; index < numbers.length; index++) total += numbers[index]!;
  return total;
}
