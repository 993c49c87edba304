import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SYSTEM_CLOCK } from "../clock.js";
import { DirectoryLock } from "../journal/directory-lock.js";
import { DISK } from "../journal/disk.js";
import { explained, StoreError } from "../journal/store-error.js";
import type { Log } from "../log.js";
import { DurableStore } from "./durable-store.js";
import { LineImport } from "./import-lines.js";
import type { StoreCounts } from "./store-counts.js";

/** Where an import is made, inside the folder; its files move out of it only when all is right. */
const WORKSHOP = "importing";

/**
 * Makes a store of exported lines, in a folder that is empty or not there.
 *
 * The first file of a journal moves to its place last: without it, what is there is no store that a broker would start on.
 *
 * @throws StoreError with the line that is wrong; the folder is empty then
 */
export async function importStore(directory: string, lines: AsyncIterable<string>, log: Log): Promise<StoreCounts> {
  let lock: DirectoryLock | undefined;
  const workshop = join(directory, WORKSHOP);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    lock = await DirectoryLock.take(directory);
    const others = readdirSync(directory).filter((name) => !name.endsWith(".lock") && name !== WORKSHOP);
    if (others.length > 0)
      throw new StoreError(`the folder ${directory} is not empty: an import makes a store of its own, choose another folder`);
    rmSync(workshop, { recursive: true, force: true });

    const store = new DurableStore({ directory: workshop, log, clock: SYSTEM_CLOCK, compactBytes: Number.POSITIVE_INFINITY });
    await store.open();
    const counts = await filled(store, lines);
    const files = readdirSync(workshop).filter((name) => name.endsWith(".journal"));
    for (const name of files.sort().reverse()) renameSync(join(workshop, name), join(directory, name));
    await DISK.syncFolder(directory);
    return counts;
  } catch (error) {
    throw explained(error, directory);
  } finally {
    if (existsSync(workshop)) rmSync(workshop, { recursive: true, force: true });
    await lock?.release();
  }
}

async function filled(store: DurableStore, lines: AsyncIterable<string>): Promise<StoreCounts> {
  let counts: StoreCounts;
  try {
    await new LineImport(store).read(lines);
    counts = store.counts();
  } catch (error) {
    await store.close().catch(() => {});
    throw error;
  }
  await store.close();
  return counts;
}
