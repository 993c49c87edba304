import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Pushgateway, type Registry } from "prom-client";
import type { Clock } from "../clock.js";
import type { PushConfig } from "../config/metrics-files.js";
import type { Log } from "../log.js";

/** Attempts that failed before somebody is told again. */
const SAID_EVERY = 20;

export interface PushOptions {
  readonly config: PushConfig;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Sends metrics to a pushgateway every so often. One that does not answer holds nothing up: the attempt ends with its time limit, and the next one is
 * due an interval after it.
 */
export class Push {
  pushed = 0;
  failed = 0;
  readonly #options: PushOptions;
  readonly #gateway: Pushgateway<Registry["contentType"]>;
  readonly #agent: HttpAgent;
  #stopTimer: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(options: PushOptions) {
    this.#options = options;
    const { url, user, ca, timeoutSeconds } = options.config;
    const isTls = url.startsWith("https:");
    this.#agent = isTls
      ? new HttpsAgent({ keepAlive: true, maxSockets: 1, ...(ca !== undefined && { ca }) })
      : new HttpAgent({ keepAlive: true, maxSockets: 1 });
    this.#gateway = new Pushgateway(
      url,
      { timeout: timeoutSeconds * 1_000, agent: this.#agent, ...(user !== undefined && { auth: user }) },
      options.registry,
    );
  }

  start(): void {
    const { clock, config } = this.#options;
    this.#stopTimer = clock.every(config.intervalSeconds * 1_000, () => {
      this.#running ??= this.#attempt(() => this.#gateway.push(this.#group())).finally(() => {
        this.#running = undefined;
      });
    });
  }

  /** Sends the last numbers, or takes all back where the settings say so: a gateway that needs longer than this is left to itself. */
  async stop(withinMs: number): Promise<void> {
    this.#stopTimer?.();
    const endsAtMs = Date.now() + withinMs;
    await inTime(this.#running, withinMs).catch(() => {}); // as the attempt below, which has no time then
    const { deleteOnStop } = this.#options.config;
    await this.#attempt(
      () => (deleteOnStop ? this.#gateway.delete(this.#group()) : this.#gateway.push(this.#group())),
      endsAtMs - Date.now(),
    );
    this.#agent.destroy();
  }

  async #attempt(request: () => Promise<unknown>, withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    try {
      // prom-client waits for ever for an answer that stops in its middle: its time limit is for silence before.
      await inTime(request(), Math.min(this.#options.config.timeoutSeconds * 1_000, withinMs));
      this.pushed++;
    } catch (error) {
      this.#agent.destroy(); // the next attempt would wait for a connection that is still open
      // No password is in it: prom-client's errors have the status and what the gateway says.
      if (this.failed % SAID_EVERY === 0) this.#options.log.warn({ err: error }, "metrics could not be pushed, trying on");
      this.failed++;
    }
  }

  #group(): { jobName: string; groupings: Record<string, string> } {
    const { job, grouping } = this.#options.config;
    return { jobName: job, groupings: { ...grouping } };
  }
}

/** @throws Error when `done` takes longer */
async function inTime(done: Promise<unknown> | undefined, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the gateway has not answered in time")), milliseconds);
  });
  try {
    await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
