import type { AclRule } from "../auth/acl-rule.js";
import type { Qos } from "../codec/packet.js";

/** Topics remembered for one client, and the longest of them: 16 KiB of text at most. */
const MAX_TOPICS = 64;
const MAX_TOPIC_LENGTH = 256;
const BITS_EACH = 2;
const KNOWN = 1;
const ALLOWED = 2;

/**
 * What a client has been told already about where it may publish, so that nobody is asked for each message.
 *
 * An answer holds for one topic, QoS and RETAIN: two bits each, in one number for a topic. All are forgotten when the authorisers have been
 * replaced, the client has other rules, or the time has passed that the authoriser gives its answers.
 */
export class PublishRights {
  #generation = -1;
  #rules: readonly AclRule[] | undefined = undefined;
  #untilMs = Number.POSITIVE_INFINITY;
  #topic = "";
  #answers = 0;
  /** Null while there is only the one above. */
  #topics: Map<string, number> | null = null;

  /** Topics remembered. */
  get size(): number {
    return this.#topics?.size ?? (this.#answers === 0 ? 0 : 1);
  }

  /** Whether all that is known still holds at that time; else it is forgotten. */
  holds(generation: number, rules: readonly AclRule[] | undefined, clock: { now(): number }): boolean {
    if (
      generation === this.#generation &&
      rules === this.#rules &&
      (this.#untilMs === Number.POSITIVE_INFINITY || clock.now() < this.#untilMs)
    ) {
      return true;
    }
    this.#generation = generation;
    this.#rules = rules;
    this.#untilMs = Number.POSITIVE_INFINITY;
    this.#topic = "";
    this.#answers = 0;
    this.#topics = null;
    return false;
  }

  /** The answer, undefined if it is not known. Runs for every message. */
  recall(topic: string, qos: Qos, retain: boolean): boolean | undefined {
    if (topic !== this.#topic) {
      const answers = this.#topics?.get(topic);
      if (answers === undefined) return undefined;
      this.#topic = topic;
      this.#answers = answers;
    }
    const answer = this.#answers >> shiftOf(qos, retain);
    return (answer & KNOWN) === 0 ? undefined : (answer & ALLOWED) !== 0;
  }

  /** Keeps an answer; `untilMs` is when it, and with it all others, are not to be relied on any more. */
  remember(topic: string, qos: Qos, retain: boolean, allowed: boolean, untilMs: number): void {
    if (topic.length > MAX_TOPIC_LENGTH) return;
    this.#untilMs = Math.min(this.#untilMs, untilMs);
    if (topic !== this.#topic) {
      if (this.#answers !== 0) this.#topics ??= new Map([[this.#topic, this.#answers]]);
      this.#answers = this.#topics?.get(topic) ?? 0;
      this.#topic = topic;
    }
    this.#answers |= (allowed ? KNOWN | ALLOWED : KNOWN) << shiftOf(qos, retain);
    if (this.#topics === null) return;
    if (this.#topics.size >= MAX_TOPICS && !this.#topics.has(topic)) this.#topics.clear();
    this.#topics.set(topic, this.#answers);
  }
}

function shiftOf(qos: Qos, retain: boolean): number {
  return (qos * 2 + (retain ? 1 : 0)) * BITS_EACH;
}
