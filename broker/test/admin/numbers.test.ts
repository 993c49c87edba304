import { expect, it } from "vitest";
import { run } from "../../src/cli/run.js";
import { PacketType } from "../../src/codec/packet.js";
import { TestClient } from "../support/test-client.js";
import { textOf } from "../support/test-client-packets.js";
import { startAdmin } from "./support.js";

/** Numbers of $SYS, by the keys that the API and ctl have for them. */
const SYS: Readonly<Record<string, string>> = {
  "clients/connected": "connections.count",
  "clients/total": "sessions.count",
  "subscriptions/count": "subscriptions.count",
  "messages/received": "packets.received",
  "publish/messages/received": "messages.received",
  "publish/bytes/received": "messages.bytes.received",
  "publish/messages/dropped": "delivery.dropped",
};

it("is the same number in the API, ctl, metrics and $SYS, at rest", async () => {
  const { get, port, adminPort, clock } = await startAdmin({ settings: { sysIntervalSeconds: 5 } });
  const watcher = await TestClient.connect(port, { clientId: "watcher" });
  for (let i = 0; i < 3; i++) {
    const client = await TestClient.connect(port, { clientId: `c${i}` });
    await client.subscribe([`t/${i}`]);
    client.publish("t/0", { payload: "12345", qos: 1 });
    await client.receive(i === 0 ? PacketType.Publish : PacketType.Puback);
  }
  await watcher.subscribe(["$SYS/broker/#"]);
  clock.advance(5_000);
  watcher.send({ type: PacketType.Pingreq });
  const sys = new Map<string, string>();
  // Up to the answer to the ping, which is the last packet that came.
  for (let packet = await watcher.receive(); packet.type !== PacketType.Pingresp; packet = await watcher.receive()) {
    if (packet.type === PacketType.Publish) sys.set(packet.topic.slice("$SYS/broker/".length), textOf(packet.payload));
  }
  const [stats, metrics] = [(await get("/api/v1/broker/stats")).json, (await get("/api/v1/broker/metrics")).json];
  const api: Record<string, number> = { ...stats, ...metrics };
  let printed = "";
  const terminal = {
    out: (text: string) => {
      printed += text;
    },
    err: () => {},
    isScreen: false,
    env: {},
    readFile: () => "",
  };
  for (const what of ["stats", "metrics"]) {
    const argv = ["ctl", "broker", what, "--admin", `http://127.0.0.1:${adminPort}`];
    await run(
      argv,
      { ...terminal, readSecret: async () => undefined, readInput: async () => "" },
      async () => 0,
      async () => 0,
    );
  }
  const ctl = Object.fromEntries([...printed.matchAll(/^(\S+) *: (\S+)$/gm)].map(([, key, value]) => [key, Number(value)]));
  // What the process itself does goes on: heap, and what the questions above cost.
  const moving = /^(heap|event_loop)\./;
  for (const [key, value] of Object.entries(api)) if (!moving.test(key)) expect(ctl[key], key).toBe(value);
  expect(Object.keys(ctl).sort()).toEqual(Object.keys(api).sort());

  const { text } = await get("/metrics");
  const scraped = (name: string) => Number(text.match(new RegExp(`^mqttd_${name} (\\S+)$`, "m"))?.[1]);
  expect(scraped("clients_connected")).toBe(api["connections.count"]);
  expect(scraped("subscriptions")).toBe(api["subscriptions.count"]);
  expect(scraped('messages_received_total\\{qos="1"\\}')).toBe(api["messages.qos1.received"]);

  // The ping came after.
  const since = { "packets.received": 1 } as Readonly<Record<string, number>>;
  for (const [topic, key] of Object.entries(SYS)) expect(Number(sys.get(topic)) + (since[key] ?? 0), topic).toBe(api[key]);
});
