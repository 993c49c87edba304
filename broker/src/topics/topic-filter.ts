/** Longest topic filter, as UTF-8 [MQTT-4.7.3-3]. */
export const MAX_TOPIC_BYTES = 65_535;

/** A UTF-16 unit takes at most this many bytes of UTF-8 (a surrogate pair takes four, two a unit). */
const MAX_BYTES_PER_UNIT = 3;

const SHARE_PREFIX = "$share/";

const NUL = 0x00;
const HASH = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;

/** The two parts of `$share/{ShareName}/{filter}`. */
export interface SharedFilter {
  readonly shareName: string;
  readonly filter: string;
}

/** What is wrong with a topic filter, in words, or undefined if it may be subscribed to. Says nothing about the form of `$share/…`. */
export function topicFilterProblem(filter: string, maxLevels: number): string | undefined {
  if (filter.length === 0) return "topic filter is empty"; // [MQTT-4.7.3-1]

  let levels = 1;
  for (let i = 0; i < filter.length; i++) {
    const unit = filter.charCodeAt(i);
    if (unit === SLASH) levels++;
    else if (unit === HASH) {
      // [MQTT-4.7.1-1], in 3.1.1 [MQTT-4.7.1-2]
      if (!isWholeLevel(filter, i)) return "# does not stand alone in its level";
      if (i !== filter.length - 1) return "# is not the last level";
    } else if (unit === PLUS) {
      if (!isWholeLevel(filter, i)) return "+ does not stand alone in its level"; // [MQTT-4.7.1-2], in 3.1.1 [MQTT-4.7.1-3]
    } else if (unit === NUL) return "topic filter contains the null character"; // [MQTT-4.7.3-2]
  }

  if (levels > maxLevels) return `topic filter has ${levels} levels, at most ${maxLevels} are allowed`;
  if (isTooLong(filter)) return `topic filter is longer than ${MAX_TOPIC_BYTES} bytes`; // [MQTT-4.7.3-3]
  return undefined;
}

/** Whether a filter asks for a shared subscription, well formed or not. MQTT 3.1.1 has none: there this is a filter like others. */
export function isSharedFilter(filter: string): boolean {
  return filter.startsWith(SHARE_PREFIX);
}

/** What is wrong with `$share/{ShareName}/{filter}`, in words, or undefined. The levels are those of the filter inside. */
export function sharedFilterProblem(filter: string, maxLevels: number): string | undefined {
  if (!isSharedFilter(filter)) return "shared subscription does not start with $share/"; // [MQTT-4.8.2-1]

  const slash = filter.indexOf("/", SHARE_PREFIX.length);
  const shareName = filter.slice(SHARE_PREFIX.length, slash < 0 ? undefined : slash);
  if (shareName === "") return "share name is empty"; // [MQTT-4.8.2-1]
  if (/[+#]/.test(shareName)) return "share name contains + or #"; // [MQTT-4.8.2-2]
  if (shareName.includes("\0")) return "share name contains the null character"; // [MQTT-4.7.3-2]
  if (slash < 0) return "no / and topic filter follow the share name"; // [MQTT-4.8.2-2]
  if (isTooLong(filter)) return `topic filter is longer than ${MAX_TOPIC_BYTES} bytes`; // [MQTT-4.7.3-3]
  return topicFilterProblem(filter.slice(slash + 1), maxLevels);
}

/** The parts of a shared subscription's filter, or undefined if it is no shared filter or a malformed one. */
export function parseSharedFilter(filter: string): SharedFilter | undefined {
  if (sharedFilterProblem(filter, Number.POSITIVE_INFINITY) !== undefined) return undefined;

  const slash = filter.indexOf("/", SHARE_PREFIX.length);
  return { shareName: filter.slice(SHARE_PREFIX.length, slash), filter: filter.slice(slash + 1) };
}

function isWholeLevel(filter: string, at: number): boolean {
  const startsLevel = at === 0 || filter.charCodeAt(at - 1) === SLASH;
  const endsLevel = at === filter.length - 1 || filter.charCodeAt(at + 1) === SLASH;
  return startsLevel && endsLevel;
}

/** Whether the text needs more bytes than a filter may have; counts them only if that is possible at all. */
function isTooLong(text: string): boolean {
  return text.length * MAX_BYTES_PER_UNIT > MAX_TOPIC_BYTES && Buffer.byteLength(text) > MAX_TOPIC_BYTES;
}
