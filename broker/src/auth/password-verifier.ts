import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.js";
import { PassingMap } from "../passing-map.js";
import { HmacSha256 } from "./hmac-sha256.js";
import { parsePasswordHash } from "./password-hash.js";
import { hashWith } from "./password-hashing.js";
import { RecentlyRight } from "./recently-right.js";
import { WorkQueue } from "./work-queue.js";

/** No hash that is kept has it. */
const SEPARATOR = Buffer.from([0]);

export interface PasswordVerifierOptions {
  readonly clock: Clock;
  /** Hashes at a time. */
  readonly maxConcurrent: number;
  /** Checks that may wait for that; more are refused. */
  readonly maxWaiting: number;
  /** A check that has waited for longer is refused: its client has been given up by then. */
  readonly maxWaitMs: number;
  /** Right passwords remembered; 0 for none. */
  readonly cacheEntries: number;
}

export type PasswordCheck = "right" | "wrong" | "busy";

/**
 * Checks passwords against their hashes, so many at a time that neither the event loop nor the machine's other work suffers.
 *
 * A million devices that come back do not cost a million hashes: what was right is remembered as an HMAC under a key that only this object has, and
 * the same check under way at once is made once. The HMAC covers the kept hash too, so a changed password is checked anew.
 */
export class PasswordVerifier {
  readonly #marks = new HmacSha256(randomBytes(32));
  readonly #right: RecentlyRight;
  readonly #queue: WorkQueue;
  readonly #underWay = new PassingMap<string, Promise<PasswordCheck>>();

  constructor({ cacheEntries, ...limits }: PasswordVerifierOptions) {
    this.#right = new RecentlyRight(cacheEntries);
    this.#queue = new WorkQueue(limits);
  }

  /** `kept` is the part of a password file's line after the colon. */
  check(password: Uint8Array, kept: string): PasswordCheck | Promise<PasswordCheck> {
    const mark = this.#marks.of(Buffer.from(kept), SEPARATOR, password);
    if (this.#right.has(mark)) return "right";

    const already = this.#underWay.get(mark);
    if (already !== undefined) return already;

    const outcome = this.#queue.run(() => this.#compare(password, kept));
    if (outcome === undefined) return "busy";
    const check = outcome
      .then((isRight): PasswordCheck => {
        if (isRight === undefined) return "busy";
        if (isRight) this.#right.add(mark);
        return isRight ? "right" : "wrong";
      })
      .finally(() => this.#underWay.delete(mark));
    this.#underWay.set(mark, check);
    return check;
  }

  async #compare(password: Uint8Array, kept: string): Promise<boolean> {
    const expected = parsePasswordHash(kept)!;
    return timingSafeEqual(await hashWith(expected, password), expected.hash);
  }
}
