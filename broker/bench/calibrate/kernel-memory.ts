import { readFileSync } from "node:fs";

const EVERY_MS = 100;

/** Watches how much memory the kernel cannot give back: sockets, files, and what they hang on. */
export class KernelMemory {
  readonly #least = unreclaimableBytes();
  #most = this.#least;
  readonly #timer = setInterval(() => this.#look(), EVERY_MS);

  /** Bytes that it grew by at most. */
  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#most - this.#least;
  }

  #look(): void {
    this.#most = Math.max(this.#most, unreclaimableBytes());
  }
}

function unreclaimableBytes(): number {
  const kilobytes = /^SUnreclaim:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error("/proc/meminfo has no SUnreclaim");
  return Number(kilobytes) * 1_024;
}
