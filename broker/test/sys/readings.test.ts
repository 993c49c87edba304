import { describe, expect, it } from "vitest";
import { Counters } from "../../src/sys/counters.js";
import { READINGS, readAll } from "../../src/sys/readings.js";

const GAUGES = {
  ...{ sessionsOffline: 2, subscriptions: 7, sharedSubscriptions: 3, retainedMessages: 5, storedMessages: 11, storedBytes: 1_000 },
  ...{ heapBytes: 4_096, filters: 6, loopLagMs: 20 },
};

describe("the readings", () => {
  it("have names, and keys, that are there once, and a help text each", () => {
    const names = READINGS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const keys = READINGS.flatMap(({ readings }) => readings.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
    for (const { name, help } of READINGS) {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(help.length, name).toBeGreaterThan(5);
    }
  });

  it("tell of every counter there is", () => {
    // A counter that nobody reads would be one that nobody needs. Fields are numbered, so that each shows in some reading.
    const counters = new Counters();
    const fields = Object.keys(counters) as (keyof Counters)[];
    const blind = fields.filter((field) => {
      const before = text(counters);
      const value = counters[field] as number | Float64Array;
      if (value instanceof Float64Array) value[1] = value[1]! + 1;
      else Object.assign(counters, { [field]: value + 1 });
      return text(counters) === before;
    });
    expect(blind).toEqual([]);
  });

  it("leave out what this broker does not have", () => {
    const values = readAll({ counters: new Counters(), gauges: GAUGES });
    expect([...values.keys()].filter((key) => /^(store|cluster)\./.test(key))).toEqual([]);
    expect(values.get("sessions.count")).toBe(2);
    expect(values.get("event_loop.lag.seconds")).toBe(0.02);
  });

  it("call things as EMQX does", () => {
    const keys = [...readAll({ counters: new Counters(), gauges: GAUGES }).keys()];
    for (const key of [
      "connections.count",
      "messages.qos1.received",
      "packets.connect",
      "packets.connack.sent",
      "delivery.dropped.queue_full",
    ]) {
      expect(keys).toContain(key);
    }
  });
});

function text(counters: Counters): string {
  return JSON.stringify([...readAll({ counters, gauges: GAUGES })]);
}
