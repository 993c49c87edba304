import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/*
 * Clients stand for other machines on a network, and here there is one machine: the witnesses and the attackers get its last core, the attackers what the
 * witnesses leave of it (SCHED_IDLE), and the broker may use all cores. Otherwise what is measured is how long a witness waits for a core behind an attacker.
 * It holds from before the quiet time until the end, so that quiet and attack differ by the attack alone.
 */

/** Processes. */
export interface Clients {
  readonly attackers: number;
  readonly witnesses: number;
}

/** Whether this machine can: there are two cores, the tools, and the right to give priority back. */
export function canStandApart(): boolean {
  const has = (tool: string) => spawnSync(tool, ["--version"]).status === 0;
  return availableParallelism() >= 2 && process.getuid?.() === 0 && has("taskset") && has("chrt");
}

/** Gives them places of their own, and returns what undoes that for the attackers, which live on. */
export function standApart({ attackers, witnesses }: Clients): () => void {
  const cores = allowedCores(attackers);
  const last = /\d+$/.exec(cores)![0];
  for (const pid of [attackers, witnesses]) run("taskset", "--all-tasks", "--cpu-list", "--pid", last, String(pid));
  run("chrt", "--all-tasks", "--idle", "--pid", "0", String(attackers));
  return () => {
    run("chrt", "--all-tasks", "--other", "--pid", "0", String(attackers));
    run("taskset", "--all-tasks", "--cpu-list", "--pid", cores, String(attackers));
  };
}

/** Such as "0,1" or "0-3". */
function allowedCores(pid: number): string {
  return run("taskset", "--cpu-list", "--pid", String(pid)).trim().split(": ").at(-1)!;
}

function run(tool: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(tool, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${tool} ${args.join(" ")}: ${stderr}`);
  return stdout;
}
