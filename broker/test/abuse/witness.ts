import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { LATENCY } from "../../bench/rows.js";

/** What well-behaved clients saw from one mark to the next. Latencies count from sending a message until its delivery was read. */
export interface Span {
  readonly messages: number;
  /** Those of them that never came. */
  readonly missing: number;
  /** As the bench tells it: the 99th percentile of each second, and of those the median. */
  readonly p99Ms: number;
  readonly p99OfAllMs: number;
}

export interface Seen {
  readonly spans: readonly Span[];
  /** Connections that they lost. */
  readonly closed: number;
}

export const WITNESS_CONNECTIONS = 2 * LATENCY.pairs;
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), "witness-process.ts");

/** Well-behaved clients in a process of their own, lest what attackers do to this process is taken for what the broker does. */
export class Witness {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** `warmUpMs`: as many messages as go through come first, for that long. */
  static async start(port: number, warmUpMs: number): Promise<Witness> {
    const isBun = process.versions.bun !== undefined;
    const execArgv = isBun ? [] : ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href];
    const child = fork(PROGRAM, [String(port), String(warmUpMs)], { execArgv });
    const [message] = await once(child, "message");
    if (message !== "ready") throw new Error(`the witness said ${String(message)}`);
    return new Witness(child);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Begins a new span. */
  mark(): void {
    this.#child.send("mark");
  }

  /** What it saw, up to now. */
  async report(): Promise<Seen> {
    const answer = once(this.#child, "message");
    this.#child.send("report");
    return (await answer)[0] as Seen;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.send("end");
    await exited;
  }
}
