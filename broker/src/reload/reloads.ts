import type { Access } from "../auth/access.js";
import type { Config } from "../config/config.js";
import type { Log } from "../log.js";
import type { Counters } from "../sys/counters.js";
import { changesBetween } from "./config-changes.js";
import { problemsOf, ReloadError } from "./reload-error.js";
import type { Prepared, Reloadable } from "./reloadable.js";

/** What came of settings that were read again: places in the configuration, never values. */
export interface ReloadReport {
  /** In force now. */
  readonly applied: readonly string[];
  /** Different in what was read, but as before until the broker starts again. */
  readonly needsRestart: readonly string[];
}

export interface ReloadsOptions {
  /** What is in force at first. */
  readonly config: Config;
  readonly log: Log;
  readonly counters: Counters;
  readonly createAccess: (config: Config) => Access;
  /** Prepared, and then put in force, in this order. */
  readonly parts: readonly Reloadable[];
  /** False: the broker has not started yet, or it stops. */
  readonly isRunning: () => boolean;
}

/** Puts other settings in force while the broker runs: all that can change, or nothing at all. */
export class Reloads {
  readonly #options: ReloadsOptions;
  #config: Config;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ReloadsOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** What is in force. */
  get config(): Config {
    return this.#config;
  }

  /**
   * Reads settings by `load` and puts them in force, one call after the other.
   *
   * @throws ReloadError with every mistake, those of a ConfigError that `load` throws included; nothing has changed then
   */
  run(load: () => Config): Promise<ReloadReport> {
    const { counters, log } = this.#options;
    const report = this.#last.then(() => this.#reload(load));
    this.#last = report.then(
      ({ applied, needsRestart }) => {
        counters.reloads++;
        log.info({ applied }, "settings were read again");
        if (needsRestart.length > 0) log.warn({ settings: needsRestart }, "other settings than those in force need a restart");
      },
      (error: unknown) => {
        counters.reloadsRefused++;
        log.error({ problems: problemsOf(error) }, "settings were not taken over, those in force go on");
      },
    );
    return this.#last.then(() => report);
  }

  async #reload(load: () => Config): Promise<ReloadReport> {
    const { createAccess, parts, isRunning } = this.#options;
    if (!isRunning()) throw new ReloadError(["the broker is not running"]);
    const { config, applied, needsRestart } = await prepared(() => changesBetween(this.#config, load()));
    const access = await prepared(() => createAccess(config));
    const ready: Prepared[] = [{ apply() {}, discard: () => access.close() }];
    const problems: string[] = [];
    for (const part of parts) {
      try {
        ready.push(await part.prepare({ config, access }));
      } catch (error) {
        problems.push(...problemsOf(error));
      }
    }
    if (problems.length === 0 && !isRunning()) problems.push("the broker stops");
    if (problems.length > 0) {
      await Promise.all(ready.map((part) => part.discard?.()));
      throw new ReloadError(problems);
    }
    for (const part of ready) part.apply();
    this.#config = config;
    return { applied, needsRestart };
  }
}

async function prepared<T>(make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new ReloadError(problemsOf(error), { cause: error });
  }
}
