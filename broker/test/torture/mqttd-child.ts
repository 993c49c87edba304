import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

export type Runtime = "node" | "bun";

/** How long a broker may take to start, or to stop when it is asked to. */
const DEADLINE_MS = 30_000;
const LEVELS = new Set(["error", "fatal"]);

/** What a child that did not become ready said on its way out. */
export interface FailedStart {
  readonly code: number | null;
  readonly output: string;
}

/** A broker as a process of its own, to be killed. */
export class MqttdChild {
  /** Lines of its log that tell of errors. */
  readonly errors: string[] = [];
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<number | null>;
  readonly #port: Promise<number>;
  #output = "";

  constructor(file: string, args: readonly string[]) {
    this.#child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#closed = once(this.#child, "close").then(([code]) => code as number | null);
    this.#child.stderr.on("data", (bytes) => {
      this.#output += bytes;
    });
    this.#port = new Promise((resolve, reject) => {
      let port = 0;
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        const { msg, level, port: listening } = fieldsOf(line);
        if (LEVELS.has(level!)) {
          this.errors.push(line);
          this.#output += `${line}\n`;
        }
        if (msg === "listening") port = Number(listening);
        if (msg === "ready") resolve(port);
      });
      this.#closed.then(() => reject(new Error("the broker did not start")));
    });
    this.#port.catch(() => {}); // whoever waits for it hears of it
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The port once it is ready, or what it said instead. */
  async ready(): Promise<number | FailedStart> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), DEADLINE_MS);
    try {
      return await this.#port;
    } catch {
      return { code: await this.#closed, output: this.#output };
    } finally {
      clearTimeout(timer);
    }
  }

  /** At once, without a chance to do anything. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }

  /** As `kill`, from within what has just happened: the signal is sent before this returns. */
  killNow(): void {
    this.#child.kill("SIGKILL");
  }

  /** SIGSTOP and SIGCONT. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The exit code, once it has ended. */
  get ended(): Promise<number | null> {
    return this.#closed;
  }

  /** Asks it to stop; the exit code, null if it did not in time. */
  async stop(): Promise<number | null> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), DEADLINE_MS);
    this.#child.kill("SIGTERM");
    const code = await this.#closed;
    clearTimeout(timer);
    return code;
  }
}

function fieldsOf(line: string): Readonly<Record<string, string | undefined>> {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

const MAIN = join(dirname(fileURLToPath(import.meta.url)), "../../src/main.ts");

/**
 * The command line that runs a program in TypeScript, `mqttd` by default, on the runtime. For Node it is bundled into the folder: to start
 * that takes 0.3 s instead of 1.9 s through tsx, and it is started for each kill.
 */
export function commandOf(runtime: Runtime, folder: string, program = MAIN): { readonly file: string; readonly args: readonly string[] } {
  const isBun = process.versions.bun !== undefined;
  const { resolve } = createRequire(import.meta.url);
  if (runtime === "bun")
    return { file: isBun ? process.execPath : join(dirname(resolve("bun/package.json")), "bin/bun.exe"), args: [program] };
  const outfile = join(folder, `${basename(program, ".ts")}.mjs`);
  buildSync({
    entryPoints: [program],
    ...{ outfile, bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "warning" },
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  });
  return { file: isBun ? "node" : process.execPath, args: [outfile] };
}

/** `mqttd start` on one port of loopback, as `MqttdChild` needs it; it keeps nothing, unless told where. */
export function startArgs(dataDir = "off"): readonly string[] {
  const ports = ["--host", "127.0.0.1", "--port", "0", "--ws-port", "off", "--admin-port", "off"];
  return ["start", ...ports, "--log-format", "json", "--data-dir", dataDir];
}

/** Settings under which nothing but a crash can lose a message. */
export function losslessArgs(dataDir?: string): readonly string[] {
  return [
    ...startArgs(dataDir),
    ...["--sys-interval-seconds", "0", "--mqtt-max-queued-messages", "1000000", "--mqtt-max-queued-bytes", "1000000000"],
  ];
}
