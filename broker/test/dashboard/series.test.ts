import { describe, expect, it } from "vitest";
import { HOUR_MS, ROW, Series, STEP_MS } from "../../src/dashboard/series.js";

const START_MS = 1_800_000_000_000;

/** A row some seconds after the start. */
function row(seconds: number, { connections = 0, received = 0 } = {}): number[] {
  const numbers = new Array<number>(Object.keys(ROW).length).fill(0);
  numbers[ROW.at] = START_MS + seconds * 1_000;
  numbers[ROW.connections] = connections;
  numbers[ROW.receivedMessages] = received;
  return numbers;
}

describe("the numbers that the dashboard draws", () => {
  it("are a row every five seconds, of which the last is always the newest", () => {
    const series = new Series();
    series.begin([{ node: "a", rows: [row(0), row(5), row(7)] }]);
    series.add([{ node: "a", rows: [row(8, { connections: 3 })] }]);
    expect(series.length).toBe(3);
    expect(series.now(ROW.connections)).toBe(3);
    series.add([{ node: "a", rows: [row(10)] }]);
    series.add([{ node: "a", rows: [row(11)] }]);
    expect(series.length).toBe(4);
    expect(series.endMs).toBe(START_MS + 11_000);
  });

  it("make rates of what counts from the start, and no negative ones when a broker begins anew", () => {
    const series = new Series();
    series.begin([{ node: "a", rows: [row(0, { received: 100 }), row(5, { received: 600 }), row(10, { received: 20 })] }]);
    expect(series.rates(ROW.receivedMessages, 3)).toEqual([undefined, 100, 0]);
    series.add([{ node: "a", rows: [row(15, { received: 30 })] }]);
    expect(series.rateNow(ROW.receivedMessages)).toBe(2);
  });

  it("add up brokers that look at different moments, each with what it said last", () => {
    const series = new Series();
    series.begin([
      { node: "a", rows: [row(0, { connections: 1 }), row(5, { connections: 2 }), row(10, { connections: 3 })] },
      { node: "b", rows: [row(3, { connections: 10 }), row(8, { connections: 20 })] },
    ]);
    expect(series.values(ROW.connections, 4)).toEqual([undefined, 1, 12, 23]);
  });

  it("count a broker that has gone no more, and forget it after an hour", () => {
    const series = new Series();
    series.begin([
      { node: "a", rows: [row(0, { connections: 1 })] },
      { node: "b", rows: [row(0, { connections: 10 })] },
    ]);
    series.add([{ node: "a", rows: [row(15, { connections: 1 })] }]);
    expect(series.now(ROW.connections)).toBe(1);
    expect(series.values(ROW.connections, 4)).toEqual([11, 11, 11, 1]);
    for (let seconds = 20; seconds <= HOUR_MS / 1_000 + 20; seconds += STEP_MS / 1_000) series.add([{ node: "a", rows: [row(seconds)] }]);
    expect(series.length).toBe(HOUR_MS / STEP_MS + 1);
    expect(series.values(ROW.connections, 721)[0]).toBe(0);
  });
});
