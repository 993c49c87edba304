import { Deferred } from "../../journal/deferred.js";
import type { Message } from "../../message.js";
import type { SharedFilter } from "../../topics/topic-filter.js";

/** What a message takes besides its payload, about. */
const OVERHEAD_BYTES = 512;

/** Messages that were published while it was not known which peers want them. */
export class HeldMessages {
  readonly #maxBytes: number;
  readonly #messages: { readonly message: Message; readonly kept: readonly SharedFilter[] }[] = [];
  #bytes = 0;
  #released = new Deferred();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** One promise for all that are held: they have been accepted. Undefined if there is no room. */
  add(message: Message, kept: readonly SharedFilter[]): Promise<void> | undefined {
    const bytes = message.payload.length + message.topic.length + OVERHEAD_BYTES;
    if (this.#bytes + bytes > this.#maxBytes) return undefined;
    this.#bytes += bytes;
    this.#messages.push({ message, kept });
    return this.#released.promise;
  }

  /** Publishes them in the order they came. */
  release(publish: (message: Message, kept: readonly SharedFilter[]) => Promise<void> | undefined): void {
    const released = this.#take();
    const waits = released.messages.map(({ message, kept }) => publish(message, kept));
    Promise.all(waits).then(() => released.resolve(), released.reject);
  }

  fail(error: Error): void {
    this.#take().reject(error);
  }

  #take() {
    const { resolve, reject } = this.#released;
    const messages = this.#messages.splice(0);
    this.#bytes = 0;
    this.#released = new Deferred();
    return { messages, resolve, reject };
  }
}
