import { beforeEach, describe, expect, it } from "vitest";
import { SYSTEM_CLOCK } from "../../src/clock.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { type NatsServer, startNatsServer } from "../support/nats-server.js";
import { TestClient } from "../support/test-client.js";
import { type AdminBroker, startAdmin } from "./support.js";

const SLOW = { timeout: 60_000 };
const AT_ONCE = { wait_health_check: 0, wait_takeover: 0 };

describe("the brokers of a cluster", SLOW, () => {
  let server: NatsServer;
  let here: AdminBroker;
  let there: AdminBroker;

  beforeEach(async (context) => {
    server = await startNatsServer(context);
    [here, there] = [await join("pod-0"), await join("pod-1")];
    await expect.poll(async () => (await here.get("/api/v1/nodes")).json.data.length).toBe(2);
  });

  const join = (brokerName: string) =>
    startAdmin({ clock: SYSTEM_CLOCK as never, settings: { nats: { servers: server.url, replicas: 1, storage: "memory", brokerName } } });

  const post = (broker: AdminBroker, path: string, body: object) => broker.get(path, { method: "POST", body });

  it("give away clients above the average, whichever of them is told to rebalance", async () => {
    const clients: TestClient[] = [];
    while (clients.length < 6) clients.push(await TestClient.connect(there.port)); // those that came first go first
    const { json } = await post(here, "/api/v1/rebalance", { ...AT_ONCE, abs_conn_threshold: 2, abs_sess_threshold: 2 });
    expect(json.nodes).toEqual([expect.stringMatching(/^pod-1-/)]);
    await expect.poll(() => there.broker.counters.clientsConnected).toBe(3);
    await expect.poll(() => there.broker.readiness).toBe("ready");
    for (const client of clients.slice(0, 3)) await client.expectDisconnect(ReasonCode.UseAnotherServer);
    await clients[5]!.expectNothing();
  });

  it("say what each of them is about, and stop it", async () => {
    await Promise.all(Array.from({ length: 6 }, () => TestClient.connect(there.port)));
    await post(here, "/api/v1/rebalance", { abs_conn_threshold: 2, abs_sess_threshold: 2 });
    const { data, meta } = (await here.get("/api/v1/rebalance")).json;
    expect(data).toMatchObject([
      { status: "disabled" },
      { process: "rebalance", state: "waiting_health_check", connection_goal: 3, stats: { current_connected: 6, initial_connected: 6 } },
    ]);
    expect(meta).toEqual({});
    expect((await here.get("/api/v1/rebalance/node-status?node=pod-1")).json.status).toBe("enabled");
    expect((await here.get("/api/v1/rebalance", { method: "DELETE" })).json.nodes).toHaveLength(1);
    expect(there.broker.rebalance.isEvicting).toBe(false);
  });

  it("take the sessions that nobody has come back for from one that is evacuated", async () => {
    const session = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 600 } };
    const client = await TestClient.connect(there.port, session);
    await client.subscribe(["t/#"]);
    await post(here, "/api/v1/rebalance/evacuation?node=pod-1", AT_ONCE);
    await client.expectDisconnect(ReasonCode.ServerShuttingDown);
    await expect
      .poll(async () => (await there.get("/api/v1/rebalance/node-status")).json, { timeout: 20_000 })
      .toMatchObject({
        state: "prohibiting",
        stats: { current_connected: 0, current_sessions: 0, initial_connected: 1, initial_sessions: 1 },
      });
    expect((await here.get("/api/v1/clients/c")).json).toMatchObject({ connected: false, subscriptions: 1 });
    expect((await TestClient.connect(here.port, session)).connack.sessionPresent).toBe(true);
  });

  it("hand sessions to those that are named, and to none that is evacuated itself", async () => {
    const third = await join("pod-2");
    await expect.poll(async () => (await here.get("/api/v1/nodes")).json.data.length).toBe(3);
    const owed = Array.from({ length: 20 }, (_, i) => ({
      clientId: `c${i}`,
      cleanStart: false,
      properties: { sessionExpiryIntervalSeconds: 600 },
    }));
    await Promise.all(owed.map((session) => TestClient.connect(there.port, session)));
    const countOf = async (broker: AdminBroker) => (await broker.get("/api/v1/rebalance/node-status")).json.stats.current_sessions;

    await post(third, "/api/v1/rebalance/evacuation", { ...AT_ONCE, wait_takeover: 3_600 });
    await expect.poll(() => third.broker.readiness).toBe("evacuating");
    const refused = await post(there, "/api/v1/rebalance/evacuation", { ...AT_ONCE, migrate_to: ["pod-9"] });
    expect([refused.status, refused.json.detail]).toEqual([409, expect.stringContaining("cannot go to 'pod-9'")]);
    await post(there, "/api/v1/rebalance/evacuation", { ...AT_ONCE, wait_health_check: 3 }); // by then all have heard of the third
    await expect.poll(() => countOf(here), { timeout: 20_000 }).toBe(20);
    expect(await countOf(third)).toBe(0);

    await third.get("/api/v1/rebalance", { method: "DELETE" });
    await there.get("/api/v1/rebalance", { method: "DELETE" });
    await post(here, "/api/v1/rebalance/evacuation", { ...AT_ONCE, migrate_to: ["pod-2"] });
    // Whoever gives a session lets go of it when the other has all of it.
    await expect
      .poll(async () => [await countOf(here), await countOf(there), await countOf(third)], { timeout: 20_000 })
      .toEqual([0, 0, 20]);
  });

  it("have the sessions of one that stops before it has gone", async () => {
    const session = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 600 } };
    const client = await TestClient.connect(there.port, session);
    await client.subscribe(["t/#"]);
    const stopped = there.stop();
    await client.expectDisconnect(ReasonCode.ServerShuttingDown);
    await stopped;
    expect((await here.get("/api/v1/clients/c")).json).toMatchObject({ connected: false, subscriptions: 1 });
  });
});
