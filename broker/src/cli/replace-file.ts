import { closeSync, fchmodSync, fchownSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Of a file that did not exist: for its owner alone. */
const PRIVATE = 0o600;
/** What others than owner and group may do is taken away. */
const NOT_FOR_OTHERS = 0o770;

/**
 * Writes a file of secrets so that readers see the old text or the new one, whatever happens in between. The file keeps its owner, group and what these
 * may do; through a symbolic link, the file it points to is replaced.
 *
 * @throws the system's error; EEXIST on `path.new` if another process is at it, or was killed
 */
export function replaceFile(path: string, text: string): void {
  const before = statSync(path, { throwIfNoEntry: false });
  const target = before ? realpathSync(path) : path;
  const beside = `${target}.new`;
  const file = openSync(beside, "wx", PRIVATE);
  try {
    try {
      if (before) {
        fchownSync(file, before.uid, before.gid);
        fchmodSync(file, before.mode & NOT_FOR_OTHERS);
      }
      writeAll(file, Buffer.from(text));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  syncFolder(dirname(target));
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Makes the new name last. */
function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
