import * as fs from "node:fs";
import { promisify } from "node:util";

/** What the journal does to files while it runs; all of it off the main thread. Rejects as `node:fs` does. */
export interface Disk {
  /** Opens a file for reading and writing; "create" makes it anew. */
  open(path: string, how: "existing" | "create"): Promise<number>;
  close(file: number): Promise<void>;
  /** Writes `bytes[0, length)` at a position, all of it. */
  write(file: number, bytes: Uint8Array, length: number, position: number): Promise<void>;
  /** Resolves when what was written is on the disk (fdatasync). */
  sync(file: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
}

const open = promisify(fs.open);
const close = promisify(fs.close);

/** The file system. */
export const DISK: Disk = {
  open: (path, how) => open(path, how === "create" ? "w+" : "r+", 0o600),
  close,
  async write(file, bytes, length, position) {
    // One call, unless the disk is nearly full or a signal interrupts it.
    for (let done = 0; done < length; ) done += await writeSome(file, bytes, done, length - done, position + done);
  },
  sync: promisify(fs.fdatasync),
  rename: promisify(fs.rename),
  remove: promisify(fs.unlink),
  async syncFolder(path) {
    const folder = await open(path, "r");
    try {
      await promisify(fs.fsync)(folder);
    } finally {
      await close(folder);
    }
  },
};

function writeSome(file: number, bytes: Uint8Array, start: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(file, bytes, start, length, position, (error, written) => {
      if (error) reject(error);
      else resolve(written);
    });
  });
}
