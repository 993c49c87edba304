/** The name that shares nearly all letters, in whatever order and case; none where there is none. `common` letters at the start prove nothing. */
export function nearest(name: string, known: readonly string[], common = 0): string[] {
  const most = Math.min(3, (name.length - common) / 4);
  const slips = (candidate: string) => lettersApart(name.toLowerCase(), candidate.toLowerCase());
  return [...known]
    .filter((candidate) => slips(candidate) <= most)
    .sort((one, other) => slips(one) - slips(other))
    .slice(0, 1);
}

/** How many letters are in one of the two words only. */
function lettersApart(one: string, other: string): number {
  const left = [...one].reduce((letters, letter) => letters.replace(letter, ""), other);
  return 2 * left.length + one.length - other.length;
}
