import { DISK, type Disk } from "../../src/journal/disk.js";

/** A disk that does what it is told to, and says what it did. */
export class FailingDisk implements Disk {
  /** The code that writing fails with, for example ENOSPC. */
  failsWith: string | undefined;
  /** There is no room for more. */
  maxFiles = Number.POSITIVE_INFINITY;
  files = 0;
  writes = 0;
  syncs = 0;

  open(path: string, how: "existing" | "create"): Promise<number> {
    if (how === "create" && this.files >= this.maxFiles) return Promise.reject(errorOf("ENOSPC"));
    if (how === "create") this.files++;
    return DISK.open(path, how);
  }

  remove(path: string): Promise<void> {
    this.files--;
    return DISK.remove(path);
  }

  async write(file: number, bytes: Uint8Array, length: number, position: number): Promise<void> {
    this.writes++;
    if (this.failsWith === undefined) return DISK.write(file, bytes, length, position);
    // As a full disk does: a part of it.
    await DISK.write(file, bytes, Math.floor(length / 2), position);
    throw errorOf(this.failsWith);
  }

  sync(file: number): Promise<void> {
    this.syncs++;
    return DISK.sync(file);
  }

  close = DISK.close;
  rename = DISK.rename;
  syncFolder = DISK.syncFolder;
}

function errorOf(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}
