import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** What well-behaved clients saw. */
export interface Seen {
  /** From sending a message until its delivery was read, of each that was delivered. */
  readonly latenciesMs: readonly number[];
  /** Connections that they lost, since the beginning. */
  readonly closed: number;
}

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), "witness-process.ts");

/** Well-behaved clients in a process of their own, lest what attackers do to this process is taken for what the broker does. */
export class Witness {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(port: number): Promise<Witness> {
    const isBun = process.versions.bun !== undefined;
    const execArgv = isBun ? [] : ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href];
    const child = fork(PROGRAM, [String(port)], { execArgv });
    const [message] = await once(child, "message");
    if (message !== "ready") throw new Error(`the witness said ${String(message)}`);
    return new Witness(child);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it saw since the last call. */
  async measure(): Promise<Seen> {
    const answer = once(this.#child, "message");
    this.#child.send("measure");
    return (await answer)[0] as Seen;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.send("end");
    await exited;
  }
}
