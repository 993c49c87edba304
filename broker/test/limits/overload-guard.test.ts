import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/config/load-config.js";
import { OverloadGuard } from "../../src/limits/overload-guard.js";
import { Watermark } from "../../src/limits/watermark.js";
import { Counters } from "../../src/sys/counters.js";
import { RecordingLog } from "../log/recording-log.js";
import { SettableVitals } from "../support/settable-vitals.js";

const limitsOf = (limits: object) => configFrom({ limits }, () => "").limits;

function guarded(limits: object = {}) {
  const vitals = new SettableVitals();
  const counters = new Counters();
  const log = new RecordingLog();
  const guard = new OverloadGuard({ limits: limitsOf(limits), vitals, counters, log });
  const memory = (...percents: number[]) =>
    percents.map((percent) => {
      vitals.memoryPercent = percent;
      guard.sample();
      return guard.memory;
    });
  const lag = (...samples: number[]) =>
    samples.map((lagMs) => {
      vitals.lagMs = lagMs;
      guard.sample();
      return guard.loop;
    });
  return { guard, vitals, counters, log, memory, lag };
}

describe("Watermark", () => {
  it("rises after enough samples in a row at the high mark, and falls at the first below the low one", () => {
    const mark = new Watermark({ high: 10, low: 5, samples: 3 });
    const changes = [10, 11, 9, 10, 10, 10, 9, 5, 4.9, 9].map((value) => mark.sample(value));
    expect(changes).toEqual([false, false, false, false, false, true, false, false, true, false]);
  });
});

describe("OverloadGuard", () => {
  it("calls memory short if it is so after a garbage collection, until it is below the low mark", () => {
    const { memory, vitals } = guarded();
    expect(memory(84)).toEqual([false]);
    expect(vitals.collections).toBe(0);
    expect(memory(85)).toEqual([false]);
    expect(vitals.collections).toBe(1);
    expect(memory(85, 90, 84, 80, 79, 84)).toEqual([true, true, true, true, false, false]);
  });

  it("refuses nothing for garbage that could be collected", () => {
    const { memory, vitals } = guarded();
    expect(memory(95, 40, 95, 40)).toEqual([false, false, false, false]);
    expect(vitals.collections).toBe(2);
  });

  it("collects garbage about once a minute while memory is short", () => {
    const { memory, vitals } = guarded();
    memory(...Array.from({ length: 130 }, () => 90));
    expect(vitals.collections).toBe(3);
  });

  it("calls the event loop late after three late samples in a row", () => {
    const { lag } = guarded();
    expect(lag(900, 900, 0, 500, 500, 500, 499, 100, 99)).toEqual([false, false, false, false, false, true, true, true, false]);
  });

  it("logs and counts each time that it begins, and logs its end, with numbers", () => {
    const { memory, lag, log, counters } = guarded({ memoryHighPercent: 50, memoryLowPercent: 40 });
    memory(60, 60, 60, 30, 60, 60);
    lag(700, 700, 700, 700, 0);
    expect(counters).toMatchObject({ memoryOverloads: 2, loopOverloads: 1 });
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      "warn: memory is short: no new clients, and nothing new is kept",
      "info: memory is enough again",
      "warn: memory is short: no new clients, and nothing new is kept",
      "warn: the event loop runs late: no new clients",
      "info: the event loop is on time again",
    ]);
    expect(log.lines[0]!.fields).toEqual({
      of: "memory",
      bytes: 600,
      ofBytes: 1_000,
      percent: 60,
      memoryHighPercent: 50,
      memoryLowPercent: 40,
    });
    expect(log.lines[3]!.fields).toEqual({ lagMs: 700, loopLagHighMs: 500, loopLagLowMs: 100 });
  });

  it("asks for nothing that is off, and is calm again at the next sample when it is switched off", () => {
    const { guard, memory, lag, vitals } = guarded({ memoryHighPercent: "off", loopLagHighMs: "off" });
    expect([...memory(99, 99, 99), ...lag(9_000, 9_000, 9_000)]).not.toContain(true);
    expect(vitals.questions).toBe(0);
    guard.configure(limitsOf({}));
    expect([...memory(99, 99), ...lag(9_000, 9_000, 9_000)]).toContain(true);
    guard.configure(limitsOf({ memoryHighPercent: "off", loopLagHighMs: "off" }));
    guard.sample();
    expect([guard.memory, guard.loop]).toEqual([false, false]);
  });
});
