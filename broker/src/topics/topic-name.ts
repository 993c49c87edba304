/** Longest topic name or filter, as UTF-8 [MQTT-4.7.3-3]. */
export const MAX_TOPIC_BYTES = 65_535;

/** A UTF-16 unit takes at most this many bytes of UTF-8 (a surrogate pair takes four, two a unit). */
const MAX_BYTES_PER_UNIT = 3;

const NUL = 0x00;
const HASH = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;

/**
 * What is wrong with a topic name, in words, or undefined if it may be published to.
 *
 * Runs for every PUBLISH, hence one pass over the text. The caller has seen that the text was valid UTF-8, and allows the empty name that
 * MQTT 5 sends with a topic alias.
 */
export function topicNameProblem(topic: string, maxLevels: number): string | undefined {
  if (topic.length === 0) return "topic name is empty"; // [MQTT-4.7.3-1]

  let levels = 1;
  for (let i = 0; i < topic.length; i++) {
    const unit = topic.charCodeAt(i);
    if (unit === SLASH) levels++;
    else if (unit === PLUS || unit === HASH)
      return "topic name contains a wildcard, + or #"; // [MQTT-3.3.2-2]
    else if (unit === NUL) return "topic name contains the null character"; // [MQTT-4.7.3-2]
  }

  if (levels > maxLevels) return `topic name has ${levels} levels, at most ${maxLevels} are allowed`;
  if (isTooLong(topic)) return `topic name is longer than ${MAX_TOPIC_BYTES} bytes`; // [MQTT-4.7.3-3]
  return undefined;
}

/** Whether the text needs more bytes than a topic may have; counts them only if that is possible at all. */
export function isTooLong(text: string): boolean {
  return text.length * MAX_BYTES_PER_UNIT > MAX_TOPIC_BYTES && Buffer.byteLength(text) > MAX_TOPIC_BYTES;
}
