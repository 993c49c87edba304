import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { Counters } from "../../src/sys/counters.js";
import { LoadAverages } from "../../src/sys/load-averages.js";

const TICK_MS = 10_000;

function perMinute(averages: LoadAverages, measure: string): Record<string, number> {
  return Object.fromEntries(
    averages
      .loads()
      .filter((load) => load.measure === measure)
      .map(({ span, perMinute }) => [span, Math.round(perMinute * 100) / 100]),
  );
}

describe("LoadAverages", () => {
  it("starts at nothing and rises to a steady load, the short span first", () => {
    const counters = new Counters();
    const averages = new LoadAverages(counters, 0);
    expect(perMinute(averages, "bytes/received")).toEqual({ "1min": 0, "5min": 0, "15min": 0 });
    for (let now = TICK_MS; now <= 60_000; now += TICK_MS) {
      counters.bytesReceived += 1_000;
      averages.update(now);
    }
    // 6,000 a minute, 1 - 1/e of it after one span.
    expect(perMinute(averages, "bytes/received")).toEqual({ "1min": 3792.72, "5min": 1087.62, "15min": 386.96 });
  });

  it.each([100, 1_000, 10_000, 60_000])("does not depend on how often it is updated (every %i ms)", (tickMs) => {
    const counters = new Counters();
    const averages = new LoadAverages(counters, 0);
    for (let now = tickMs; now <= 240_000; now += tickMs) {
      counters.connectionsAccepted += tickMs;
      averages.update(now);
    }
    expect(perMinute(averages, "sockets")).toEqual({ "1min": 58901.06, "5min": 33040.26, "15min": 14044.3 });
  });

  it("falls back to nothing when nothing happens any more", () => {
    const counters = new Counters();
    const averages = new LoadAverages(counters, 0);
    counters.packetsReceived[PacketType.Connect]! += 100;
    averages.update(TICK_MS);
    expect(perMinute(averages, "connections")["1min"]).toBe(92.11);
    averages.update(20 * 60_000);
    expect(perMinute(averages, "connections")["1min"]).toBe(0);
  });

  it("counts what happened while the clock stood still or was set back in the interval after it", () => {
    const counters = new Counters();
    const averages = new LoadAverages(counters, 60_000);
    counters.bytesSent += 500;
    averages.update(60_000);
    averages.update(50_000);
    expect(perMinute(averages, "bytes/sent")["1min"]).toBe(0);
    counters.bytesSent += 500;
    averages.update(110_000);
    expect(perMinute(averages, "bytes/sent")["1min"]).toBe(632.12);
  });
});
