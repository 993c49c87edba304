import { describe, expect, it } from "vitest";
import { Rebalance } from "../../src/rebalance/rebalance.js";
import { Evicted } from "./support.js";

const LONG_MS = 60_000;

describe("a broker that stops", () => {
  it("hands all its sessions to others", async () => {
    const evicted = new Evicted();
    evicted.broker.awaySessions(200);
    await new Rebalance(evicted.parts).handOverAll(LONG_MS);
    expect(evicted.broker.handedOver).toHaveLength(200);
  });

  it("does not wait for ever for others that do not take them", async () => {
    const evicted = new Evicted();
    evicted.broker.awaySessions(10);
    evicted.broker.handOver = async () => {
      throw new Error("no broker takes it");
    };
    await new Rebalance(evicted.parts).handOverAll(LONG_MS);
    expect(evicted.broker.sessions.size).toBe(10);
  });

  it("does not begin where there is no time, or no other broker", async () => {
    const evicted = new Evicted();
    evicted.broker.awaySessions(1);
    await new Rebalance(evicted.parts).handOverAll(0);
    expect(evicted.broker.handedOver).toEqual([]);
    evicted.broker.handOver = undefined;
    await new Rebalance(evicted.parts).handOverAll(LONG_MS);
    expect(evicted.broker.sessions.size).toBe(1);
  });
});
