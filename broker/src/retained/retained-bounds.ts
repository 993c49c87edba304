import type { Overload } from "../limits/overload.js";
import type { Counters } from "../sys/counters.js";
import type { RetainedStore } from "./retained-store.js";

/** What all retained messages together, and each of them, may take. Read anew each time, because it may change. */
export interface RetainedLimits {
  readonly maxRetainedMessages: number;
  /** As `RetainedStore.bytes` counts them. */
  readonly maxRetainedBytes: number;
  readonly maxRetainedPayloadBytes: number;
}

export interface RetainedBoundsOptions {
  readonly store: RetainedStore;
  readonly limits: RetainedLimits;
  readonly overload: Overload;
  readonly counters: Counters;
}

/** Decides which messages of clients may be retained. */
export class RetainedBounds {
  readonly #options: RetainedBoundsOptions;
  /** Topics of the broker itself, some fifty: they always may have a message, and take no client's place. */
  readonly #own = new Set<string>();

  constructor(options: RetainedBoundsOptions) {
    this.#options = options;
  }

  /** A message of the broker's own is retained. */
  noteOwn(topic: string): void {
    this.#own.add(topic);
  }

  /**
   * Whether a message may be retained; counts it if not. A topic that has one already may always have another in its place, unless that
   * takes more room and there is none; an empty payload only takes one away.
   */
  admits(topic: string, payloadBytes: number): boolean {
    if (payloadBytes === 0 || this.#hasRoom(topic, payloadBytes)) return true;
    this.#options.counters.retainedRefused++;
    return false;
  }

  #hasRoom(topic: string, payloadBytes: number): boolean {
    const { store, limits, overload } = this.#options;
    if (payloadBytes > limits.maxRetainedPayloadBytes) return false;
    const isOutOfRoom =
      store.size - this.#own.size >= limits.maxRetainedMessages || store.bytes + topic.length + payloadBytes > limits.maxRetainedBytes;
    if (!isOutOfRoom && !overload.memory) return true;

    const previousBytes = store.bytesOf(topic);
    if (previousBytes === undefined) return false;
    const growth = topic.length + payloadBytes - previousBytes;
    return growth <= 0 || (!overload.memory && store.bytes + growth <= limits.maxRetainedBytes);
  }
}
