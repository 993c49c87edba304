import type { SharedFilter } from "../../topics/topic-filter.js";
import { sharedOf } from "./route-records.js";

/** More than that are not remembered. */
const MOST = 10_000;

/**
 * Shared groups that have, or have had, sessions that outlive their connections: by their routes. A group is one of those everywhere, also on a broker that died before
 * its place for such a session was durable.
 */
export class LastingGroups {
  readonly #isHere: (group: SharedFilter) => boolean;
  readonly #known = new Set<string>();

  /** Whether this broker has such a session. */
  constructor(isHere: (group: SharedFilter) => boolean) {
    this.#isHere = isHere;
  }

  note(routes: Iterable<string>): void {
    for (const route of routes) if (this.#known.size < MOST) this.#known.add(route);
  }

  has(route: string): boolean {
    const group = sharedOf(route);
    return this.#known.has(route) || (group !== undefined && this.#isHere(group));
  }
}
