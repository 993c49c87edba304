import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { Inbox, inTime } from "../support/foreign-inbox.js";

/** `mqttd` as a process of its own, which does not outlive the test, and leaves nothing on disk unless it is told to. */
export class MqttdProcess {
  /** Lines of its log, as they come. */
  readonly log = new Inbox<Record<string, unknown>>("line of the log");
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<unknown[]>;
  #out = "";
  #err = "";

  constructor(program: readonly [runtime: string, bundle: string], args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [runtime, bundle] = program;
    this.#child = spawn(runtime, [bundle, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH, MQTTD_DATA_DIR: "off", MQTTD_ADMIN_PORT: "0", ...env },
    });
    this.#closed = once(this.#child, "close");
    this.#child.stderr.on("data", (bytes) => {
      this.#err += bytes;
    });
    createInterface(this.#child.stdout).on("line", (line) => {
      this.#out += `${line}\n`;
      if (line.startsWith("{")) this.log.push(JSON.parse(line));
    });
    onTestFinished(async () => {
      this.#child.kill("SIGKILL");
      await this.#closed;
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The next line of the log with a message, and those before it lost. */
  async logged(message: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = await this.log.next();
      if (line.msg === message) return line;
    }
  }

  async ended(): Promise<{ code: unknown; out: string; err: string }> {
    const [code] = await inTime(this.#closed, "mqttd did not end");
    return { code, out: this.#out, err: this.#err };
  }
}
