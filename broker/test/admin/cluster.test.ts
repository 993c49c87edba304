import { beforeEach, describe, expect, it } from "vitest";
import { SYSTEM_CLOCK } from "../../src/clock.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { type NatsServer, startNatsServer } from "../support/nats-server.js";
import { TestClient } from "../support/test-client.js";
import { follow } from "./follow-stream.js";
import { type AdminBroker, startAdmin } from "./support.js";

const SLOW = { timeout: 60_000 };

describe("the admin API of a cluster", SLOW, () => {
  let server: NatsServer;
  let here: AdminBroker;
  let there: AdminBroker;

  beforeEach(async (context) => {
    server = await startNatsServer(context);
    [here, there] = [await join("pod-0"), await join("pod-1")];
    await eventually(async () => (await here.get("/api/v1/nodes")).json.data.length === 2);
  });

  const join = (brokerName: string, admin: object = {}) =>
    startAdmin(
      {
        clock: SYSTEM_CLOCK as never,
        settings: { nats: { servers: server.url, replicas: 1, storage: "memory", brokerName }, shutdownSeconds: 10 },
      },
      admin,
    );

  const ids = async (broker: AdminBroker, query = "") =>
    (await broker.get(`/api/v1/clients${query}`)).json.data.map(
      ({ clientid, node }: Record<string, string>) => `${clientid} ${node!.slice(0, 5)}`,
    );

  it("lists clients, subscriptions and topics of all brokers, or of one", async () => {
    const a = await TestClient.connect(here.port, { clientId: "a" });
    const b = await TestClient.connect(there.port, { clientId: "b" });
    await a.subscribe(["t/a"]);
    await b.subscribe(["t/b"]);
    for (const broker of [here, there]) {
      expect(await ids(broker)).toEqual(["a pod-0", "b pod-1"]);
      expect(await ids(broker, "?node=pod-1")).toEqual(["b pod-1"]);
      expect(await ids(broker, "?like_clientid=b")).toEqual(["b pod-1"]);
      const { json } = await broker.get("/api/v1/topics");
      expect(json.data.map(({ topic }: { topic: string }) => topic)).toEqual(["t/a", "t/b"]);
      expect((await broker.get("/api/v1/subscriptions?clientid=b")).json.data).toMatchObject([{ topic: "t/b" }]);
      expect((await broker.get("/api/v1/listeners")).json.data).toHaveLength(2);
    }
    expect((await here.get("/api/v1/clients?node=pod-7")).status).toBe(404);
  });

  it("has the numbers of all brokers, of the last hour and from second to second", async () => {
    const nodes = (data: readonly { readonly node: string }[]) => data.map(({ node }) => node.slice(0, 5)).sort();
    expect(nodes((await here.get("/api/v1/history")).json.data)).toEqual(["pod-0", "pod-1"]);
    const stream = await follow(here.adminPort);
    await stream.next(); // at once, before the other one is asked
    const { data, meta } = await stream.next();
    expect(nodes(data)).toEqual(["pod-0", "pod-1"]);
    expect(meta).toEqual({});
  });

  it("says who is there", async () => {
    const { json } = await here.get("/api/v1/cluster");
    expect(json).toMatchObject({
      name: "mqttd",
      ready: true,
      node: expect.stringMatching(/^pod-0-/),
      peers: [expect.stringMatching(/^pod-1-/)],
    });
    expect(Object.keys((await there.get("/api/v1/broker/stats?node=pod-0")).json)).toContain("cluster.peers");
  });

  it("goes from page to page, and from broker to broker, whichever is asked", async () => {
    for (let i = 0; i < 5; i++) await TestClient.connect(i % 2 === 0 ? here.port : there.port, { clientId: `c${i}` });
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; ; page++) {
      const { json } = await (page % 2 === 0 ? here : there).get(`/api/v1/clients?limit=2${cursor}`);
      seen.push(...json.data.map(({ clientid }: { clientid: string }) => clientid));
      if (json.meta.cursor === undefined) break;
      cursor = `&cursor=${json.meta.cursor}`;
    }
    expect(seen.sort()).toEqual(["c0", "c1", "c2", "c3", "c4"]);
  });

  it("finds a client, changes its subscriptions and kicks it, wherever it is", async () => {
    const client = await TestClient.connect(there.port, { clientId: "b" });
    expect((await here.get("/api/v1/clients/b")).json).toMatchObject({ clientid: "b", connected: true });
    expect((await here.get("/api/v1/clients/b/subscriptions", { method: "POST", body: { topic: "x" } })).status).toBe(201);
    expect((await here.get("/api/v1/clients/nobody")).status).toBe(404);
    expect((await here.get("/api/v1/clients/b", { method: "DELETE" })).status).toBe(204);
    await client.expectDisconnect(ReasonCode.AdministrativeAction);
  });

  it("shares bans, which close clients of other brokers too", async () => {
    const client = await TestClient.connect(there.port, { clientId: "evil" });
    expect((await here.get("/api/v1/bans", { method: "POST", body: { as: "clientid", who: "evil" } })).status).toBe(201);
    await client.expectDisconnect(ReasonCode.AdministrativeAction);
    await expect(TestClient.connect(there.port, { clientId: "evil" })).rejects.toThrow("0x8a");
    const late = await join("pod-2");
    await expect(TestClient.connect(late.port, { clientId: "evil" })).rejects.toThrow("0x8a");
    expect((await there.get("/api/v1/bans/clientid/evil", { method: "DELETE" })).status).toBe(204);
    await eventually(async () => (await here.get("/api/v1/bans")).json.data.length === 0);
    await TestClient.connect(here.port, { clientId: "evil" });
  });

  it("asks brokers that have no admin port of their own", async () => {
    const silent = await join("pod-2", { port: "off" });
    await TestClient.connect(silent.port, { clientId: "c" });
    await eventually(async () => (await here.get("/api/v1/nodes")).json.data.length === 3);
    expect((await here.get("/api/v1/clients/c")).json).toMatchObject({ clientid: "c" });
  });
});

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
