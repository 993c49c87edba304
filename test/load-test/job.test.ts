import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseAllDocuments } from "yaml";
import { LoadTestFleet } from "../../lib/load-test/load-test-fleet";
import type { Scenario } from "../../lib/load-test/scenario";
import { buildOn, valuesOf } from "../release/releases";
import { requireTool } from "../support/tools";

const ROOT = resolve(__dirname, "../..");
const MQTTD = join(ROOT, "broker/dist/mqttd.js");
const SCENARIO: Scenario = { name: "small", command: "conn", clients: 45, clientsPerPod: 20, connectRate: 500, durationSeconds: 2 };

describe("a scenario", () => {
  it("becomes a Job whose pods, run here by their own command lines, connect all of its clients to a broker", async (context) => {
    const helm = requireTool(context, "helm", "go install helm.sh/helm/v3/cmd/helm@v3.19.2");
    const port = await startBroker();
    const gateway = await startGateway();
    const job = renderedJob(helm, { host: "127.0.0.1", port }, gateway.url);
    expect(job.spec).toMatchObject({ completionMode: "Indexed", completions: 3, parallelism: 3 });

    const summaries = await Promise.all([0, 1, 2].map((number) => runPod(job, number)));
    expect(summaries.map(({ counts }) => counts.connect_succ)).toEqual([15, 15, 15]);
    expect(gateway.pushed.sort()).toEqual(
      [0, 1, 2].map((number) => expect.stringMatching(new RegExp(`^/metrics/job/mqttd_bench/instance/.+-${number} connect_succ 15$`))),
    );
  });
});

/** The Job as the chart renders it of what the construct asks for. */
// biome-ignore lint/suspicious/noExplicitAny: an object of Kubernetes
function renderedJob(helm: string, target: { host: string; port: number }, pushgateway: string): any {
  const { releases } = buildOn("GKE", ({ stack, pool, namespace }) => {
    return new LoadTestFleet(stack, "Load", { pool, namespace, target, pushgateway, scenarios: [SCENARIO] });
  });
  const folder = mkdtempSync(join(tmpdir(), "load-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const values = join(folder, "values.json");
  writeFileSync(values, JSON.stringify(valuesOf(releases.get("load-test"))));
  const flags = ["template", "load-test", join(ROOT, "broker/charts/load-test"), "--values", values, "--kube-version", "1.34.0"];
  const rendered = execFileSync(helm, flags, { encoding: "utf8", maxBuffer: 2 ** 26 });
  return parseAllDocuments(rendered)
    .map((document) => document.toJSON())
    .find((object) => object?.kind === "Job");
}

/** What the pod of that number runs, without its container. */
// biome-ignore lint/suspicious/noExplicitAny: an object of Kubernetes, and a summary in JSON
async function runPod(job: any, number: number): Promise<any> {
  const [{ args, env }] = job.spec.template.spec.containers;
  expect(env[0].valueFrom.fieldRef.fieldPath).toBe("metadata.annotations['batch.kubernetes.io/job-completion-index']");
  const own = (args as string[]).map((word) => word.replace("$(SHARE_NUMBER)", String(number)));
  const generator = start(own);
  let last = "";
  createInterface({ input: generator.stdout! }).on("line", (line) => {
    last = line;
  });
  expect(await new Promise((done) => generator.once("close", done))).toBe(0);
  return JSON.parse(last).summary;
}

/** A broker of this repository as a process of its own; its port. */
function startBroker(): Promise<number> {
  const broker = start([
    "start",
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--ws-port",
    "off",
    "--admin-port",
    "off",
    "--data-dir",
    "off",
    "--log-format",
    "json",
  ]);
  return new Promise((ready, failed) => {
    broker.once("close", (code) => failed(new Error(`the broker ended with ${code}`)));
    createInterface({ input: broker.stdout! }).on("line", (line) => {
      const { msg, port } = JSON.parse(line);
      if (msg === "listening") ready(port);
    });
  });
}

function start(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [MQTTD, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** What a pushgateway would hear: of each push its path and how many have connected. */
async function startGateway(): Promise<{ url: string; pushed: string[] }> {
  const pushed: string[] = [];
  const server = createServer(async (request, response) => {
    pushed.push(`${request.url} ${/^connect_succ \d+$/m.exec(await textOf(request))}`);
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, pushed };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
