import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { SYSTEM_CLOCK } from "../../src/clock.js";
import { PacketType } from "../../src/codec/packet.js";
import { EMQX_NAMES } from "../../src/metrics/emqx-metrics.js";
import { metricName } from "../../src/metrics/reading-metrics.js";
import { READINGS } from "../../src/sys/readings.js";
import { SYS_CLUSTER_READINGS, SYS_READINGS } from "../../src/sys/sys-topics.js";
import { mqttd } from "../ctl/mqttd.js";
import { samplesIn, testFolder } from "../metrics/support.js";
import { startNatsServer } from "../support/nats-server.js";
import { TestClient } from "../support/test-client.js";
import { textOf } from "../support/test-client-packets.js";
import { mixedLoad } from "./mixed-load.js";
import { type AdminBroker, startAdmin } from "./support.js";

type Numbers = Readonly<Record<string, number>>;

/** What goes on in a process that nobody asks anything of, and what asking costs. */
const PROCESS = /^(heap|event_loop)\./;
/** Texts of `$SYS` are stored too, and load averages get shorter for a quarter of an hour. */
const PROCESS_AND_STORE = /^(heap|event_loop)\.|^messages\.stored\.bytes$/;
const SYS = "$SYS/broker/";
const STEPS = 150;
/** After which load averages of a few megabytes are below 10, and their texts as short as they get. */
const FADED_MS = 3 * 3_600_000;
const SLOW = { timeout: 60_000 };

/** Names that `/api/v1/broker` and `/api/v1/nodes` have for readings. */
const FACTS: Readonly<Record<string, string>> = {
  connections: "connections.count",
  sessions: "sessions.count",
  subscriptions: "subscriptions.count",
  topics: "topics.count",
  retained: "retained.count",
  received_msgs: "messages.received",
  sent_msgs: "messages.sent",
  dropped_msgs: "delivery.dropped",
};

/** The same numbers, as each place tells them. */
interface Told {
  readonly api: Numbers;
  readonly ctl: Numbers;
  /** As people read them. */
  readonly printed: Numbers;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly metrics: ReadonlyMap<string, number>;
  readonly sys: ReadonlyMap<string, string>;
}

async function apiNumbers({ get }: AdminBroker): Promise<Numbers> {
  return { ...(await get("/api/v1/broker/stats")).json, ...(await get("/api/v1/broker/metrics")).json };
}

