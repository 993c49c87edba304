import type { Child, Children } from "./children.js";

/** A line of `mqttd bench --json`. */
export interface LoadSecond {
  readonly seconds: number;
  readonly connected: number;
  readonly processorShare: number;
  readonly [counter: string]: number;
}

export interface LoadSummary {
  readonly counts: Readonly<Record<string, number>>;
  readonly durations: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly client: { readonly isBottleneck: boolean };
}

/** Brokers go first: clients that are slow come later, and such as are too fast would be turned away. */
const NICENESS = 10;

/** One `mqttd bench` with its own processes. */
export class BenchLoad {
  readonly child: Child;
  readonly seconds: LoadSecond[] = [];
  readonly command: string;
  summary: LoadSummary | undefined;
  #changed = () => {};

  constructor(children: Children, name: string, program: readonly string[], args: readonly string[]) {
    this.command = ["mqttd", "bench", ...args].join(" ");
    this.child = children.start(name, [...program, "bench", ...args, "--json"], NICENESS);
    this.child.onLine((line) => {
      const told = JSON.parse(line) as LoadSecond | { summary: LoadSummary };
      if ("summary" in told) this.summary = told.summary as LoadSummary;
      else this.seconds.push(told);
      this.#changed();
    });
    void this.child.exited.then(() => this.#changed());
  }

  get last(): LoadSecond {
    return this.seconds.at(-1) ?? { seconds: 0, connected: 0, processorShare: 0 };
  }

  count(counter: string): number {
    return this.last[counter] ?? 0;
  }

  /** Resolves each time that it has told something, or has ended. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
    });
  }
}
