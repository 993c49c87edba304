import type { Clock } from "../../clock.js";
import type { Message } from "../../message.js";
import { RetainedIndex } from "../../retained/retained-index.js";
import { type AbsentMessage, isHere } from "../../retained/retained-store.js";

/** Where the stream has a message. */
export interface StoredAt {
  readonly sequence: number;
  /** Of its record. */
  readonly bytes: number;
}

/** A message that is in the stream, and no longer here. */
export interface StoredEntry extends AbsentMessage {
  readonly sequence: number;
}

/**
 * What is retained, with as many whole messages as there is room for: those that were written or fetched last. Of the others only what finds
 * them is here. A message stays whole as long as it is not known where the stream has it.
 */
export class RetainedMemory extends RetainedIndex<Message | StoredEntry> {
  readonly #maxBytes: number;
  /** Whole messages that the stream has too, by topic, those that came last at the end. */
  readonly #held = new Map<string, StoredAt>();
  #heldBytes = 0;
  #absent = 0;

  constructor(options: { readonly clock: Clock; readonly memoryBytes: number }) {
    super(options);
    this.#maxBytes = options.memoryBytes;
  }

  /** Messages of which the stream has all, and this has not. */
  get absent(): number {
    return this.#absent;
  }

  /** Bytes of the records of those that both have. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Where the stream has what is here of a topic; 0 if that is nothing, or not known. */
  sequenceOf(topic: string): number {
    const entry = this.get(topic);
    if (entry === undefined) return 0;
    return isHere(entry) ? (this.#held.get(topic)?.sequence ?? 0) : entry.sequence;
  }

  setStored(message: Message, at: StoredAt): void {
    this.set(message);
    this.hold(message.topic, at);
  }

  /** The stream has what is here of a topic. */
  hold(topic: string, at: StoredAt): void {
    const entry = this.get(topic);
    if (entry === undefined || !isHere(entry) || this.#held.has(topic)) return;
    this.#held.set(topic, at);
    this.#heldBytes += at.bytes;
    this.#makeRoom();
  }

  protected override onGone(entry: Message | StoredEntry): void {
    if (!isHere(entry)) {
      this.#absent--;
      return;
    }
    const at = this.#held.get(entry.topic);
    if (at === undefined) return;
    this.#held.delete(entry.topic);
    this.#heldBytes -= at.bytes;
  }

  #makeRoom(): void {
    for (const [topic, { sequence }] of this.#held) {
      if (this.#heldBytes <= this.#maxBytes) return;
      const message = this.get(topic); // which lets go of it if it has expired
      if (message === undefined || !isHere(message)) continue;
      const { qos, expiresAtMs, publisher, payload } = message;
      this.set({ topic, payload: undefined, payloadBytes: payload.byteLength, qos, expiresAtMs, publisher, sequence });
      this.#absent++;
    }
  }
}
