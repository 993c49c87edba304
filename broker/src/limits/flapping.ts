import type { LimitsConfig } from "../config/resolve-limits.js";

/** Clients that are watched, and clients that are banned, at most: about 10 MB. Beyond it, those that would be let go next go first. */
export const MOST_TRACKED = 65_536;

/** Finding the first entry of a map costs more the more were taken from its front, so that it is done for many at a time. */
const DROPPED_AT_ONCE = 1_024;

/** CONNECTs of one client since it was first seen. */
interface Seen {
  readonly sinceMs: number;
  connects: number;
}

/**
 * Bans clients for a time that connect too often. A CONNECT counts whatever comes of it, as EMQX has it, so that clients that take over
 * from each other and those that guess passwords are caught too.
 *
 * Entries of both maps are in the order in which they run out, as all of a map run for the same time.
 */
export class Flapping {
  #limits: LimitsConfig["flapping"];
  readonly #seen = new Map<string, Seen>();
  /** When each ban ends. */
  readonly #banned = new Map<string, number>();

  constructor(limits: LimitsConfig["flapping"]) {
    this.#limits = limits;
  }

  /** Bans keep their end; switched off, all are lifted. */
  configure(limits: LimitsConfig["flapping"]): void {
    this.#limits = limits;
    if (limits.enabled) return;
    this.#seen.clear();
    this.#banned.clear();
  }

  get isOff(): boolean {
    return !this.#limits.enabled;
  }

  /** Entries of both kinds. */
  get size(): number {
    return this.#seen.size + this.#banned.size;
  }

  isBanned(client: string, nowMs: number): boolean {
    const endsAtMs = this.#banned.get(client);
    if (endsAtMs === undefined) return false;
    if (nowMs < endsAtMs) return true;
    this.#banned.delete(client);
    return false;
  }

  /** Those banned, and when each ban ends, in milliseconds since 1970. */
  get banned(): ReadonlyMap<string, number> {
    return this.#banned;
  }

  /** Lifts a ban; false if there is none. */
  lift(client: string): boolean {
    return this.#banned.delete(client);
  }

  /** A client that is not banned connects; true if that is once too often, and it is banned now. */
  connects(client: string, nowMs: number): boolean {
    const { maxCount, windowSeconds, banSeconds } = this.#limits;
    const seen = this.#seen.get(client);
    if (seen === undefined || nowMs - seen.sinceMs >= windowSeconds * 1_000) {
      this.#seen.delete(client);
      put(this.#seen, client, { sinceMs: nowMs, connects: 1 });
      return false;
    }
    if (++seen.connects <= maxCount) return false;
    this.#seen.delete(client);
    put(this.#banned, client, nowMs + banSeconds * 1_000);
    return true;
  }

  /** Forgets what has run out. */
  sweep(nowMs: number): void {
    const windowMs = this.#limits.windowSeconds * 1_000;
    for (const [client, { sinceMs }] of this.#seen) {
      if (nowMs - sinceMs < windowMs) break;
      this.#seen.delete(client);
    }
    for (const [client, endsAtMs] of this.#banned) {
      if (nowMs < endsAtMs) break;
      this.#banned.delete(client);
    }
  }
}

function put<T>(map: Map<string, T>, client: string, value: T): void {
  if (map.size >= MOST_TRACKED) dropFirst(map, DROPPED_AT_ONCE);
  map.set(client, value);
}

function dropFirst(map: Map<string, unknown>, count: number): void {
  let left = count;
  for (const client of map.keys()) {
    map.delete(client);
    if (--left === 0) return;
  }
}
