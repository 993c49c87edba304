import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import mqtt from "mqtt";
import { describe, expect, it, type TestContext, vi } from "vitest";
import { alertRules } from "../../charts/monitoring/alerts.js";
import { monitoringFiles } from "../../charts/monitoring/monitoring-files.js";
import { ROWS } from "../../charts/monitoring/panels.js";
import { ask, startAdmin } from "../admin/support.js";
import { freePort } from "../support/free-port.js";
import { startNatsServer } from "../support/nats-server.js";
import { requireTool } from "../support/tools.js";
import { connect, startServer, testFolder } from "./support.js";

const CHART = join(import.meta.dirname, "../../charts/mqttd");
const INSTALL = "apt-get install prometheus";

describe("the dashboard and the alerts of the chart", () => {
  it("are as `npm run charts` writes them", () => {
    for (const [name, content] of Object.entries(monitoringFiles())) {
      expect(readFileSync(join(CHART, name), "utf8"), name).toBe(content);
    }
  });

  it("show numbers that Prometheus has after scraping brokers, and ask for nothing that it has not", async (context: TestContext) => {
    const { query } = await scrapedBrokers(context);
    await vi.waitFor(
      async () => {
        const silent: string[] = [];
        for (const panel of ROWS.flatMap((row) => row.panels)) {
          for (const [expression] of panel.queries)
            if ((await query(expression)).length === 0) silent.push(`${panel.title}: ${expression}`);
        }
        expect(silent).toEqual([]);
      },
      { timeout: 45_000, interval: 1_000 },
    );
    // An alert that is not due has no result, but each number in it is there.
    const rules = (alertRules() as { groups: { rules: { expr: string }[] }[] }).groups[0]!.rules;
    for (const name of new Set(rules.flatMap(({ expr }) => expr.match(/\b(mqttd|process)_\w+/g) ?? []))) {
      expect(await query(name), name).not.toEqual([]);
    }
  }, 120_000);

  it("pass promtool, and raise an alert when a peer is missing or a core is full", (context: TestContext) => {
    const promtool = requireTool(context, "promtool", INSTALL);
    const folder = testFolder();
    writeFileSync(join(folder, "alerts.json"), monitoringFiles()["monitoring/alerts.json"]!);
    writeFileSync(join(folder, "test.json"), JSON.stringify(ALERT_TEST));
    const checked = spawnSync(promtool, ["check", "rules", "alerts.json"], { cwd: folder, encoding: "utf8" });
    expect(checked.stdout).toContain("SUCCESS: 8 rules found");
    const tested = spawnSync(promtool, ["test", "rules", "test.json"], { cwd: folder, encoding: "utf8" });
    expect(`${tested.stdout}${tested.stderr}`).toContain("SUCCESS");
    expect(tested.status).toBe(0);
  });
});

const series = (name: string, instance: string, values: string, more = "") => ({
  series: `${name}{job="mqttd",instance="${instance}"${more}}`,
  values,
});

/** Three brokers, of which one sees only one other, and one is busy. */
const ALERT_TEST = {
  rule_files: ["alerts.json"],
  evaluation_interval: "1m",
  tests: [
    {
      interval: "1m",
      input_series: [
        ...["a", "b", "c"].map((instance) => series("mqttd_build_info", instance, "1x30")),
        series("mqttd_cluster_peers", "a", "2x30"),
        series("mqttd_cluster_peers", "b", "2x30"),
        series("mqttd_cluster_peers", "c", "1x30"),
        series("process_cpu_seconds_total", "a", "0+54x30"),
        series("process_cpu_seconds_total", "b", "0+6x30"),
      ],
      alert_rule_test: [
        {
          eval_time: "10m",
          alertname: "MqttBrokerPeersMissing",
          exp_alerts: [
            expected(
              "c",
              "critical",
              "c does not see all other brokers",
              "It sees 1. Look at NATS, and at the network between its servers and the broker; clients there are kept, new ones are sent elsewhere.",
            ),
          ],
        },
        {
          eval_time: "20m",
          alertname: "MqttBrokerBusy",
          exp_alerts: [
            expected(
              "a",
              "warning",
              "a uses 90% of its core",
              "A broker has one thread. Add replicas, then rebalance: mqttd ctl rebalance start.",
            ),
          ],
        },
        { eval_time: "20m", alertname: "MqttBrokerStoreFails", exp_alerts: [] },
      ],
    },
  ],
};

function expected(instance: string, severity: string, summary: string, description: string) {
  return { exp_labels: { severity, job: "mqttd", instance }, exp_annotations: { summary, description } };
}

/** Prometheus beside a broker with a store and two of a cluster, which have had something to do. */
async function scrapedBrokers(context: TestContext): Promise<{ query: (expression: string) => Promise<unknown[]> }> {
  const prometheus = requireTool(context, "prometheus", INSTALL);
  const nats = await startNatsServer(context);
  const folder = testFolder();
  const settings = { mqtt: { maxTopicLevels: 8 } };
  const single = await startAdmin({ settings: { ...settings, dataDir: join(folder, "store") } });
  const cluster = { servers: nats.url, replicas: 1 };
  const one = await startAdmin({ settings: { ...settings, nats: { ...cluster, brokerName: "one" } } });
  const two = await startAdmin({ settings: { ...settings, nats: { ...cluster, brokerName: "two" } } });
  const port = await freePort();
  const targets = [single, one, two].map(({ adminPort }) => `127.0.0.1:${adminPort}`);
  const config = { global: { scrape_interval: "1s" }, scrape_configs: [{ job_name: "mqttd", static_configs: [{ targets }] }] };
  const file = join(folder, "prometheus.json");
  writeFileSync(file, JSON.stringify(config));
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, "data")}`, `--web.listen-address=127.0.0.1:${port}`];
  await startServer(prometheus, flags, port, "/-/ready");
  await keepBusy([single.port, one.port, two.port]);
  return {
    query: async (expression) => {
      const text = expression.replaceAll("$on", 'job=~".+",instance=~".+"').replaceAll("$__rate_interval", "30s");
      const { json } = await ask(port, `/api/v1/query?query=${encodeURIComponent(text)}`);
      expect(json, text).toMatchObject({ status: "success" });
      return json.data.result;
    },
  };
}

/** What makes each number move: messages across, a refused client, one that is taken over, one that does not listen. */
async function keepBusy(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const client = await connect(port);
    await client.subscribeAsync("a/#", { qos: 1 });
    const options = { clientId: `twin-${port}`, reconnectPeriod: 0 };
    const first = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { ...options, protocolVersion: 5 });
    await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { ...options, protocolVersion: 5 }).then((second) => second.endAsync());
    await first.endAsync(true);
    const longName = { clientId: "x".repeat(300), protocolVersion: 5, reconnectPeriod: 0 } as const;
    await expect(mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, longName)).rejects.toThrow("Client Identifier not valid");
    await client.publishAsync("a/b", "x", { qos: 1, retain: true });
  }
}
