import { describe, expect, it, onTestFinished } from "vitest";
import { ProcessVitals } from "../../src/limits/process-vitals.js";
import { thisHost } from "../../src/limits/this-host.js";

const GIB = 2 ** 30;

function vitals(memoryBytes?: number, host = thisHost()): ProcessVitals {
  const made = new ProcessVitals(host, memoryBytes);
  onTestFinished(() => made.stop());
  return made;
}

/** As Bun has it: no limit of the heap's own. */
const WITHOUT_HEAP = { ...thisHost(), runtime: { name: "bun", version: "", heapBytes: undefined } as const };

describe("ProcessVitals", () => {
  it("sets what the process and the kernel take for connections against the memory there is", () => {
    const idle = vitals(64 * GIB, WITHOUT_HEAP).memory(0);
    expect(idle).toMatchObject({ ofBytes: 64 * GIB, of: "memory" });
    expect(idle.bytes).toBeGreaterThan(10_000_000);
    expect(vitals(64 * GIB, WITHOUT_HEAP).memory(1_000_000).bytes - idle.bytes).toBeGreaterThan(4_000_000_000);
  });

  it("takes what the container or the machine has, unless it is told otherwise", () => {
    const { memory } = thisHost();
    expect(vitals(undefined, WITHOUT_HEAP).memory(0).ofBytes).toBe(memory?.bytes);
    expect(vitals(undefined, { ...WITHOUT_HEAP, memory: undefined }).memory(0).ofBytes).toBeGreaterThan(GIB / 4);
  });

  it("tells of V8's heap where there is one and it is nearer to its limit", () => {
    const { heapBytes } = thisHost().runtime;
    const { of, ofBytes } = vitals(2 ** 50).memory(0);
    expect([of, ofBytes]).toEqual(heapBytes === undefined ? ["memory", 2 ** 50] : ["heap", heapBytes]);
  });

  it("measures how late the event loop is, also if it turns once between two readings", async () => {
    const measured = vitals();
    expect(measured.loopLagMs()).toBe(0);
    expect(await lateness(measured, 400)).toBeGreaterThanOrEqual(300);
    expect(measured.loopLagMs()).toBe(0);
  });

  it("can collect garbage", () => {
    const measured = vitals();
    measured.collectGarbage();
    measured.collectGarbage();
  });

  it("can give back memory at rest", () => {
    vitals().giveBack();
  });

  it("can collect at rest", () => {
    vitals().collectAtRest();
  });
});

/** Keeps the loop from its timers, then waits until that shows. */
async function lateness(measured: ProcessVitals, blockedMs: number): Promise<number> {
  const until = performance.now() + blockedMs;
  while (performance.now() < until);
  for (;;) {
    const lagMs = measured.loopLagMs();
    if (lagMs > 0) return lagMs;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
