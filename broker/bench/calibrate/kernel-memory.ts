import { readFileSync } from "node:fs";

const EVERY_MS = 100;

/** Watches how much memory the kernel takes for its objects: sockets, files, and what they hang on. */
export class KernelMemory {
  readonly #least = slabBytes();
  #most = this.#least;
  readonly #timer = setInterval(() => this.#look(), EVERY_MS);

  /** Bytes that it grew by at most. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#most - this.#least;
  }

  #look(): void {
    this.#most = Math.max(this.#most, slabBytes());
  }
}

/** All of slab: the inodes and directory entries of sockets count as reclaimable there, and are not while their sockets live. */
function slabBytes(): number {
  const kilobytes = /^Slab:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error("/proc/meminfo has no Slab");
  return Number(kilobytes) * 1_024;
}
