import { connectAsync, type MqttClient } from "mqtt";
import { expect, it, onTestFinished, vi } from "vitest";
import { Counters } from "../../src/sys/counters.js";
import { LoadAverages } from "../../src/sys/load-averages.js";
import { sysTopics } from "../../src/sys/sys-topics.js";
import { startMosquitto } from "../support/start-mosquitto.js";
import { requireTool } from "../support/tools.js";

const NO_GAUGES = {
  sessionsOffline: 0,
  subscriptions: 0,
  sharedSubscriptions: 0,
  retainedMessages: 0,
  storedMessages: 0,
  storedBytes: 0,
  heapBytes: 0,
  filters: 0,
  loopLagMs: 0,
};

it("publishes under the names that a real mosquitto uses, all of them and no others", async (context) => {
  const mosquitto = requireTool(context, "mosquitto", "install the package 'mosquitto'");
  const client = await connectTo(await startMosquitto(mosquitto, ["allow_anonymous true", "sys_interval 1"]));
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

  // mosquitto counts a connection that never sent CONNECT, such as the one that waited for it, as -1 clients that are away.
  const formOf = (value: string) => value.replace(/^-?\d+/, "n").replace(/\.\d\d$/, ".nn");
  for (const { topic, value } of ours.filter(({ topic }) => !topic.endsWith("/version"))) {
    expect([topic, formOf(value)]).toEqual([topic, formOf(theirs.get(topic)!)]);
  }
});

async function connectTo(port: number): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 50 });
  onTestFinished(() => client.endAsync(true));
  return client;
}
