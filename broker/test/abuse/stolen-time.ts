import { readFileSync } from "node:fs";

/** What this machine's cores had, in ticks since it started. */
interface CoreTime {
  readonly all: number;
  readonly stolen: number;
}

/** Of all cores' time from one moment to the next, what a hypervisor gave to other machines while something here wanted to run: 0 to 1. */
export class StolenTime {
  #before = coreTime();

  /** Since the last call, or since this was made. */
  share(): number {
    const before = this.#before;
    const now = coreTime();
    this.#before = now;
    return now.all === before.all ? 0 : (now.stolen - before.stolen) / (now.all - before.all);
  }
}

/** From the first line of /proc/stat, proc(5): user, nice, system, idle, iowait, irq, softirq, steal; what guests have is in "user" too. */
function coreTime(): CoreTime {
  const [, ...ticks] = readFileSync("/proc/stat", "latin1").split("\n", 1)[0]!.trim().split(/\s+/);
  const counted = ticks.slice(0, 8).map(Number);
  return { all: counted.reduce((sum, each) => sum + each, 0), stolen: counted[7] ?? 0 };
}
