import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";

export type Runtime = "node" | "bun";

export interface TargetReport {
  readonly ports: Readonly<Record<string, number>>;
  readonly connectionsOpen: number;
  /** Of the whole process: sockets that never became connections are among them. Undefined in what `count` tells. */
  readonly openFiles: number | undefined;
  readonly connectionsAccepted: number;
  readonly packetsReceived: number;
  /** After a garbage collection. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** All counters of the broker by name; of those kept by index, the sum. */
  readonly counters: Readonly<Record<string, number>>;
  /** CONNECTs refused, by reason code. */
  readonly refused: Readonly<Record<number, number>>;
}

const TARGET = join(dirname(fileURLToPath(import.meta.url)), "target.ts");
/** How long an answer may take, behind all the packets that wait in front of it. */
const ANSWER_MS = 30_000;
const EXIT_MS = 15_000;
/** Of what a process that crashes writes, this much is shown. */
const SHOWN_LINES = 40;

/** The broker under attack, in a process of its own, so that its crash is seen. */
export class TargetProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  readonly #exited: Promise<void>;
  readonly #lines: Interface;
  #first!: TargetReport;
  #isEnding = false;
  #hasExited = false;

  private constructor(runtime: Runtime, problem: (text: string) => void, settings: object | undefined) {
    const { file, args } = commandOf(runtime);
    this.#child = spawn(file, settings === undefined ? args : [...args, JSON.stringify(settings)], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin.on("error", () => {}); // its exit tells
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
    let shown = 0;
    createInterface({ input: this.#child.stderr }).on("line", (line) => {
      if (shown++ < SHOWN_LINES) problem(`the broker wrote: ${line}`);
    });
    this.#exited = once(this.#child, "exit").then(([code, signal]) => {
      this.#hasExited = true;
      if (!this.#isEnding || code !== 0) problem(`the broker's process ended with ${signal ?? `code ${code}`}`);
    });
  }

  /**
   * Everything that it writes to standard error is a problem: it logs from "warn" on, or what the settings say.
   *
   * @param settings as in the configuration file. @default - those of the fuzzing campaign
   */
  static async start(runtime: Runtime, problem: (text: string) => void, settings?: object): Promise<TargetProcess> {
    const target = new TargetProcess(runtime, problem, settings);
    target.#first = await target.#answer();
    return target;
  }

  get ports(): Readonly<Record<string, number>> {
    return this.#first.ports;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  report(): Promise<TargetReport> {
    return this.#ask("report");
  }

  /** Reports without what would hold up everyone: a garbage collection, and a list of open files. */
  count(): Promise<TargetReport> {
    return this.#ask("count");
  }

  /** Deletes all retained messages, and reports. */
  clear(): Promise<TargetReport> {
    return this.#ask("clear");
  }

  /** Stops the broker as a signal does, and the process at the latest after a while. */
  async stop(problem: (text: string) => void): Promise<void> {
    this.#isEnding = true;
    this.#child.stdin.end();
    const timer = setTimeout(() => {
      problem(`the broker did not stop within ${EXIT_MS / 1000} s`);
      this.#child.kill("SIGKILL");
    }, EXIT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #ask(question: string): Promise<TargetReport> {
    this.#child.stdin.write(`${question}\n`);
    return this.#answer();
  }

  async #answer(): Promise<TargetReport> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the broker did not answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    });
    try {
      const { value, done } = await Promise.race([this.#answers.next(), late]);
      if (done) throw new Error("the broker has gone");
      return JSON.parse(value) as TargetReport;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The runtime that runs this, or the other one as npm or PATH have it. */
function commandOf(runtime: Runtime): { readonly file: string; readonly args: readonly string[] } {
  const { resolve } = createRequire(import.meta.url);
  const isBun = process.versions.bun !== undefined;
  if (runtime === "bun")
    return { file: isBun ? process.execPath : join(dirname(resolve("bun/package.json")), "bin/bun.exe"), args: [TARGET] };
  return { file: isBun ? "node" : process.execPath, args: ["--expose-gc", "--import", pathToFileURL(resolve("tsx")).href, TARGET] };
}
