import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { BAN_KINDS, type Ban, type BanStore } from "./ban.js";
import type { Bans } from "./bans.js";

const BanFile = z.object({
  version: z.literal(1),
  bans: z.array(
    z.object({
      ...{ as: z.enum(BAN_KINDS), who: z.string(), reason: z.string(), by: z.string() },
      ...{ at: z.int(), until: z.int().nullable() },
    }),
  ),
});

/** Bans in a file of their own beside the store. They are few and change at an operator's pace, so that it is written as a whole. */
export class FileBanStore implements BanStore {
  readonly #path: string;
  readonly #bans: Bans;

  constructor(path: string, bans: Bans) {
    this.#path = path;
    this.#bans = bans;
  }

  async start(): Promise<void> {
    const text = readIfThere(this.#path);
    if (text === undefined) return;
    try {
      this.#bans.replace(BanFile.parse(JSON.parse(text)).bans);
    } catch (error) {
      throw new Error(`${this.#path} holds no list of bans: mend it, or delete it to lift all bans`, { cause: error });
    }
  }

  async change(change: (bans: readonly Ban[]) => readonly Ban[]): Promise<void> {
    const bans = change(this.#bans.all);
    const beside = `${this.#path}.new`;
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(beside, `${JSON.stringify({ version: 1, bans }, null, 1)}\n`, { mode: 0o600, flush: true });
      renameSync(beside, this.#path);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
    this.#bans.replace(bans);
  }
}

/** Bans that last as long as the process: for a broker that keeps nothing on disk. */
export class MemoryBanStore implements BanStore {
  readonly #bans: Bans;

  constructor(bans: Bans) {
    this.#bans = bans;
  }

  async change(change: (bans: readonly Ban[]) => readonly Ban[]): Promise<void> {
    this.#bans.replace(change(this.#bans.all));
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
