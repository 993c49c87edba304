import { ProtocolError } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import { decodeTopicName } from "../codec/topic-name.js";
import { Topic } from "./topic.js";

const WAYS = 2;
const SLASH = 0x2f;

export interface TopicTableOptions {
  /** Topics remembered, a power of two. @default 16384 */
  readonly capacity?: number;
  /** Levels that a topic name may have. */
  readonly maxTopicLevels: number;
  /** Any integer; a secret one keeps clients from preparing topics that push each other out. */
  readonly hashSeed: number;
}

/** Longer topics are decoded each time: so a table of 16,384 holds 4 MiB of them at most. */
const MAX_REMEMBERED_BYTES = 256;

/**
 * Topics by their bytes, so that a message to one that was published to before costs no string, no check and no match.
 *
 * Two places for each hash, the one used last first: bounded, and nothing to tidy up.
 */
export class TopicTable<R> {
  readonly #topics: (Topic<R> | undefined)[];
  readonly #mask: number;
  #maxTopicLevels: number;
  readonly #seed: number;
  #swept = 0;

  constructor({ capacity = 16_384, maxTopicLevels, hashSeed }: TopicTableOptions) {
    this.#topics = new Array(capacity).fill(undefined);
    this.#mask = capacity / WAYS - 1;
    this.#maxTopicLevels = maxTopicLevels;
    this.#seed = hashSeed | 0;
  }

  /** The topic in `bytes[start, end)`, which the two length bytes precede. Throws ProtocolError if it is not a topic name. */
  find(bytes: Uint8Array, start: number, end: number): Topic<R> {
    let hash = this.#seed;
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
      hash ^= hash >>> 15;
    }
    const topics = this.#topics;
    const at = (hash & this.#mask) * WAYS;
    const first = topics[at];
    if (first !== undefined && isWire(first.wire, bytes, start, end)) return first;
    const second = topics[at + 1];
    if (second !== undefined && isWire(second.wire, bytes, start, end)) {
      topics[at] = second;
      topics[at + 1] = first;
      return second;
    }

    const topic = this.#decode(bytes, start, end);
    if (end - start <= MAX_REMEMBERED_BYTES) {
      topic.isRemembered = true;
      if (second !== undefined) second.isRemembered = false;
      topics[at + 1] = first;
      topics[at] = topic;
    }
    return topic;
  }

  /** From now on topic names may have so many levels. True if that made it forget all topics, as some may have more. */
  setMaxLevels(levels: number): boolean {
    if (levels === this.#maxTopicLevels) return false;
    this.#maxTopicLevels = levels;
    this.clear();
    return true;
  }

  /** Forgets all topics, and what is known of their routes. */
  clear(): void {
    for (const topic of this.#topics) if (topic !== undefined) topic.isRemembered = false;
    this.#topics.fill(undefined);
  }

  /**
   * Looks at `limit` places, each call at those after the last, and lets go of routes that are not of this generation: they will not be
   * used again, and may be all that still holds a session that has ended. `forget` is told of each.
   */
  dropStaleRoutes(generation: number, limit: number, forget: (routes: R) => void): void {
    for (let i = 0; i < limit; i++) {
      const topic = this.#topics[this.#swept];
      this.#swept = (this.#swept + 1) & (this.#topics.length - 1);
      if (topic?.routes === undefined || topic.generation === generation) continue;
      forget(topic.routes);
      topic.routes = undefined;
    }
  }

  #decode(bytes: Uint8Array, start: number, end: number): Topic<R> {
    const name = decodeTopicName(bytes, start, end, "topic name");
    let levels = 1;
    for (let i = start; i < end; i++) if (bytes[i] === SLASH) levels++;
    if (levels > this.#maxTopicLevels) {
      throw new ProtocolError(ReasonCode.TopicNameInvalid, `topic name has ${levels} levels, at most ${this.#maxTopicLevels} are allowed`);
    }
    return new Topic<R>(name, Uint8Array.prototype.slice.call(bytes, start - 2, end));
  }
}

/** Whether the topic behind the length in `wire` is `bytes[start, end)`. */
function isWire(wire: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (wire.length - 2 !== end - start) return false;
  for (let i = 2; i < wire.length; i++) if (wire[i] !== bytes[start - 2 + i]) return false;
  return true;
}
