import { TimerEntry } from "../timer-wheel.js";
import type { FlowControl } from "./flow-control.js";
import { Pause } from "./pause.js";
import { Phase } from "./phase.js";

/** What each client of a listener may send; Infinity for no limit. */
export interface Rates {
  /** PUBLISH packets a second. */
  readonly messages: number;
  /** Bytes a second, of all packets. */
  readonly bytes: number;
  /** Seconds' worth that may come at once, at least 1: what is saved up by waiting longer than needed is not lost then. */
  readonly burstSeconds: number;
}

/** The rates, or null where there is no limit at all, which costs nothing. */
export function ratesOf(messages: number, bytes: number, burstSeconds: number): Rates | null {
  return messages === Number.POSITIVE_INFINITY && bytes === Number.POSITIVE_INFINITY ? null : { messages, bytes, burstSeconds };
}

/**
 * What a client may send at the moment: two token buckets that may be overdrawn, because what has been read is handled. While either is,
 * nothing is read, and the client is held up by TCP; nothing is lost.
 */
export class RateLimit extends TimerEntry {
  readonly #connection: FlowControl;
  #messages = Number.POSITIVE_INFINITY;
  #bytes = Number.POSITIVE_INFINITY;
  #filledAtMs: number;

  constructor(connection: FlowControl, nowMs: number) {
    super();
    this.#connection = connection;
    this.#filledAtMs = nowMs;
  }

  /** Takes what has come out of the buckets; returns in how many milliseconds both will have been filled up again to 0. */
  take(messages: number, bytes: number, rates: Rates, nowMs: number): number {
    const passedMs = Math.max(0, nowMs - this.#filledAtMs); // a clock may be set
    this.#filledAtMs = nowMs;
    this.#messages = filled(this.#messages, rates.messages, rates.burstSeconds, passedMs) - messages;
    this.#bytes = filled(this.#bytes, rates.bytes, rates.burstSeconds, passedMs) - bytes;
    return Math.max(debtMs(this.#messages, rates.messages), debtMs(this.#bytes, rates.bytes));
  }

  override onTimeout(): void {
    this.#connection.resume(Pause.Rate);
  }
}

/** Counts what a client has sent against its listener's rates, and reads no more from it until it is within them. */
export function charge(connection: FlowControl, messages: number, bytes: number): void {
  const { context, listener } = connection;
  const { rates } = listener;
  if (rates === null || connection.phase >= Phase.Closing) return;
  const now = context.uptimeMs();
  connection.rate ??= new RateLimit(connection, now);
  const waitMs = connection.rate.take(messages, bytes, rates, now);
  if (waitMs === 0) return;
  if (connection.pause(Pause.Rate)) context.counters.ratePauses++;
  context.throttle.arm(connection.rate, waitMs);
}

/** A full bucket is as good as one that was never used. */
function filled(tokens: number, perSecond: number, burstSeconds: number, passedMs: number): number {
  if (perSecond === Number.POSITIVE_INFINITY) return perSecond;
  const capacity = perSecond * burstSeconds;
  return tokens >= capacity ? capacity : Math.min(capacity, tokens + (passedMs * perSecond) / 1_000);
}

function debtMs(tokens: number, perSecond: number): number {
  return tokens >= 0 ? 0 : (-tokens * 1_000) / perSecond;
}
