import type { Message } from "../message.js";
import { isHere, payloadBytes, type RetainedEntry, type RetainedStore } from "./retained-store.js";

/** What is fetched at once for one who waits for it: until either is reached. */
const BATCH_MESSAGES = 64;
const BATCH_BYTES = 65_536;

const LATER: IteratorYieldResult<undefined> = { done: false, value: undefined };

/**
 * The messages of entries, one by one and in order. Where one has to be fetched, it and some that follow are, and until they have come there
 * is undefined; then `onArrival` is called. What is at hand costs no promise.
 */
export class ArrivingMessages implements Iterator<Message | undefined> {
  readonly #entries: Iterator<RetainedEntry>;
  readonly #store: Pick<RetainedStore, "fetch">;
  readonly #onArrival: () => void;
  #arrived: readonly Message[] = [];
  #position = 0;
  #isWaiting = false;

  constructor(entries: Iterator<RetainedEntry>, store: Pick<RetainedStore, "fetch">, onArrival: () => void) {
    this.#entries = entries;
    this.#store = store;
    this.#onArrival = onArrival;
  }

  next(): IteratorResult<Message | undefined, undefined> {
    if (this.#isWaiting) return LATER;
    if (this.#position < this.#arrived.length) return { done: false, value: this.#arrived[this.#position++] };
    const next = this.#entries.next();
    if (next.done === true) return { done: true, value: undefined };
    if (isHere(next.value)) return next as IteratorYieldResult<Message>;
    this.#fetch(next.value);
    return LATER;
  }

  #fetch(first: RetainedEntry): void {
    const batch = [first];
    for (let bytes = payloadBytes(first); batch.length < BATCH_MESSAGES && bytes < BATCH_BYTES; ) {
      const next = this.#entries.next();
      if (next.done === true) break;
      batch.push(next.value);
      bytes += payloadBytes(next.value);
    }
    this.#isWaiting = true;
    void this.#store.fetch!(batch).then((messages) => {
      this.#arrived = messages;
      this.#position = 0;
      this.#isWaiting = false;
      this.#onArrival();
    });
  }
}
