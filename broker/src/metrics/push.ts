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
      this.#running ??= this.#push().finally(() => {
        this.#running = undefined;
      });
    });
  }

  /** Sends the last numbers, and takes them back where the settings say so. */
  async stop(): Promise<void> {
    this.#stopTimer?.();
    await this.#running;
    const { config } = this.#options;
    if (config.deleteOnStop) await this.#attempt(() => this.#gateway.delete(this.#group()));
    else await this.#push();
    this.#agent.destroy();
  }

  #push(): Promise<void> {
    return this.#attempt(() => this.#gateway.push(this.#group()));
  }

  async #attempt(request: () => Promise<unknown>): Promise<void> {
    try {
      await request();
      this.pushed++;
    } catch (error) {
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
