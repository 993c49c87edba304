import { describe, expect, it } from "vitest";
import { AfterStorm } from "../../src/limits/after-storm.js";
import { Counters } from "../../src/sys/counters.js";
import { SettableVitals } from "../support/settable-vitals.js";

function broker() {
  const counters = new Counters();
  const vitals = new SettableVitals();
  const afterStorm = new AfterStorm({ counters, vitals });
  /** Seconds in each of which that many connect, and send that many messages; how often memory was given back in them. */
  const seconds = (count: number, { connections = 0, messages = 0 } = {}): number => {
    const before = vitals.givenBack;
    for (let second = 0; second < count; second++) {
      counters.connectionsAccepted += connections;
      counters.clientsConnected += connections;
      counters.publishReceived[1]! += messages;
      afterStorm.sample();
    }
    return vitals.givenBack - before;
  };
  return { counters, vitals, seconds };
}

/** One whose start is over. */
function startedBroker() {
  const started = broker();
  started.seconds(10);
  return started;
}

describe("memory after a storm of connections", () => {
  it("is given back once, when nobody has come for some seconds", () => {
    const { seconds } = startedBroker();
    expect(seconds(10, { connections: 200 })).toBe(0);
    expect(seconds(4)).toBe(0);
    expect(seconds(60)).toBe(1);
  });

  it("is given back after the start too, and after each storm", () => {
    const { seconds } = broker();
    expect(seconds(10)).toBe(1);
    expect(seconds(10, { connections: 200 }) + seconds(10)).toBe(1);
    expect(seconds(10, { connections: 200 }) + seconds(10)).toBe(1);
  });

  it("is left alone when few have come", () => {
    const { seconds } = startedBroker();
    expect(seconds(10, { connections: 90 }) + seconds(60)).toBe(0);
  });

  it("is given back while a client comes now and then", () => {
    const { seconds } = startedBroker();
    expect(seconds(10, { connections: 200 }) + seconds(10, { connections: 2 })).toBe(1);
  });

  it("is left alone while a storm goes on, however slowly", () => {
    const { seconds } = startedBroker();
    expect(seconds(1_000, { connections: 5 })).toBe(0);
    expect(seconds(10)).toBe(1);
  });

  it("is left alone while messages come or go", () => {
    const { counters, seconds } = startedBroker();
    seconds(10, { connections: 200 });
    expect(seconds(60, { messages: 20 })).toBe(0);
    for (let second = 0; second < 60; second++) {
      counters.publishSent[0]! += 20;
      expect(seconds(1)).toBe(0);
    }
    expect(seconds(10)).toBe(1);
  });

  it("is kept free of garbage while the rest goes on, and left alone otherwise", () => {
    const { vitals, seconds } = startedBroker();
    seconds(60, { connections: 200 });
    expect(vitals.collectionsAtRest).toBe(0);
    seconds(120);
    expect(vitals).toMatchObject({ givenBack: 2, collectionsAtRest: 4 });
    seconds(60, { messages: 20 });
    expect(vitals.collectionsAtRest).toBe(4);
  });

  it("is left to the runtime with so many clients that it would hold them up", () => {
    const { counters, seconds } = startedBroker();
    seconds(10, { connections: 5_000 });
    expect(seconds(60)).toBe(0);
    counters.clientsConnected -= 40_000;
    expect(seconds(10)).toBe(1);
  });
});