/** `$SYS` without a client, which would count itself. */
async function sysTopics(broker: AdminBroker): Promise<Map<string, string>> {
  const shown = [...SYS_READINGS, ...SYS_CLUSTER_READINGS];
  const texts = await Promise.all(shown.map(async ([name]) => [name, await sysText(broker, name)] as const));
  return new Map(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}

async function sysText({ get }: AdminBroker, name: string): Promise<string | undefined> {
  return (await get(`/api/v1/retained/${encodeURIComponent(SYS + name)}`)).json.payload_text;
}

async function told(broker: AdminBroker): Promise<Told> {
  const admin = ["--admin", `http://127.0.0.1:${broker.adminPort}`];
  let ctl: Numbers = {};
  let printed: Numbers = {};
  for (const what of ["stats", "metrics"]) {
    ctl = { ...ctl, ...JSON.parse((await mqttd(["ctl", "broker", what, "--json", ...admin])).out) };
    const { out } = await mqttd(["ctl", "broker", what, ...admin]);
    printed = { ...printed, ...Object.fromEntries([...out.matchAll(/^(\S+) *: (\S+)$/gm)].map(([, key, value]) => [key, Number(value)])) };
  }
  return {
    api: await apiNumbers(broker),
    ctl,
    printed,
    facts: (await broker.get("/api/v1/broker")).json,
    metrics: samplesIn((await broker.get("/metrics")).text),
    sys: await sysTopics(broker),
  };
}

/** Of all that is told while nothing changes, from one publication of `$SYS` to after the next; `tick` awaits one. */
async function toldAtRest(broker: AdminBroker, moving: RegExp, tick: () => Promise<void>): Promise<Told> {
  for (;;) {
    const before = still(await apiNumbers(broker), moving);
    await tick();
    const all = await told(broker);
    const after = still(await apiNumbers(broker), moving);
    if (isDeepStrictEqual(before, still(all.api, moving)) && isDeepStrictEqual(before, after)) return all;
  }
}

function still(numbers: Numbers, moving: RegExp): Numbers {
  return Object.fromEntries(Object.entries(numbers).filter(([key]) => !moving.test(key)));
}

function expectOneTruth({ api, ctl, printed, facts, metrics, sys }: Told, moving: RegExp): void {
  for (const other of [ctl, printed]) {
    expect(still(other, moving)).toEqual(still(api, moving));
    expect(Object.keys(other)).toEqual(Object.keys(api));
  }
  for (const [name, key] of Object.entries(FACTS)) expect(facts[name], name).toBe(api[key]);

  const expectMetric = (sample: string, key: string, more = 0) => {
    const value = api[key];
    if (value === undefined || moving.test(key)) expect(metrics.has(sample), sample).toBe(value !== undefined);
    else expect(metrics.get(sample), sample).toBe(value + more);
  };
  for (const family of READINGS) {
    if (family.isSum) continue;
    for (const { key, labels } of family.readings) {
      const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      expectMetric(`${metricName(family)}${pairs.length > 0 ? `{${pairs}}` : ""}`, key);
    }
  }
  for (const [name, key] of EMQX_NAMES) expectMetric(name, key, key === "cluster.peers" ? 1 : 0); // itself

  for (const [name, key] of [...SYS_READINGS, ...SYS_CLUSTER_READINGS]) {
    const value = api[key];
    if (value === undefined || moving.test(key)) expect(sys.has(name), name).toBe(value !== undefined);
    else expect(sys.get(name), name).toBe(String(value));
  }
}

describe("at rest, after whatever clients have done, a number is the same in API, ctl, metrics and $SYS", SLOW, () => {
  it.each([1, 2, 3])("of a broker that is alone (seed %i)", async (seed) => {
    const settings = { sysIntervalSeconds: 5, metrics: { emqxNames: true }, dataDir: testFolder() };
    const broker = await startAdmin({ settings });
    await mixedLoad(seed, [broker.port], STEPS);
    broker.clock.advance(FADED_MS);
    const all = await toldAtRest(broker, PROCESS, async () => broker.clock.advance(5_000));
    for (const key of ["messages.sent", "retained.count", "sessions.offline.count", "store.groups_written", "messages.qos2.received"]) {
      expect(all.api[key], key).toBeGreaterThan(0);
    }
    expectOneTruth(all, PROCESS);

    const watcher = await TestClient.connect(broker.port, { clientId: "watcher" });
    await watcher.subscribe([`${SYS}#`]);
    const heard = new Map<string, string>();
    while ([...all.sys.keys()].some((name) => !heard.has(name))) {
      const { topic, payload } = await watcher.receive(PacketType.Publish);
      heard.set(topic.slice(SYS.length), textOf(payload));
    }
    for (const [name, text] of all.sys) expect(heard.get(name), name).toBe(text);
  });

  it("of each broker of a cluster, whichever is asked", async (context) => {
    const { url } = await startNatsServer(context);
    const join = (brokerName: string) =>
      startAdmin({
        clock: SYSTEM_CLOCK as never,
        settings: {
          nats: { servers: url, replicas: 1, storage: "memory", brokerName },
          ...{ sysIntervalSeconds: 2, metrics: { emqxNames: true }, shutdownSeconds: 10 },
        },
      });
    const brokers = [await join("pod-0"), await join("pod-1")];
    for (const { get } of brokers) while ((await get("/api/v1/nodes")).json.data.length < 2);
    await mixedLoad(
      4,
      brokers.map(({ port }) => port),
      STEPS,
    );
    for (const broker of brokers) {
      const all = await toldAtRest(broker, PROCESS_AND_STORE, async () => {
        const before = await sysText(broker, "uptime");
        while ((await sysText(broker, "uptime")) === before) await new Promise((resolve) => setTimeout(resolve, 20));
      });
      for (const key of ["messages.sent", "messages.forward", "messages.forwarded", "cluster.peers", "cluster.routes"]) {
        expect(all.api[key], key).toBeGreaterThan(0);
      }
      expectOneTruth(all, PROCESS_AND_STORE);
      const other = brokers.find((one) => one !== broker)!;
      const elsewhere = (await other.get(`/api/v1/broker/metrics?node=${all.facts.node}`)).json;
      expect(elsewhere["messages.forward"]).toBe(all.api["messages.forward"]);
    }
  });
});
