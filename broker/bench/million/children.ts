import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Lets it open as many files as it may, at the niceness in place of its own name; `exec` keeps the process id. */
const AT_ITS_LIMITS = 'ulimit -n "$(ulimit -Hn)"; exec nice -n "$0" "$@"';
const WORDS_KEPT = 4_000;
/** Of files with the processes of a run, followed by the process id of the run itself. */
const PREFIX = "mqttd-bench-million.";

/** A process of this run. */
export class Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  /** The end of what it wrote to standard error, or was noted by `said`. */
  lastWords = "";
  #onLine: (line: string) => void = () => {};

  constructor(name: string, command: readonly string[], niceness: number) {
    this.name = name;
    this.process = spawn("sh", ["-c", AT_ITS_LIMITS, String(niceness), ...command], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production" },
    });
    this.process.on("error", () => {});
    this.exited = once(this.process, "exit").catch(() => {});
    this.process.stderr!.on("data", (bytes) => this.said(String(bytes)));
    createInterface(this.process.stdout!).on("line", (line) => this.#onLine(line));
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  said(text: string): void {
    this.lastWords = (this.lastWords + text).slice(-WORDS_KEPT);
  }

  onLine(listener: (line: string) => void): void {
    this.#onLine = listener;
  }

  /** Asks it to end, and ends it when that takes too long. */
  async stop(limitMs: number): Promise<void> {
    if (!this.isRunning) return;
    this.process.kill("SIGTERM");
    const timer = setTimeout(() => this.process.kill("SIGKILL"), limitMs);
    await this.exited;
    clearTimeout(timer);
  }

  kill(): void {
    if (this.isRunning) this.process.kill("SIGKILL");
  }
}

/** All processes of this run: none outlives it, and what a run that was itself killed has left behind is ended by the next. */
export class Children {
  readonly #file = join(tmpdir(), `${PREFIX}${process.pid}`);
  readonly #children: Child[] = [];

  constructor() {
    this.#endLeftOvers();
    process.on("exit", () => this.killAll());
  }

  /** `niceness` as of nice(1), below 0 for root only: others go on at 0, with a warning among its last words. */
  start(name: string, command: readonly string[], niceness = 0): Child {
    const child = new Child(name, command, niceness);
    this.#children.push(child);
    const running = this.#children.filter(({ isRunning, pid }) => isRunning && pid > 0);
    writeFileSync(this.#file, running.map(({ pid }) => `${pid} ${startTime(pid) ?? 0}`).join("\n"));
    return child;
  }

  killAll(): void {
    for (const child of this.#children) child.kill();
    rmSync(this.#file, { force: true });
  }

  /** By process id and start time, so that nobody else is hit who has got the id since. */
  #endLeftOvers(): void {
    for (const name of readdirSync(tmpdir()).filter((file) => file.startsWith(PREFIX))) {
      if (startTime(Number(name.slice(PREFIX.length))) !== undefined) continue;
      const file = join(tmpdir(), name);
      for (const line of readFileSync(file, "utf8").split("\n")) {
        const [pid, time] = line.split(" ").map(Number);
        if (pid && time && startTime(pid) === time) process.kill(pid, "SIGKILL");
      }
      rmSync(file, { force: true });
    }
  }
}

/** In ticks since the machine started. */
function startTime(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    return undefined;
  }
}
