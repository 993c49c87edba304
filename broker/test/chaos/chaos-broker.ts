import { setTimeout as pause } from "node:timers/promises";
import type { TcpProxy } from "../support/tcp-proxy.js";
import { MqttdChild } from "../torture/mqttd-child.js";

/** A broker that stops while NATS is away says so: of what it has acknowledged to nobody. */
const NOT_STORED = "could not be made durable";
/** What varies from line to line: identifiers and subjects. */
const VARYING = /"[^"]*"|[\w$-]*\.[\w.$-]+|\d+/g;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface ChaosBrokerOptions {
  readonly name: string;
  /** Its ways to the NATS servers. */
  readonly ways: readonly TcpProxy[];
  readonly onNote: (text: string) => void;
}

/** One of the brokers, which comes back under the same name whenever it is started again, as a pod does. */
export class ChaosBroker {
  readonly name: string;
  /** Undefined while it does not run. */
  port: number | undefined;
  /** When it could last not act because it stood still. */
  stoodStillUntilMs = 0;
  /** Lines of its log at level "fatal", and exits that nobody asked for. */
  readonly problems: string[] = [];
  /** How often each line of its log at level "error" came. */
  readonly errors = new Map<string, number>();
  readonly #options: ChaosBrokerOptions;
  #command: Command | undefined;
  #child: MqttdChild | undefined;
  #isWanted = false;
  #isCut = false;

  constructor(options: ChaosBrokerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Resolves when it is up; tries until it is, as Kubernetes does. By the command of before, unless there is a new one. */
  async start(command = this.#command!): Promise<void> {
    const { onNote } = this.#options;
    this.#command = command;
    this.#isWanted = true;
    while (this.#isWanted) {
      const child = new MqttdChild(command.file, command.args);
      this.#child = child;
      void child.ended.then((code) => this.#ended(child, code));
      const ready = await child.ready();
      if (typeof ready === "number") {
        this.port = ready;
        return;
      }
      if (!this.#isWanted) return;
      onNote(`${this.name} did not start: ${ready.output.slice(0, 500)}`);
      await pause(500);
    }
  }

  /** With it goes what a broker that is cut off has not sent. */
  async kill(): Promise<void> {
    await this.#end((child) => child.kill());
    if (this.#isCut) for (const way of this.#options.ways) way.lose();
  }

  /** As a rolling restart does. */
  async stop(): Promise<void> {
    await this.#end(async (child) => {
      const code = await child.stop();
      if (code !== 0 && !(code === 1 && child.errors.some((line) => line.includes(NOT_STORED))))
        this.problems.push(`${this.name} stopped with code ${code}: ${child.errors.join(" ")}`);
    });
  }

  freeze(): void {
    this.stoodStillUntilMs = Number.POSITIVE_INFINITY;
    this.#child?.signal("SIGSTOP");
  }

  thaw(): void {
    this.#child?.signal("SIGCONT");
    this.stoodStillUntilMs = performance.now();
  }

  /** Takes its ways to NATS from it, with whatever is on them. */
  cut(): void {
    this.#isCut = true;
    for (const way of this.#options.ways) way.block();
  }

  mend(): void {
    this.#isCut = false;
    for (const way of this.#options.ways) way.unblock();
  }

  async close(): Promise<void> {
    await this.kill();
    for (const way of this.#options.ways) way.close();
  }

  async #end(how: (child: MqttdChild) => Promise<unknown>): Promise<void> {
    const child = this.#child;
    this.#isWanted = false;
    if (child !== undefined) await how(child);
  }

  #ended(child: MqttdChild, code: number | null): void {
    if (this.#child !== child) return;
    const wasUp = this.port !== undefined;
    this.port = undefined;
    this.#child = undefined;
    for (const line of child.errors) this.#note(line, wasUp);
    if (this.#isWanted && wasUp) this.problems.push(`${this.name} ended by itself with code ${code}`);
  }

  #note(line: string, wasUp: boolean): void {
    const { level, msg, err } = JSON.parse(line) as { level: string; msg: string; err?: { message: string } };
    const text = err === undefined ? msg : `${msg}: ${err.message}`;
    if (level === "fatal" && wasUp && !line.includes(NOT_STORED)) this.problems.push(`${this.name} logged ${line.slice(0, 2_000)}`);
    const kind = text.replaceAll(VARYING, "…");
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
  }
}
