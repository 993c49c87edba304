import { TokenBucket } from "./token-bucket.js";

/**
 * So many times a limit is answered; what comes beyond it is closed without a word. A refusal costs a decoded CONNECT, a CONNACK and a
 * connection that waits for its client to close, so it must not be given to any number.
 */
export const ANSWERED_TIMES = 4;

/** How many connections a second may come, of one listener or of all. */
export class ConnectRate {
  readonly #accepted = new TokenBucket();
  readonly #connects = new TokenBucket();

  /** Infinity is no limit. `burstSeconds` is how many seconds' worth may come at once. */
  configure(perSecond: number, burstSeconds: number, nowMs: number): void {
    const burst = Math.max(1, perSecond * burstSeconds);
    this.#connects.configure(perSecond, burst, nowMs);
    this.#accepted.configure(perSecond * ANSWERED_TIMES, burst * ANSWERED_TIMES, nowMs);
  }

  get isOff(): boolean {
    return this.#connects.isOff;
  }

  /** Whether a connection may be opened at all. */
  mayOpen(nowMs: number): boolean {
    return this.#accepted.take(nowMs);
  }

  /** Whether a CONNECT may be taken. */
  mayConnect(nowMs: number): boolean {
    return this.#connects.take(nowMs);
  }
}
