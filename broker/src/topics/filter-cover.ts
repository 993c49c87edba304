const HASH = 0x23;
const DOLLAR = 0x24;
const PLUS = 0x2b;
const SLASH = 0x2f;

/** The level above is empty, and no topic is [MQTT-4.7.3-1], so that these match the same. */
const BELOW_EMPTY = "/#";
const LONGER = "/+/#";

/**
 * Whether every topic that `other` matches is matched by `filter` too. A topic name is a filter that matches itself, so this also tells
 * whether a filter matches a topic. Both are taken as valid. Allocates nothing.
 */
export function covers(filter: string, other: string): boolean {
  if (other.charCodeAt(0) === DOLLAR && isWildcard(filter.charCodeAt(0))) return false; // [MQTT-4.7.2-1]
  if (other === "#") return filter === "#" || filter === "+/#";
  if (other === BELOW_EMPTY) return covers(filter, LONGER);
  let i = 0;
  let j = 0;
  for (;;) {
    const unit = filter.charCodeAt(i);
    if (unit === HASH) return true;
    if (other.charCodeAt(j) === HASH) return false;
    if (unit === PLUS) {
      i++;
      j = levelEnd(other, j);
    } else {
      for (; i < filter.length && filter.charCodeAt(i) !== SLASH; i++, j++) if (filter.charCodeAt(i) !== other.charCodeAt(j)) return false;
      if (j < other.length && other.charCodeAt(j) !== SLASH) return false;
    }
    if (j === other.length) return i === filter.length || isParentOf(filter, i);
    if (i === filter.length) return false;
    i++;
    j++;
  }
}

/** Whether there is a topic that both filters match. Both are taken as valid. Allocates nothing. */
export function overlaps(a: string, b: string): boolean {
  const first = a.charCodeAt(0);
  const second = b.charCodeAt(0);
  if (a === BELOW_EMPTY) return overlaps(LONGER, b);
  if (b === BELOW_EMPTY) return overlaps(a, LONGER);
  if ((first === DOLLAR && isWildcard(second)) || (second === DOLLAR && isWildcard(first))) return false; // [MQTT-4.7.2-1]
  let i = 0;
  let j = 0;
  for (;;) {
    const unit = a.charCodeAt(i);
    const other = b.charCodeAt(j);
    if (unit === HASH || other === HASH) return true;
    const iEnd = levelEnd(a, i);
    const jEnd = levelEnd(b, j);
    if (unit !== PLUS && other !== PLUS) {
      if (iEnd - i !== jEnd - j) return false;
      for (let k = 0; i + k < iEnd; k++) if (a.charCodeAt(i + k) !== b.charCodeAt(j + k)) return false;
    }
    if (iEnd === a.length) return jEnd === b.length || isParentOf(b, jEnd);
    if (jEnd === b.length) return isParentOf(a, iEnd);
    i = iEnd + 1;
    j = jEnd + 1;
  }
}

function isWildcard(unit: number): boolean {
  return unit === PLUS || unit === HASH;
}

function levelEnd(text: string, start: number): number {
  const slash = text.indexOf("/", start);
  return slash < 0 ? text.length : slash;
}

/** Whether all that follows is `/#`, which matches the level before it as well (4.7.1.2). */
function isParentOf(filter: string, at: number): boolean {
  return filter.length - at === 2 && filter.charCodeAt(at + 1) === HASH;
}
