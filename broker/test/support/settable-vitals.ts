import type { MemoryUse, Vitals } from "../../src/limits/vitals.js";

/** A process that is doing as the test says. */
export class SettableVitals implements Vitals {
  memoryPercent = 0;
  lagMs = 0;
  collections = 0;
  givenBack = 0;
  collectionsAtRest = 0;
  questions = 0;

  memory(): MemoryUse {
    this.questions++;
    return { bytes: this.memoryPercent * 10, ofBytes: 1_000, of: "memory" };
  }

  loopLagMs(): number {
    this.questions++;
    return this.lagMs;
  }

  collectGarbage(): void {
    this.collections++;
  }

  giveBack(): void {
    this.givenBack++;
  }

  collectAtRest(): void {
    this.collectionsAtRest++;
  }

  stop(): void {}
}
