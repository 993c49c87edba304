import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "./contender.js";

/** Lets the process open as many files as the hard limit allows; most programs do not raise the soft one themselves. */
const RAISE_OPEN_FILES = 'ulimit -n "$(ulimit -Hn)"; exec "$@"';
const CONNECT_INTERVAL_MS = 20;
const OUTPUT_KEPT_CHARACTERS = 4_000;

export interface PinnedOptions {
  /** Undefined: the kernel chooses. */
  readonly core: number | undefined;
  readonly folder: string;
  /** Ends it, as does the end of this process. */
  readonly signal: AbortSignal;
}

export interface Cores {
  readonly broker: number;
  readonly generator: number;
}

/** A program that runs until it is killed or done, on one core. */
export class PinnedProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #stdout = "";
  #stderr = "";

  constructor({ file, args }: Command, { core, folder, signal }: PinnedOptions) {
    const pin = core === undefined ? [] : ["taskset", "-c", String(core)];
    // `exec` keeps the process id, which is thus the broker's own.
    this.#child = spawn("sh", ["-c", RAISE_OPEN_FILES, "sh", ...pin, file, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production" },
      // A broker that keeps its state in the current folder keeps it here.
      cwd: folder,
      signal,
      killSignal: "SIGKILL",
    });
    this.#child.on("error", () => {});
    this.#child.stdout!.on("data", (bytes) => {
      this.#stdout += bytes;
    });
    this.#child.stderr!.on("data", (bytes) => {
      this.#stderr = (this.#stderr + bytes).slice(-OUTPUT_KEPT_CHARACTERS);
    });
    this.#exited = once(this.#child, "close").catch(() => {});
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last of what it said on stderr, or else on stdout. */
  get lastWords(): string {
    return (this.#stderr.trim() || this.#stdout.trim()).slice(-OUTPUT_KEPT_CHARACTERS);
  }

  /** Resolves once something accepts connections at the port. Throws if it exits before, or takes too long. */
  async accepts(host: string, port: number, limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    while (this.isRunning) {
      if (await canConnect(host, port)) return;
      if (Date.now() > deadline) throw new Error(`did not listen on port ${port} within ${limitMs} ms: ${this.lastWords}`);
      await sleep(CONNECT_INTERVAL_MS);
    }
    throw new Error(`did not start: ${this.lastWords}`);
  }

  /** Its whole stdout, once it has exited; it is killed if that takes too long. */
  async output(limitMs: number): Promise<string> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), limitMs);
    await this.#exited;
    clearTimeout(timer);
    return this.#stdout;
  }

  async kill(): Promise<void> {
    if (this.isRunning) this.#child.kill("SIGKILL");
    await this.#exited;
  }
}

/** The broker's core and the generator's, if this machine has two and `taskset`. */
export function coresToPin(): Cores | undefined {
  const canPin = availableParallelism() >= 2 && spawnSync("taskset", ["-c", "0,1", "true"]).status === 0;
  return canPin ? { broker: 0, generator: 1 } : undefined;
}

async function canConnect(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
