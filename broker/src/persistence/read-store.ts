import { existsSync, statSync } from "node:fs";
import { DirectoryLock } from "../journal/directory-lock.js";
import { readJournal, type ScannedJournal } from "../journal/read-journal.js";
import { explained, StoreError } from "../journal/store-error.js";
import { StoreReplay } from "./store-replay.js";

/** Where nobody can write, no broker can be at work either. */
function noneIfReadOnly(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "EROFS") throw error;
}

/** A store that was read whole, and every byte of it checked. */
export interface ReadStore {
  readonly content: StoreReplay;
  readonly journal: ScannedJournal;
}

/**
 * Reads the store in a folder and changes nothing in it. No broker may use it meanwhile.
 *
 * @throws StoreError if there is none, it is in use, or anything in it is wrong
 */
export async function readStore(directory: string): Promise<ReadStore> {
  if (!existsSync(directory) || !statSync(directory).isDirectory())
    throw new StoreError(`there is no store in ${directory}: no such folder`);
  let lock: DirectoryLock | undefined;
  try {
    lock = await DirectoryLock.take(directory).catch(noneIfReadOnly);
    const content = new StoreReplay();
    const journal = readJournal(directory, content);
    content.dropLoose();
    if (journal.segments.length === 0) throw new StoreError(`there is no store in ${directory}: the folder has no files of one`);
    return { content, journal };
  } catch (error) {
    throw explained(error, directory);
  } finally {
    await lock?.release();
  }
}
