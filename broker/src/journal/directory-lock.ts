import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync, readdirSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { StoreError } from "./store-error.js";

const NAME = /^broker-(\d+)-[0-9a-f]+\.lock$/;
/** Longest path of a Unix socket: 108 bytes on Linux, 104 on macOS, its end included. */
const MAX_PATH_BYTES = 100;

/**
 * Keeps a folder for one process: a Unix socket in it that listens. The kernel closes it with the process, however that ends, so a lock
 * that was left behind does not answer.
 *
 * Each process listens on a socket of its own first, and then asks all the others in the folder; who finds one that answers gives up. So of
 * two that start at once, at least one sees the other. A socket that does not answer belongs to nobody, and is removed.
 */
export class DirectoryLock {
  readonly #server: Server;
  readonly #path: string;
  /** Kept open for as long as the socket's path goes by it. */
  readonly #folder: number | undefined;

  private constructor(server: Server, path: string, folder: number | undefined) {
    this.#server = server;
    this.#path = path;
    this.#folder = folder;
  }

  /** @throws StoreError that names the process which has the folder */
  static async take(directory: string): Promise<DirectoryLock> {
    const name = `broker-${process.pid}-${randomBytes(4).toString("hex")}.lock`;
    const { base, folder } = shortPath(directory, name);
    const server = createServer((socket) => socket.destroy());
    const lock = new DirectoryLock(server, join(directory, name), folder);
    try {
      await listen(server, join(base, name));
      server.unref();
      for (const other of readdirSync(directory)) {
        const pid = NAME.exec(other)?.[1];
        if (pid === undefined || other === name) continue;
        if (await answers(join(base, other))) throw new StoreError(inUse(directory, pid));
        removeIfThere(join(directory, other));
      }
      return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Removes the socket. */
  async release(): Promise<void> {
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    removeIfThere(this.#path);
    if (this.#folder !== undefined) closeSync(this.#folder);
  }
}

function inUse(directory: string, pid: string): string {
  return `the store in ${directory} is in use by process ${pid}: stop that one first, or choose another folder with --data-dir`;
}

/** A path that a socket may have: that of a deep folder is too long, so on Linux it goes by the open folder. */
function shortPath(directory: string, name: string): { base: string; folder: number | undefined } {
  if (Buffer.byteLength(join(directory, name)) <= MAX_PATH_BYTES) return { base: directory, folder: undefined };
  if (process.platform !== "linux") {
    throw new StoreError(`the path of the folder ${directory} is too long for the lock in it: choose a shorter one with --data-dir`);
  }
  const folder = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  return { base: `/proc/self/fd/${folder}`, folder };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Whether a process listens there. Whatever else is wrong with it is taken for one that does. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      socket.destroy();
      resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
