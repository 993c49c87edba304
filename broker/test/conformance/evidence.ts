import type { Standard } from "./clauses.js";

/** A test that says by its title which clauses it shows. */
export interface TitledTest {
  /** Path below broker/test. */
  readonly file: string;
  /** The title with those of the blocks around it, joined by " > ", as Vitest lists them. */
  readonly title: string;
}

/** What names a clause: both standards use the same numbers for different statements. */
export type ClauseKey = `${Standard} ${string}`;

/** One or more clauses in brackets; those of 3.1.1 follow the word "3.1.1", all others are of 5.0. */
const CITATION = /(?:(3\.1\.1) )?(\[MQTT-[\d.-]+\](?: \[MQTT-[\d.-]+\])*)/g;

export function clausesIn(title: string): ClauseKey[] {
  return [...title.matchAll(CITATION)].flatMap(([, standard, ids]) =>
    [...ids!.matchAll(/\[(MQTT-[\d.-]+)\]/g)].map(([, id]): ClauseKey => `${standard === "3.1.1" ? "3.1.1" : "5.0"} ${id!}`),
  );
}

/** The tests that name each clause, in the order they are listed. */
export function testsByClause(tests: readonly TitledTest[]): ReadonlyMap<ClauseKey, readonly TitledTest[]> {
  const found = new Map<ClauseKey, TitledTest[]>();
  for (const test of tests) {
    for (const key of new Set(clausesIn(test.title))) {
      const shown = found.get(key);
      if (shown === undefined) found.set(key, [test]);
      else shown.push(test);
    }
  }
  return found;
}
