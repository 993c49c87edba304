import type { Qos } from "../codec/packet.js";
import type { Message } from "../message.js";

/** A retained message on its way to a new subscription. */
export interface RetainedDelivery {
  readonly message: Message;
  readonly qos: Qos;
  readonly identifiers: readonly number[] | undefined;
}

/** What is retained for one new subscription. */
export interface RetainedSource {
  readonly topicFilter: string;
  /** The highest at which it is delivered. */
  readonly qos: Qos;
  readonly identifiers: readonly number[] | undefined;
  /**
   * Looks for the next one only when it is asked, so that a million that wait take no room. Undefined: the next one has to be fetched, and
   * whoever fetches it calls the session's `sendQueued` then.
   */
  readonly messages: Iterator<Message | undefined>;
}

/**
 * Retained messages for the new subscriptions of one session: one subscription after the other, and of each only its place in the store. A
 * filter that is subscribed to again before its turn is over begins anew, so there are no more of them than subscriptions.
 */
export class RetainedReplay {
  readonly #sources = new Map<string, RetainedSource>();
  #next: (RetainedDelivery & { readonly source: RetainedSource }) | undefined;

  /** Subscriptions whose messages have not all been taken. */
  get size(): number {
    return this.#sources.size;
  }

  add(source: RetainedSource): void {
    if (this.#next?.source.topicFilter === source.topicFilter) this.#next = undefined;
    this.#sources.delete(source.topicFilter);
    this.#sources.set(source.topicFilter, source);
  }

  /** The next message, which stays the next until it is taken; undefined if there are no more, or `size` is not 0 and it has to be fetched. */
  peek(): RetainedDelivery | undefined {
    if (this.#next !== undefined) return this.#next;
    for (const source of this.#sources.values()) {
      const found = source.messages.next();
      if (found.done !== true) {
        if (found.value === undefined) return undefined;
        const qos = Math.min(source.qos, found.value.qos) as Qos;
        this.#next = { message: found.value, qos, identifiers: source.identifiers, source };
        return this.#next;
      }
      this.#sources.delete(source.topicFilter);
    }
    return undefined;
  }

  take(): void {
    this.#next = undefined;
  }

  /** Leaves out what is for subscriptions that the client may not have any more, by their filter. */
  discard(isOwed: (topicFilter: string) => boolean): void {
    for (const topicFilter of this.#sources.keys()) if (!isOwed(topicFilter)) this.#sources.delete(topicFilter);
    if (this.#next !== undefined && !isOwed(this.#next.source.topicFilter)) this.#next = undefined;
  }
}
