import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { expect, it, onTestFinished, vi } from "vitest";
import { Counters } from "../../src/sys/counters.js";
import { LoadAverages } from "../../src/sys/load-averages.js";
import { sysTopics } from "../../src/sys/sys-topics.js";
import { requireTool } from "../support/tools.js";

const NO_GAUGES = {
  sessionsOffline: 0,
  subscriptions: 0,
  sharedSubscriptions: 0,
  retainedMessages: 0,
  storedMessages: 0,
  storedBytes: 0,
  heapBytes: 0,
};

it("publishes under the names that a real mosquitto uses, all of them and no others", async (context) => {
  const mosquitto = requireTool(context, "mosquitto", "install the package 'mosquitto'");
  const client = await connectTo(await startMosquitto(mosquitto));
  const theirs = new Map<string, string>();
  client.on("message", (topic, payload) => theirs.set(topic, payload.toString()));
  await client.subscribeAsync("$SYS/#");

  const counters = new Counters();
  const ours = sysTopics({
    version: "mqttd version 1.2.3",
    uptimeSeconds: 1,
    heapMaximumBytes: 0,
    counters,
    gauges: NO_GAUGES,
    loads: new LoadAverages(counters, 0).loads(),
  });
  const names = ours.map(({ topic }) => topic).sort();
  await vi.waitFor(() => expect([...theirs.keys()].sort()).toEqual(names), { timeout: 20_000, interval: 100 });

  const formOf = (value: string) => value.replace(/^\d+/, "n").replace(/\.\d\d$/, ".nn");
  for (const { topic, value } of ours.filter(({ topic }) => !topic.endsWith("/version"))) {
    expect([topic, formOf(value)]).toEqual([topic, formOf(theirs.get(topic)!)]);
  }
});

/** Starts a mosquitto for this test on a free port of loopback, and returns the port. */
async function startMosquitto(path: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nsys_interval 1\npersistence false\n`);
  const program = spawn(path, ["-c", config], { stdio: "ignore" });
  onTestFinished(() => ended(program));
  return port;
}

async function connectTo(port: number): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 50 });
  onTestFinished(() => client.endAsync(true));
  return client;
}

function ended(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    program.once("exit", () => resolve());
    program.kill();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
