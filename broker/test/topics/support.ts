/** A generator of numbers in [0, 1) that repeats for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function oneOf<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** Whether a filter matches a topic, both split into levels, told from the wording of clause 4.7 alone: the oracle, slow and plain. */
export function matchesByDefinition(filter: readonly string[], topic: readonly string[]): boolean {
  const startsWithWildcard = filter[0] === "+" || filter[0] === "#";
  if (topic[0]!.startsWith("$") && startsWithWildcard) return false; // [MQTT-4.7.2-1]

  for (let i = 0; ; i++) {
    if (filter[i] === "#") return true; // "the parent and any number of child levels"
    if (i === filter.length || i === topic.length) return filter.length === topic.length;
    if (filter[i] !== "+" && filter[i] !== topic[i]) return false;
  }
}
