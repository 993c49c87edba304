import { describe, expect, it } from "vitest";
import { SYSTEM_CLOCK } from "../../src/clock.js";
import { startAdmin } from "../admin/support.js";
import { startNatsServer } from "../support/nats-server.js";
import { TestClient } from "../support/test-client.js";
import { mqttd } from "./mqttd.js";

async function broker() {
  const started = await startAdmin({ settings: {} }, {});
  const ctl = (...argv: string[]) => mqttd(["ctl", "rebalance", ...argv, "--admin", `http://127.0.0.1:${started.adminPort}`]);
  return { ...started, ctl };
}

describe("mqttd ctl rebalance prints as emqx ctl does", () => {
  it("start --evacuation, node-status and stop", async () => {
    const { ctl, port, get } = await broker();
    await TestClient.connect(port);
    expect((await ctl("node-status")).out).toBe("Rebalance is disabled\n");
    expect((await ctl("start", "--evacuation", "--conn-evict-rate", "30", "--redirect-to", "a:1883")).out).toBe(
      "Rebalance(evacuation) started\n",
    );
    expect((await ctl("node-status")).out).toBe(
      [
        "Rebalance type: evacuation",
        "Rebalance state: waiting_health_check",
        "Connection eviction rate: 30 connections/second",
        "Session eviction rate: 500 sessions/second",
        "Connection goal: 0",
        "Session goal: 0",
        "Channel statistics:",
        "  current_connected: 1",
        "  current_sessions: 1",
        "  initial_connected: 1",
        "  initial_sessions: 1",
        "",
      ].join("\n"),
    );
    expect((await ctl("status")).out).toMatch(/^Node '[^']+': evacuation\nRebalance type: evacuation\n/);
    const ready = await get("/readyz");
    expect([ready.status, ready.json.status]).toEqual([503, "evacuating"]);
    expect((await ctl("stop")).out).toBe("Rebalance stopped\n");
    expect((await ctl("stop")).out).toBe("Rebalance is disabled\n");
    expect((await ctl("status")).out).toBe("Rebalance is disabled on all nodes\n");
    expect((await get("/readyz")).status).toBe(200);
  });

  it("says why it cannot be done", async () => {
    const { ctl } = await broker();
    expect(await ctl("start")).toMatchObject({ code: 1, err: expect.stringContaining("there is only one broker") });
    expect(await ctl("start", "--nodes", "n1 n2")).toMatchObject({
      code: 1,
      err: expect.stringContaining("there is no broker 'n1', 'n2'"),
    });
    expect(await ctl("start", "--conn-evict-rate", "0")).toMatchObject({ code: 1, err: expect.stringContaining("conn_evict_rate") });
    expect(await ctl("start", "--redirect-to", "a:1883")).toMatchObject({ code: 1, err: expect.stringContaining("redirect_to") });
    expect(await ctl("start", "--evacuation", "--migrate-to", "n1 n2")).toMatchObject({
      code: 1,
      err: expect.stringContaining("sessions cannot go to 'n1', 'n2': there is no other broker"),
    });
    await ctl("start", "--evacuation");
    expect(await ctl("start", "--evacuation")).toMatchObject({ code: 1, err: expect.stringContaining("stop that first") });
  });
});

it("mqttd ctl rebalance --node means another broker of the cluster than the one that is asked", { timeout: 60_000 }, async (context) => {
  const server = await startNatsServer(context);
  const join = (brokerName: string) =>
    startAdmin({ clock: SYSTEM_CLOCK as never, settings: { nats: { servers: server.url, replicas: 1, storage: "memory", brokerName } } });
  const [here, there] = [await join("pod-0"), await join("pod-1")];
  await expect.poll(async () => (await here.get("/api/v1/nodes")).json.data.length).toBe(2);
  const ctl = async (...argv: string[]) =>
    (await mqttd(["ctl", "rebalance", ...argv, "--admin", `http://127.0.0.1:${here.adminPort}`])).out;

  expect(await ctl("start", "--evacuation", "--node", "pod-1")).toBe("Rebalance(evacuation) started\n");
  expect([here.broker.readiness, there.broker.readiness]).toEqual(["ready", "evacuating"]);
  expect(await ctl("status")).toMatch(/^Node 'pod-1-[^']+': evacuation\n/);
  expect(await ctl("status", "--node", "pod-1")).toMatch(/^Node 'pod-1-[^']+': evacuation\n/);
  expect(await ctl("status", "--node", "pod-0")).toBe("Rebalance is disabled on all nodes\n");
  expect(await ctl("stop")).toBe("Rebalance is disabled\n");
  expect(await ctl("stop", "--node", "pod-1")).toBe("Rebalance stopped\n");
  expect(there.broker.readiness).toBe("ready");
});
