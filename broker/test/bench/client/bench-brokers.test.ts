import { describe, expect, it, type TestContext } from "vitest";
import { PacketType } from "../../../src/codec/packet.js";
import { startBroker } from "../../support/start-broker.js";
import { startMosquitto } from "../../support/start-mosquitto.js";
import { TestClient } from "../../support/test-client.js";
import { textOf } from "../../support/test-client-packets.js";
import { requireTool } from "../../support/tools.js";
import { BenchRun } from "./bench-run.js";

interface Target {
  readonly port: number;
  /** Has the broker publish what it has counted. */
  count(): void;
}

const BROKERS: readonly (readonly [name: string, start: (context: TestContext) => Promise<Target>])[] = [
  [
    "mqttd",
    async () => {
      const { port, clock } = await startBroker({ settings: { sysIntervalSeconds: 10 } });
      return { port, count: () => clock.advance(11_000) };
    },
  ],
  [
    "mosquitto",
    async (context) => {
      const program = requireTool(context, "mosquitto", "apt-get install mosquitto");
      return {
        port: await startMosquitto(program, ["allow_anonymous true", "sys_interval 1", "max_inflight_messages 0"]),
        count: () => {},
      };
    },
  ],
];

/** Resolves when a topic of $SYS says that. */
async function says(client: TestClient, topic: string, value: number): Promise<void> {
  await client.subscribe([topic]);
  for (;;) {
    const text = textOf((await client.receive(PacketType.Publish)).payload);
    if (text === String(value)) return;
  }
}

describe.each(BROKERS)("mqttd bench against %s", (name, start) => {
  it.for([0, 1, 2])("counts at QoS %i what the broker counts, and nothing is lost or comes twice", async (qos, context) => {
    const target = await start(context);
    const watcher = await TestClient.connect(target.port);
    const same = { topic: "bench/%i", qos: String(qos), "payload-hdrs": "cnt64,ts", json: "true" };
    const sub = new BenchRun("sub", target.port, { ...same, count: "5" });
    await sub.reached("sub", 5);
    const pub = new BenchRun("pub", target.port, {
      ...same,
      count: "5",
      limit: "500",
      inflight: "10",
      interval_of_msg: "0",
      "wait-before-publishing": "true",
    });
    expect(await pub.ended).toBe(0);
    await sub.reached("recv", 500);
    target.count();
    // mosquitto 2.0 counts none of QoS 2 there.
    if (name === "mqttd" || qos < 2) await says(watcher, "$SYS/broker/publish/messages/received", 500);
    sub.stop();
    expect(await sub.ended).toBe(0);
    expect(pub.summary.counts).toMatchObject({ pub: 500, pub_succ: qos === 0 ? 0 : 500, pub_fail: 0, connect_succ: 5 });
    expect(sub.summary.counts).toMatchObject({ recv: 500, lost: 0, duplicated: 0, reordered: 0, sub: 5, disconnected: 0 });
    expect(sub.summary.durations).toHaveProperty("e2e_latency.count", 500);
  });
});

describe("mqttd bench conn", () => {
  it.each(["3", "4", "5"])("keeps as many clients of version %s connected as the broker has, and takes leave of it", async (version) => {
    const { port, clock } = await startBroker({ settings: { sysIntervalSeconds: 1 } });
    const watcher = await TestClient.connect(port);
    const conn = new BenchRun("conn", port, { count: "50", version, json: "true", keepalive: "2" });
    await conn.reached("connected", 50);
    await conn.reached("ping_answered", 50);
    clock.advance(1_100);
    await says(watcher, "$SYS/broker/clients/connected", 51);
    conn.stop();
    expect(await conn.ended).toBe(0);
    expect(conn.summary).toMatchObject({ connected: 50, counts: { connect_succ: 50, connect_fail: 0, disconnected: 0 } });
    const second = await TestClient.connect(port);
    clock.advance(1_100);
    await says(second, "$SYS/broker/clients/connected", 2);
  });

  it("says who could not connect and why, and ends with 1 when nobody could", async () => {
    const { port, stop } = await startBroker();
    await stop();
    const conn = new BenchRun("conn", port, { count: "2", duration: "1" });
    expect(await conn.ended).toBe(1);
    expect(conn.out).toMatch(/^client\(1\): connect error - ECONNREFUSED/m);
    expect(conn.out).toMatch(/^\r1s connection_refused total=2 rate=[\d.]+\/sec$/m);
  });

  it("connects again as often as it may when the broker ends connections", async () => {
    const { port } = await startBroker();
    const conn = new BenchRun("conn", port, { count: "1", json: "true", reconnect: "infinity", prefix: "again", shortids: "true" });
    await conn.reached("connect_succ", 1);
    const thief = await TestClient.connect(port, { clientId: "again1" });
    await conn.reached("reconnect_succ", 1);
    await thief.closed;
    expect(conn.err).toContain("client(1): EXIT for ");
  });
});

describe("mqttd bench pub", () => {
  it("prints what emqtt-bench prints", async () => {
    const { port } = await startBroker();
    const pub = new BenchRun("pub", port, { topic: "t/%i", count: "2", limit: "10", interval_of_msg: "5", qos: "1" });
    expect(await pub.ended).toBe(0);
    expect(pub.out).toMatch(/^Start with 1 workers, addrs pool size: 1 and req interval: 1 ms\n\n/);
    for (const counter of ["pub total=10", "pub_succ total=10", "connect_succ total=2"]) {
      expect(pub.out).toMatch(new RegExp(`\r\\d+s ${counter} rate=\\d+\\.\\d\\d/sec\n`));
    }
    expect(pub.out).toMatch(/\r\d+s publish_latency avg=\d+ms\n/);
    expect(pub.out).toContain("\rpublish complete\n");
    expect(pub.out).toMatch(/p50 +p90 +p99 +p99\.9 +p99\.99 +max\n/);
  });

  it("speaks WebSocket", async () => {
    const { port } = await startBroker({ settings: { listeners: [{ name: "ws", host: "127.0.0.1", port: 0, transport: "ws" }] } });
    const sub = new BenchRun("sub", port, { topic: "w", ws: "true", json: "true", count: "1" });
    await sub.reached("sub", 1);
    const pub = new BenchRun("pub", port, {
      topic: "w",
      ws: "true",
      count: "1",
      limit: "3",
      interval_of_msg: "0",
      size: "70000",
      qos: "1",
    });
    expect(await pub.ended).toBe(0);
    await sub.reached("recv", 3);
  });
});
