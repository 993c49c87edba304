import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/*
 * Clients stand for other machines on a network, and here there is one machine: the witnesses have its last core before anything else that comes there (nice -20), the
 * attackers get what the broker leaves of the others (SCHED_IDLE), and the broker may use all cores. Otherwise what is measured is how long a witness waits for a core behind an attacker.
 * It holds from before the quiet time until the end, so that quiet and attack differ by the attack alone.
 */

/** Processes. */
export interface Clients {
  readonly attackers: number;
  readonly witnesses: number;
  /** Attackers that need more than the broker leaves of its cores get what the witnesses leave of theirs, too. */
  readonly areApart: boolean;
}

/** Whether this machine can: there are two cores, the tools, and the right to give priority back. */
export function canStandApart(): boolean {
  const has = (tool: string) => spawnSync(tool, ["--version"]).status === 0;
  return availableParallelism() >= 2 && process.getuid?.() === 0 && ["taskset", "chrt", "renice"].every(has);
}

/** Gives them places of their own, and returns what undoes that for the attackers, which live on. */
export function standApart({ attackers, witnesses, areApart }: Clients): () => void {
  const cores = allowedCores(attackers);
  pin(witnesses, cores.slice(-1));
  run("renice", "-n", "-20", "-p", String(witnesses));
  pin(attackers, areApart ? cores.slice(0, -1) : cores);
  run("chrt", "--all-tasks", "--idle", "--pid", "0", String(attackers));
  return () => {
    run("chrt", "--all-tasks", "--other", "--pid", "0", String(attackers));
    pin(attackers, cores);
  };
}

function pin(pid: number, cores: readonly number[]): void {
  run("taskset", "--all-tasks", "--cpu-list", "--pid", cores.join(","), String(pid));
}

/** From such as "0,1" or "0-3,8". */
function allowedCores(pid: number): readonly number[] {
  const list = run("taskset", "--cpu-list", "--pid", String(pid)).trim().split(": ").at(-1)!;
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function run(tool: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(tool, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${tool} ${args.join(" ")}: ${stderr}`);
  return stdout;
}
