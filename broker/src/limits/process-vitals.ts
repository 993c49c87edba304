import { totalmem } from "node:os";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { bunMemory } from "./bun-memory.js";
import { KERNEL_BYTES } from "./connection-memory.js";
import type { HostLimits } from "./host-limits.js";
import { LoopLag } from "./loop-lag.js";
import type { MemoryUse, Vitals } from "./vitals.js";

/** The vitals of the process that runs this. */
export class ProcessVitals implements Vitals {
  readonly #memoryBytes: number;
  readonly #hasHeapLimit: boolean;
  readonly #lag = new LoopLag();
  #gc: (() => void) | undefined;

  /** `memoryBytes` is what there is, if it is not what the host says. */
  constructor({ memory, runtime }: HostLimits, memoryBytes: number | undefined) {
    this.#memoryBytes = memoryBytes ?? memory?.bytes ?? totalmem();
    this.#hasHeapLimit = runtime.heapBytes !== undefined;
  }

  memory(connections: number): MemoryUse {
    const whole: MemoryUse = {
      bytes: process.memoryUsage.rss() + connections * KERNEL_BYTES,
      ofBytes: this.#memoryBytes,
      of: "memory",
    };
    if (!this.#hasHeapLimit) return whole;
    const { used_heap_size: bytes, heap_size_limit: ofBytes } = getHeapStatistics();
    return bytes / ofBytes > whole.bytes / whole.ofBytes ? { bytes, ofBytes, of: "heap" } : whole;
  }

  loopLagMs(): number {
    return this.#lag.read();
  }

  collectGarbage(): void {
    this.#gc ??= garbageCollector();
    this.#gc();
  }

  giveBack(): void {
    bunMemory?.shrink?.();
  }

  /** V8 does when little is allocated. */
  collectAtRest(): void {
    bunMemory?.gc(true);
  }

  stop(): void {
    this.#lag.stop();
  }
}

/** Bun's also gives memory back to the system. Node has one that it shows only on demand. */
function garbageCollector(): () => void {
  const bun = bunMemory;
  if (bun !== undefined) return () => bun.gc(true);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
