import type { LimitsConfig } from "../config/resolve-limits.js";
import type { Log } from "../log.js";
import type { Counters } from "../sys/counters.js";
import type { Overload } from "./overload.js";
import type { Vitals } from "./vitals.js";
import { Watermark } from "./watermark.js";

/** One late second is a garbage collection or a burst; three in a row are too much work. */
const LAG_SAMPLES = 3;

/** Memory is short only if it still is after a garbage collection, which the first sample leads to. */
const MEMORY_SAMPLES = 2;

/** Samples between garbage collections while memory is short, without which a process that asks for none would stay as large as it is. */
const COLLECT_EVERY = 60;

export interface OverloadGuardParts {
  readonly limits: LimitsConfig;
  readonly vitals: Vitals;
  readonly counters: Counters;
  readonly log: Log;
}

/** Watches memory and event loop, and says which of them is short. Driven from outside, once a second. */
export class OverloadGuard implements Overload {
  readonly #parts: OverloadGuardParts;
  #limits: LimitsConfig;
  readonly #memory: Watermark;
  readonly #loop: Watermark;
  #samplesToCollection = 0;
  /** By the last sample. */
  lagMs = 0;

  constructor(parts: OverloadGuardParts) {
    this.#parts = parts;
    this.#limits = parts.limits;
    this.#memory = new Watermark(memoryMarks(parts.limits));
    this.#loop = new Watermark(lagMarks(parts.limits));
  }

  configure(limits: LimitsConfig): void {
    this.#limits = limits;
    this.#memory.configure(memoryMarks(limits));
    this.#loop.configure(lagMarks(limits));
  }

  get memory(): boolean {
    return this.#memory.isAbove;
  }

  get loop(): boolean {
    return this.#loop.isAbove;
  }

  sample(): void {
    this.#sampleMemory();
    this.#sampleLoop();
  }

  stop(): void {
    this.#parts.vitals.stop();
  }

  #sampleMemory(): void {
    const { memoryHighPercent, memoryLowPercent } = this.#limits;
    if (memoryHighPercent === Number.POSITIVE_INFINITY && !this.memory) return;
    const { vitals, counters, log } = this.#parts;
    const { bytes, ofBytes, of } = vitals.memory(counters.connectionsOpen);
    const percent = (bytes / ofBytes) * 100;
    const hasChanged = this.#memory.sample(percent);
    if (percent < memoryHighPercent && !this.memory) this.#samplesToCollection = 0;
    else if (--this.#samplesToCollection < 0) {
      vitals.collectGarbage();
      this.#samplesToCollection = COLLECT_EVERY;
    }
    if (!hasChanged) return;
    const fields = { of, bytes, ofBytes, percent: Math.round(percent), memoryHighPercent, memoryLowPercent };
    if (this.memory) {
      counters.memoryOverloads++;
      log.warn(fields, "memory is short: no new clients, and nothing new is kept");
    } else log.info(fields, "memory is enough again");
  }

  #sampleLoop(): void {
    const { loopLagHighMs, loopLagLowMs } = this.#limits;
    if (loopLagHighMs === Number.POSITIVE_INFINITY && !this.loop) return;
    const { vitals, counters, log } = this.#parts;
    const lagMs = Math.round(vitals.loopLagMs());
    this.lagMs = lagMs;
    if (!this.#loop.sample(lagMs)) return;
    const fields = { lagMs, loopLagHighMs, loopLagLowMs };
    if (this.loop) {
      counters.loopOverloads++;
      log.warn(fields, "the event loop runs late: no new clients");
    } else log.info(fields, "the event loop is on time again");
  }
}

function memoryMarks({ memoryHighPercent, memoryLowPercent }: LimitsConfig) {
  return { high: memoryHighPercent, low: lowOf(memoryHighPercent, memoryLowPercent), samples: MEMORY_SAMPLES };
}

function lagMarks({ loopLagHighMs, loopLagLowMs }: LimitsConfig) {
  return { high: loopLagHighMs, low: lowOf(loopLagHighMs, loopLagLowMs), samples: LAG_SAMPLES };
}

/** Switched off while it was too much, it is enough at the next sample. */
function lowOf(high: number, low: number): number {
  return high === Number.POSITIVE_INFINITY ? high : low;
}
