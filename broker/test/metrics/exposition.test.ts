import { spawnSync } from "node:child_process";
import { describe, expect, it, type TestContext } from "vitest";
import { LATENCY_BOUNDS, Latency } from "../../src/latency.js";
import { Exposition } from "../../src/metrics/exposition.js";
import { latencyMetrics } from "../../src/metrics/latency-metrics.js";
import { startAdmin } from "../admin/support.js";
import { requireTool } from "../support/tools.js";
import { connect, samplesIn } from "./support.js";

describe("/metrics", () => {
  it("tells what has happened and what there is, under names of its own", async () => {
    const { port, get } = await startAdmin();
    const client = await connect(port);
    const received = new Promise((resolve) => client.once("message", resolve));
    await client.subscribeAsync("a/#", { qos: 1 });
    await client.publishAsync("a/b", "hello", { qos: 1 });
    await received;
    const { headers, text } = await get("/metrics");
    expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
    const samples = samplesIn(text);
    expect(samples.get("mqttd_clients_connected")).toBe(1);
    expect(samples.get("mqttd_subscriptions")).toBe(1);
    expect(samples.get('mqttd_packets_received_total{type="connect"}')).toBe(1);
    expect(samples.get('mqttd_messages_received_total{qos="1"}')).toBe(1);
    expect(samples.get('mqttd_messages_sent_total{qos="1"}')).toBe(1);
    expect(samples.get("process_resident_memory_bytes")).toBeGreaterThan(1e7);
    expect(text).toMatch(/^mqttd_build_info\{version="[^"]+",runtime="(node|bun) [\d.]+"\} 1$/m);
    expect(text).not.toContain("emqx_");
  });

  it("has EMQX's names as well where the settings say so, with the same numbers", async () => {
    const { port, get } = await startAdmin({ settings: { metrics: { emqxNames: true } } });
    const client = await connect(port);
    await client.publishAsync("nobody/listens", "", { qos: 1 });
    const samples = samplesIn((await get("/metrics")).text);
    expect(samples.get("emqx_connections_count")).toBe(1);
    expect(samples.get("emqx_messages_received")).toBe(1);
    expect(samples.get("emqx_messages_dropped_no_subscribers")).toBe(1);
    expect(samples.get("emqx_client_connected")).toBe(1);
    expect(samples.get("emqx_packets_puback_sent")).toBe(samples.get('mqttd_packets_sent_total{type="puback"}'));
  });

  it("passes promtool's check", async (context) => {
    const { status, stderr } = await check(context, {});
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("passes it with EMQX's names too, but for how those end", async (context) => {
    const { stderr } = await check(context, { metrics: { emqxNames: true } });
    const problems = stderr.trim().split("\n");
    expect(problems.length).toBeGreaterThan(1);
    for (const problem of problems)
      expect(problem).toMatch(
        /^emqx_\w+ (counter metrics should have "_total" suffix|non-histogram and non-summary metrics should not have "_count" suffix)$/,
      );
  });

  async function check(context: TestContext, settings: Readonly<Record<string, unknown>>) {
    const promtool = requireTool(context, "promtool", "apt-get install prometheus");
    const { get } = await startAdmin({ settings });
    return spawnSync(promtool, ["check", "metrics"], { input: (await get("/metrics")).text, encoding: "utf8" });
  }
});

describe("a histogram of latencies", () => {
  it("counts each one in the first bucket that it fits into, and in all above", async () => {
    const latency = new Latency();
    for (const seconds of [0, 0.0005, 0.0006, 3, 60]) latency.add(seconds);
    const samples = samplesIn(await new Exposition(latencyMetrics({ store: latency, engine: undefined })).text());
    expect(samples.get('mqttd_store_write_seconds_bucket{le="0.0005"}')).toBe(2);
    expect(samples.get('mqttd_store_write_seconds_bucket{le="0.001"}')).toBe(3);
    expect(samples.get('mqttd_store_write_seconds_bucket{le="2.5"}')).toBe(3);
    expect(samples.get('mqttd_store_write_seconds_bucket{le="5"}')).toBe(4);
    expect(samples.get('mqttd_store_write_seconds_bucket{le="+Inf"}')).toBe(5);
    expect(samples.get("mqttd_store_write_seconds_count")).toBe(5);
    expect(samples.get("mqttd_store_write_seconds_sum")).toBeCloseTo(63.0011);
    expect(samples.size).toBe(LATENCY_BOUNDS.length + 3);
  });
});
