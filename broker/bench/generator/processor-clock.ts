import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { ProcessorShares } from "./job.js";

/** Linux counts processor time in these for everyone, whatever the kernel's own tick (USER_HZ). */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** Processor time of the broker, of this process and of cores since it was made. */
export class ProcessorClock {
  readonly #brokerPid: number;
  readonly #cores: readonly number[];
  readonly #startedMs = performance.now();
  readonly #brokerTicks: number;
  readonly #generatorTicks: number;
  readonly #coreTicks: readonly CoreTicks[];
  readonly #others: readonly { readonly pid: number; readonly ticks: number }[];

  constructor(brokerPid: number, cores: readonly number[], otherPids: readonly number[] = []) {
    this.#brokerPid = brokerPid;
    this.#cores = cores;
    this.#brokerTicks = processTicks(brokerPid);
    this.#generatorTicks = processTicks(process.pid);
    this.#coreTicks = coreTicks(cores);
    this.#others = otherPids.map((pid) => ({ pid, ticks: processTicks(pid) }));
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  shares(): ProcessorShares {
    const ticks = (this.elapsedMs / 1000) * TICKS_PER_SECOND;
    const broker = (processTicks(this.#brokerPid) - this.#brokerTicks) / ticks;
    const generator = (processTicks(process.pid) - this.#generatorTicks) / ticks;
    const taken = coreTicks(this.#cores).map((now, index) => {
      const before = this.#coreTicks[index]!;
      const all = Math.max(1, now.all - before.all);
      return { busy: 1 - (now.idle - before.idle) / all, programs: (now.programs - before.programs) / all };
    });
    return {
      broker,
      generator,
      ...(this.#others.length > 0 && { otherProcesses: this.#others.map((other) => (processTicks(other.pid) - other.ticks) / ticks) }),
      cores: taken.map(({ busy }) => busy),
      others: taken.map(({ programs }, index) => Math.max(0, programs - (index === 0 ? broker : generator))),
    };
  }
}

/** Resident memory of a process. */
export function residentBytes(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES;
}

/** User and system time of all its threads. */
function processTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may contain spaces; behind it state is field 3, utime 14 and stime 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

interface CoreTicks {
  /** All processes, and the hypervisor; no interrupts. */
  readonly programs: number;
  readonly idle: number;
  readonly all: number;
}

function coreTicks(cores: readonly number[]): CoreTicks[] {
  const lines = readFileSync("/proc/stat", "utf8").split("\n");
  return cores.map((core) => {
    const line = lines.find((text) => text.startsWith(`cpu${core} `)) ?? "";
    // user nice system idle iowait irq softirq steal; guest time is in user already.
    const ticks = line.split(" ").slice(1, 9).map(Number);
    const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, , , steal = 0] = ticks;
    return { programs: user + nice + system + steal, idle: idle + ioWait, all: ticks.reduce((sum, value) => sum + value, 0) };
  });
}
