import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { type BenchSurroundings, bench } from "../../../src/bench/bench.js";
import type { BenchCommand } from "../../../src/bench/options.js";

interface Line {
  readonly connected: number;
  readonly summary?: {
    readonly connected: number;
    readonly counts: Readonly<Record<string, number>>;
    readonly durations: Record<string, unknown>;
    readonly processes: number;
    readonly client: { readonly isBottleneck: boolean };
  };
  readonly [counter: string]: unknown;
}

/** `mqttd bench` in this process, which ends with the test. */
export class BenchRun {
  out = "";
  err = "";
  readonly ended: Promise<number>;
  readonly #events = new EventEmitter();

  constructor(
    command: BenchCommand,
    port: number,
    flags: Readonly<Record<string, string | readonly string[]>>,
    around: Partial<Pick<BenchSurroundings, "isScreen" | "program" | "host">> = {},
  ) {
    const all = { host: "127.0.0.1", port: String(port), interval: "1", ...flags };
    this.ended = bench(
      { command, flags: new Map(Object.entries(all).map(([long, value]) => [long, typeof value === "string" ? [value] : value])) },
      {
        out: (text) => {
          this.out += text;
          this.#events.emit("told");
        },
        err: (text) => {
          this.err += text;
          this.#events.emit("told");
        },
        isScreen: false,
        env: {},
        readFile: (path) => readFileSync(path, "utf8"),
        program: [],
        host: { openFiles: undefined, portRange: undefined, tcpMemPages: undefined, conntrack: undefined, availableBytes: undefined },
        orders: process.stdin,
        events: this.#events,
        ...around,
      },
    );
    onTestFinished(async () => {
      this.stop();
      await this.ended;
    });
  }

  get lines(): Line[] {
    return this.out
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Line);
  }

  get summary(): NonNullable<Line["summary"]> {
    return this.lines.at(-1)!.summary!;
  }

  /** Resolves when a second has been told of in which the counter was at least that. */
  async reached(counter: string, value: number): Promise<void> {
    while (!(Number(this.lines.at(-1)?.[counter] ?? 0) >= value)) {
      await new Promise<void>((resolve) => this.#events.once("told", resolve));
    }
  }

  /** Resolves when it has said that, on either stream. */
  async said(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.out + this.err)) await new Promise<void>((resolve) => this.#events.once("told", resolve));
  }

  /** As Ctrl-C does. */
  stop(signal: "SIGINT" | "SIGTERM" = "SIGINT"): void {
    this.#events.emit(signal);
  }
}
