import { describe, expect, it } from "vitest";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { Eviction } from "../../src/rebalance/eviction.js";
import type { EvictionOrder } from "../../src/rebalance/eviction-order.js";
import { Evicted } from "./support.js";

const ORDER: EvictionOrder = {
  ...{ type: "evacuation", connEvictRate: 10, sessEvictRate: 5, connectionGoal: 0, sessionGoal: 0 },
  ...{ waitHealthCheckSeconds: 3, waitTakeoverSeconds: 2 },
};

function evict(evicted: Evicted, order: Partial<EvictionOrder> = {}) {
  let isDone = false;
  const onDone = () => {
    isDone = true;
  };
  const eviction = new Eviction({ ...ORDER, ...order }, { ...evicted.parts, onDone });
  return { eviction, isDone: () => isDone };
}

describe("an evacuation", () => {
  it("leaves everybody alone, and lets clients come, until load balancers have had their time", async () => {
    const evicted = new Evicted();
    evicted.broker.clients(5);
    const { eviction } = evict(evicted);
    await evicted.pass(2.9);
    expect(eviction.status.state).toBe("waiting_health_check");
    expect(evicted.broker.connected).toBe(5);
    expect(evicted.broker.departure).toBeUndefined();
  });

  it("disconnects so many clients a second, and takes no new ones", async () => {
    const evicted = new Evicted();
    evicted.broker.clients(100);
    const { eviction } = evict(evicted);
    await evicted.pass(5);
    const after = evicted.broker.connected;
    await evicted.pass(4);
    expect(after - evicted.broker.connected).toBe(40);
    expect(eviction.status.state).toBe("evicting_conns");
    expect(evicted.broker.departure?.reasonCode).toBe(ReasonCode.ServerUnavailable);
    expect(new Set(evicted.broker.told.map(([code]) => code))).toEqual(new Set([ReasonCode.ServerShuttingDown]));
  });

  it("waits for clients to take their sessions along, then hands over what is left, so many a second", async () => {
    const evicted = new Evicted();
    evicted.broker.clients(10, { sessionsStay: true });
    evicted.broker.awaySessions(10);
    const { eviction } = evict(evicted, { waitHealthCheckSeconds: 0 });
    await evicted.pass(1);
    expect(eviction.status.state).toBe("waiting_takeover");
    expect(evicted.broker.handedOver).toEqual([]);
    await evicted.pass(2);
    expect(eviction.status.state).toBe("evicting_sessions");
    await evicted.pass(1);
    expect(evicted.broker.handedOver.length).toBeGreaterThan(2);
    expect(evicted.broker.handedOver.length).toBeLessThan(10);
    await evicted.pass(4);
    expect(evicted.broker.handedOver).toHaveLength(20);
    expect(eviction.status).toMatchObject({ state: "prohibiting", initial: { connected: 10, sessions: 20 }, handOversFailed: 0 });
  });

  it("goes on to try sessions that no broker takes", async () => {
    const evicted = new Evicted();
    evicted.broker.awaySessions(3);
    evicted.broker.failing.add("away1");
    const { eviction } = evict(evicted, { waitHealthCheckSeconds: 0, waitTakeoverSeconds: 0 });
    await evicted.pass(3);
    expect(eviction.status.state).toBe("evicting_sessions");
    expect(eviction.status.handOversFailed).toBeGreaterThan(1);
    evicted.broker.failing.clear();
    await evicted.pass(1);
    expect(eviction.status.state).toBe("prohibiting");
  });

  it("keeps clients away until it is stopped", async () => {
    const evicted = new Evicted();
    const { eviction, isDone } = evict(evicted, { waitHealthCheckSeconds: 0, waitTakeoverSeconds: 0 });
    await evicted.pass(60);
    expect(eviction.status.state).toBe("prohibiting");
    expect(evicted.broker.departure).toBeDefined();
    expect(isDone()).toBe(false);
    eviction.stop();
    expect(evicted.broker.departure).toBeUndefined();
  });

  it("disconnects nobody any more once it is stopped", async () => {
    const evicted = new Evicted();
    evicted.broker.clients(100);
    const { eviction } = evict(evicted, { waitHealthCheckSeconds: 0 });
    await evicted.pass(1);
    eviction.stop();
    const { connected } = evicted.broker;
    await evicted.pass(10);
    expect(evicted.broker.connected).toBe(connected);
  });

  it("ends with the clients where there is no other broker for their sessions", async () => {
    const evicted = new Evicted();
    evicted.broker.handOver = undefined;
    evicted.broker.awaySessions(3);
    const { eviction } = evict(evicted, { waitHealthCheckSeconds: 0, waitTakeoverSeconds: 0 });
    await evicted.pass(1);
    expect(eviction.status.state).toBe("prohibiting");
  });

  it.each([
    ["the order's server", { redirectTo: "a:1883 b:1883" }, "use-another-server", ReasonCode.UseAnotherServer, "a:1883 b:1883"],
    ["the setting's server", {}, "use-another-server", ReasonCode.UseAnotherServer, "elsewhere:1883"],
    ["a server for good", { redirectTo: "a:1883" }, "server-moved", ReasonCode.ServerMoved, "a:1883"],
  ] as const)("tells clients of %s", async (_, order, redirect, reasonCode, reference) => {
    const evicted = new Evicted();
    evicted.serverReference = "elsewhere:1883";
    evicted.redirect = redirect;
    evicted.broker.clients(1);
    evict(evicted, { ...order, waitHealthCheckSeconds: 0 });
    await evicted.pass(1);
    expect(evicted.broker.told).toEqual([[reasonCode, reference]]);
    expect(evicted.broker.departure).toEqual({ reasonCode, serverReference: reference });
  });
});

describe("a broker that has too many", () => {
  it("gives away no more than that, and lets clients come again", async () => {
    const evicted = new Evicted();
    evicted.broker.clients(20);
    const { isDone } = evict(evicted, { type: "rebalance", connectionGoal: 15, sessionGoal: 15, waitHealthCheckSeconds: 0 });
    await evicted.pass(5);
    expect(evicted.broker.connected).toBe(15);
    expect(evicted.broker.told[0]).toEqual([ReasonCode.UseAnotherServer, undefined]);
    expect(evicted.broker.departure).toBeUndefined();
    expect(isDone()).toBe(true);
  });

  it("hands over the sessions of those that are away, down to its goal", async () => {
    const evicted = new Evicted();
    evicted.broker.clients(2);
    evicted.broker.awaySessions(8);
    const order = { connectionGoal: 2, sessionGoal: 6, waitHealthCheckSeconds: 0, waitTakeoverSeconds: 0 };
    const { isDone } = evict(evicted, { type: "rebalance", ...order });
    await evicted.pass(5);
    expect(evicted.broker.sessions.size).toBe(6);
    expect(evicted.broker.connected).toBe(2);
    expect(isDone()).toBe(true);
  });
});
