import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Load } from "./load.js";
import { COUNTERS, type PackedSnapshot, pack, type Snapshot, sumOf, Tallies } from "./tallies.js";

/** Tells a process of the bench which share of the clients is its own: "0/4/123456" is the first of four, and the run they have in common. */
export const PART_VARIABLE = "MQTTD_BENCH_PART";
const STOP_LIMIT_MS = 30_000;

/** What a part tells: one line of JSON each. */
export type PartReport =
  | { readonly kind: "snapshot"; readonly snapshot: PackedSnapshot }
  | { readonly kind: "said"; readonly line: string }
  | { readonly kind: "settled" }
  | { readonly kind: "done" };

/** What it is told, a line each. The end of its input means "stop" too, so that no part outlives the process that started it. */
export const PART_ORDERS = { release: "release", hold: "hold", stop: "stop" } as const;

export interface ProcessSwarmParts {
  /** How this very command is started: runtime, script and arguments. */
  readonly program: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly processes: number;
  readonly runId: number;
  readonly say: (line: string) => void;
}

/** The same load in several processes, each with its share of the clients. */
export class ProcessSwarm implements Load {
  readonly done: Promise<void>;
  readonly #children: Part[];

  constructor(parts: ProcessSwarmParts) {
    this.#children = Array.from({ length: parts.processes }, (_, index) => new Part(parts, index));
    this.done = Promise.all(this.#children.map(({ done }) => done)).then(() => {});
  }

  async start(): Promise<void> {
    await Promise.all(this.#children.map(({ settled }) => settled));
  }

  release(): void {
    for (const child of this.#children) child.tell(PART_ORDERS.release);
  }

  hold(): void {
    for (const child of this.#children) child.tell(PART_ORDERS.hold);
  }

  get hasFailed(): boolean {
    return this.#children.some(({ hasFailed }) => hasFailed);
  }

  snapshot(): Snapshot {
    return sumOf(this.#children.map(({ snapshot }) => snapshot));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }
}

class Part {
  readonly settled: Promise<void>;
  readonly done: Promise<void>;
  snapshot: PackedSnapshot = pack({ ...new Tallies(), connected: 0, processorShare: 0, lagMs: 0 });
  hasFailed = false;
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  #isStopping = false;

  constructor({ program, env, processes, runId, say }: ProcessSwarmParts, index: number) {
    const [runtime, ...args] = program;
    this.#child = spawn(runtime!, args, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...env, [PART_VARIABLE]: `${index}/${processes}/${runId}` },
    });
    this.#child.stdin!.on("error", () => {}); // it has ended; "close" tells
    // "close" comes when all has been read that it said.
    this.#exited = once(this.#child, "close").then(
      ([code, signal]) => (signal === null ? `exit code ${code}` : String(signal)),
      (error: Error) => error.message,
    );
    const heard = new Map<string, () => void>();
    const hears = (kind: string) => new Promise<void>((resolve) => heard.set(kind, resolve));
    this.settled = hears("settled");
    this.done = hears("done");
    createInterface(this.#child.stdout!).on("line", (line) => {
      const report = JSON.parse(line) as PartReport;
      if (report.kind === "snapshot") this.snapshot = report.snapshot;
      else if (report.kind === "said") say(report.line);
      else heard.get(report.kind)?.();
    });
    void this.#exited.then((how) => {
      if (!this.#isStopping)
        say(`process ${index + 1} of ${processes} ended by ${how}, and its ${this.snapshot.connected} clients with it`);
      this.#ended(heard);
    });
  }

  tell(order: string): void {
    this.#child.stdin!.write(`${order}\n`);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#child.exitCode === null) this.tell(PART_ORDERS.stop);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_LIMIT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Nobody waits for what it can say no more. */
  #ended(heard: ReadonlyMap<string, () => void>): void {
    this.hasFailed = !this.#isStopping;
    const { counts, connected } = this.snapshot;
    const all = counts.map((count, index) => (this.hasFailed && COUNTERS[index] === "disconnected" ? count + connected : count));
    this.snapshot = { ...this.snapshot, counts: all, connected: 0 };
    for (const resolve of heard.values()) resolve();
  }
}
