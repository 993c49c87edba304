import { spawnSync } from "node:child_process";
import { arch, cpus, release, totalmem, type } from "node:os";

/** One line that says what it ran on. */
export function describeMachine(): string {
  const processors = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${processors[0]?.model.trim() ?? arch()}, ${gigabytes} GiB, ${type()} ${release()}`;
}

/** How many files a process may open here once its soft limit is raised. */
export function openFileLimit(): number {
  const limit = spawnSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).stdout.trim();
  return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
}
