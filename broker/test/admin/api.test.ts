import { describe, expect, it } from "vitest";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { configFrom } from "../../src/config/load-config.js";
import { openLog } from "../../src/log.js";
import { files } from "../config/problems-of.js";
import { TestClient } from "../support/test-client.js";
import { writtenFile } from "../support/written-file.js";
import { startAdmin } from "./support.js";

const KEPT = { properties: { sessionExpiryIntervalSeconds: 600 }, cleanStart: false };

describe("GET /api/v1/clients", () => {
  it("lists who is here and who is away, with what is known of them", async () => {
    const { get, port, clock } = await startAdmin();
    const here = await TestClient.connect(port, { clientId: "here", userName: "u1", keepAliveSeconds: 60 });
    await here.subscribe(["a/#", "b"]);
    const away = await TestClient.connect(port, { clientId: "away", ...KEPT });
    away.destroy();
    const { json } = await eventually(
      () => get("/api/v1/clients"),
      ({ json: { data } }) => data.some((one: { connected: boolean }) => !one.connected),
    );
    expect(json.meta).toEqual({});
    expect(json.data).toMatchObject([
      {
        ...{ clientid: "here", username: "u1", connected: true, ip_address: "127.0.0.1", proto_ver: 5, keepalive: 60, listener: "tcp" },
        ...{ subscriptions: 2, inflight: 0, clean_start: true, session_expiry_interval: 0, disconnected_at: null, tls: null },
        connected_at: Math.floor(clock.now() / 1_000) * 1_000,
      },
      { clientid: "away", connected: false, ip_address: null, session_expiry_interval: 600, clean_start: false, connected_at: null },
    ]);
  });

  it.each([
    ["clientid=c1", ["c1"]],
    ["clientid=none", []],
    ["like_clientid=c", ["c1", "c2"]],
    ["username=alice", ["c1"]],
    ["like_username=b", ["c2"]],
    ["ip_address=127.", ["c1", "c2", "d3"]],
    ["ip_address=10.", []],
    ["conn_state=disconnected", []],
    ["conn_state=connected&like_clientid=d", ["d3"]],
    ["listener=tcp&limit=1000", ["c1", "c2", "d3"]],
    ["listener=ws", []],
  ])("finds by %s", async (query, expected) => {
    const { get, port } = await startAdmin();
    for (const [clientId, userName] of [
      ["c1", "alice"],
      ["c2", "bob"],
      ["d3", undefined],
    ] as const) {
      await TestClient.connect(port, { clientId, ...(userName !== undefined && { userName }) });
    }
    const { json } = await get(`/api/v1/clients?${query}`);
    expect(json.data.map(({ clientid }: { clientid: string }) => clientid)).toEqual(expected);
  });

  it.each(["limit=0", "limit=1001", "limit=x", "cursor=abc", "conn_state=x", "nothing=1", "limit=1&limit=2"])(
    "refuses %s",
    async (query) => {
      const { get } = await startAdmin();
      expect((await get(`/api/v1/clients?${query}`)).status).toBe(400);
    },
  );

  it("is read page by page, each client once, though others come and go meanwhile", async () => {
    const { get, port } = await startAdmin();
    const clients: TestClient[] = [];
    for (let i = 0; i < 10; i++) clients.push(await TestClient.connect(port, { clientId: `c${i}` }));
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; ; page++) {
      const { json } = await get(`/api/v1/clients?limit=3${cursor}`);
      seen.push(...json.data.map(({ clientid }: { clientid: string }) => clientid));
      if (json.meta.cursor === undefined) break;
      cursor = `&cursor=${json.meta.cursor}`;
      if (page === 0) {
        clients[0]!.send({ type: 14, reasonCode: 0, properties: {} });
        await clients[0]!.closed;
      }
    }
    expect(seen).toEqual(clients.map((_, i) => `c${i}`));
  });

  it("goes on at a place that is not kept any more, by how many came before", async () => {
    const { get, port } = await startAdmin();
    for (let i = 0; i < 4; i++) await TestClient.connect(port, { clientId: `c${i}` });
    const first = await get("/api/v1/clients?limit=2");
    const path = `/api/v1/clients?limit=2&cursor=${first.json.meta.cursor}`;
    const [once, twice] = [await get(path), await get(path)];
    expect(once.json.data).toEqual(twice.json.data);
    expect(once.json.data.map(({ clientid }: { clientid: string }) => clientid)).toEqual(["c2", "c3"]);
  });
});

describe("a cursor", () => {
  async function pages() {
    const { get, port } = await startAdmin();
    for (const clientId of ["a", "b", "c"]) {
      await (await TestClient.connect(port, { clientId })).subscribe([`t/${clientId}`]);
      await get("/api/v1/publish", { method: "POST", body: { topic: `t/${clientId}`, payload: "x", retain: true } });
      await get("/api/v1/bans", { method: "POST", body: { as: "username", who: clientId } });
    }
    const cursorOf = async (list: string) => (await get(`/api/v1/${list}?limit=1`)).json.meta.cursor as string;
    return { get, cursorOf };
  }

  it.each([
    ["clients", "subscriptions"],
    ["subscriptions", "topics"],
    ["topics", "clients"],
    ["retained", "bans"],
    ["bans", "retained"],
    ["retained", "clients"],
  ])("of the list of %s is refused by that of %s", async (list, other) => {
    const { get, cursorOf } = await pages();
    const cursor = await cursorOf(list);
    expect(cursor).toEqual(expect.any(String));
    expect((await get(`/api/v1/${other}?cursor=${cursor}`)).status).toBe(400);
  });

  it("shows entries of its list only, whatever is asked for with it", async () => {
    const { get, cursorOf } = await pages();
    for (const [list, query] of [
      ["topics", "topic=t/a"],
      ["clients", "clientid=a"],
      ["subscriptions", "clientid=a"],
    ] as const) {
      expect((await get(`/api/v1/${list}?${query}&cursor=${await cursorOf(list)}`)).status, list).toBe(200);
    }
  });
});

describe("GET /api/v1/clients/:clientid", () => {
  it("tells of a client's queue, in-flight messages and subscriptions", async () => {
    const { get, port } = await startAdmin();
    const client = await TestClient.connect(port, { clientId: "a/b c", ...KEPT });
    await client.subscribe([{ topicFilter: "t", qos: 1 }]);
    const publisher = await TestClient.connect(port);
    publisher.publish("t", { qos: 1, payload: "12345" });
    await client.receive();
    const { json } = await get(`/api/v1/clients/${encodeURIComponent("a/b c")}`);
    expect(json).toMatchObject({ clientid: "a/b c", inflight: 1, delivered_msgs: 1, enqueued_msgs: 0, has_will_waiting: false });
    expect(json.topics).toMatchObject([{ clientid: "a/b c", topic: "t", qos: 1, nl: 0, rh: 0, rap: 0 }]);
    client.destroy();
    await eventually(
      () => get("/api/v1/clients/a%2Fb%20c"),
      (reply) => reply.json.connected === false,
    );
    publisher.publish("t", { qos: 1, payload: "12345" });
    const { json: away } = await eventually(
      () => get("/api/v1/clients/a%2Fb%20c"),
      (reply) => reply.json.enqueued_msgs === 1,
    );
    expect(away.expires_at).toBe(away.disconnected_at + 600_000);
  });

  it("says that there is none", async () => {
    const { get } = await startAdmin();
    expect((await get("/api/v1/clients/nobody")).status).toBe(404);
  });
});

describe("DELETE /api/v1/clients/:clientid", () => {
  it("ends the connection, with the reason, and the session", async () => {
    const { get, port, broker } = await startAdmin();
    const client = await TestClient.connect(port, { clientId: "c", ...KEPT });
    expect((await get("/api/v1/clients/c", { method: "DELETE" })).status).toBe(204);
    await client.expectDisconnect(ReasonCode.AdministrativeAction);
    expect((await get("/api/v1/clients/c")).status).toBe(404);
    expect(broker.counters.clientsConnected).toBe(0);
  });

  it("can leave the session", async () => {
    const { get, port } = await startAdmin();
    await TestClient.connect(port, { clientId: "c", ...KEPT });
    expect((await get("/api/v1/clients/c?session=keep", { method: "DELETE" })).status).toBe(204);
    expect((await get("/api/v1/clients/c")).json).toMatchObject({ connected: false });
    expect((await TestClient.connect(port, { clientId: "c", ...KEPT })).connack.sessionPresent).toBe(true);
  });
});

describe("subscriptions of the API", () => {
  it("are listed, and found", async () => {
    const { get, port } = await startAdmin();
    const one = await TestClient.connect(port, { clientId: "one" });
    await one.subscribe(["a/#", { topicFilter: "$share/g/b", qos: 1 }]);
    const two = await TestClient.connect(port, { clientId: "two" });
    await two.subscribe(["a/#"]);
    const topics = async (query: string) =>
      (await get(`/api/v1/subscriptions?${query}`)).json.data.map(({ clientid, topic }: Record<string, string>) => `${clientid} ${topic}`);
    expect(await topics("")).toEqual(["one a/#", "one $share/g/b", "two a/#"]);
    expect(await topics("clientid=two")).toEqual(["two a/#"]);
    expect(await topics("qos=1")).toEqual(["one $share/g/b"]);
    expect(await topics("share_group=g")).toEqual(["one $share/g/b"]);
    expect(await topics(`topic=${encodeURIComponent("a/#")}&limit=1`)).toEqual(["one a/#"]);
    expect(await topics("like_topic=b")).toEqual(["one $share/g/b"]);
    expect((await get("/api/v1/topics")).json.data.map(({ topic }: { topic: string }) => topic)).toEqual(["a/#", "b"]);
    expect((await get("/api/v1/topics?topic=b")).json.data).toHaveLength(1);
    expect((await get("/api/v1/topics?topic=c")).json.data).toHaveLength(0);
    expect((await get("/api/v1/topics?like_topic=a")).json.data).toHaveLength(1);
  });

  it("can be made and ended in a client's place", async () => {
    const { get, port } = await startAdmin();
    const client = await TestClient.connect(port, { clientId: "c" });
    const publisher = await TestClient.connect(port);
    publisher.publish("a/b", { payload: "kept", retain: true, qos: 1 });
    await publisher.receive();
    const made = await get("/api/v1/clients/c/subscriptions", { method: "POST", body: { topic: "a/#", qos: 1 } });
    expect([made.status, made.json]).toEqual([201, expect.objectContaining({ clientid: "c", topic: "a/#", qos: 1 })]);
    expect(await client.receiveTexts(1)).toEqual(["kept"]);
    expect((await get("/api/v1/clients/c/subscriptions/a%2F%23", { method: "DELETE" })).status).toBe(204);
    expect((await get("/api/v1/clients/c/subscriptions/a%2F%23", { method: "DELETE" })).status).toBe(404);
    publisher.publish("a/b", { payload: "none" });
    await client.expectNothing();
  });

  it.each([
    [{ topic: "a/#/b" }, 400],
    [{ topic: "$share/g/a", nl: 1 }, 400],
    [{ topic: "a", qos: 3 }, 400],
    [{ topic: "" }, 400],
    [{}, 400],
    [{ topic: "a", more: 1 }, 400],
    ["text", 400],
  ])("are refused: %j", async (body, status) => {
    const { get, port } = await startAdmin();
    await TestClient.connect(port, { clientId: "c" });
    expect((await get("/api/v1/clients/c/subscriptions", { method: "POST", body })).status).toBe(status);
  });
});

describe("POST /api/v1/publish", () => {
  it("publishes, says whether anyone has subscribed, and retains", async () => {
    const { get, port } = await startAdmin();
    const client = await TestClient.connect(port);
    await client.subscribe(["a"]);
    const publish = (body: object) => get("/api/v1/publish", { method: "POST", body });
    expect(await publish({ topic: "a", payload: "hällo", retain: true, properties: { content_type: "text/plain" } })).toMatchObject({
      status: 200,
      json: { matched: true },
    });
    const [message] = await client.receiveMessages(1);
    expect([Buffer.from(message!.payload).toString(), message!.properties.contentType]).toEqual(["hällo", "text/plain"]);
    expect((await publish({ topic: "b", payload: "AAH/", payload_encoding: "base64", retain: true })).json).toEqual({ matched: false });
    expect((await get("/api/v1/retained")).json.data).toMatchObject([
      { topic: "a", payload_bytes: 6 },
      { topic: "b", payload_bytes: 3 },
    ]);
    expect((await get("/api/v1/retained/a")).json).toMatchObject({ payload_text: "hällo", content_type: "text/plain" });
    expect((await get("/api/v1/retained/b")).json).toMatchObject({ payload_text: null, payload: "AAH/" });
    expect((await get("/api/v1/retained?topic=b")).json.data).toHaveLength(1);
    expect((await get("/api/v1/retained/a", { method: "DELETE" })).status).toBe(204);
    expect((await get("/api/v1/retained/a", { method: "DELETE" })).status).toBe(404);
    expect((await get("/api/v1/retained/a")).status).toBe(404);
    expect((await get("/api/v1/retained?topic=a%2F%23%2Fb")).status).toBe(400);
  });

  it.each([
    [{ topic: "a/+" }],
    [{ topic: "$SYS/broker/uptime" }],
    [{ topic: "a", payload: "?", payload_encoding: "base64" }],
    [{ topic: "a", qos: 3 }],
    [{ topic: "a", properties: { nothing: 1 } }],
  ])("refuses %j", async (body) => {
    const { get } = await startAdmin();
    expect((await get("/api/v1/publish", { method: "POST", body })).status).toBe(400);
  });

  it("keeps to the bounds of what is retained", async () => {
    const { get } = await startAdmin({ settings: { mqtt: { maxRetainedMessages: 1 } } });
    const publish = (topic: string) => get("/api/v1/publish", { method: "POST", body: { topic, payload: "x", retain: true } });
    expect((await publish("a")).status).toBe(200);
    expect((await publish("b")).json.detail).toBe("there is no room for another retained message");
  });
});

describe("listeners of the API", () => {
  it("can be stopped and started, and connections stay", async () => {
    const { get, port } = await startAdmin();
    const client = await TestClient.connect(port);
    expect((await get("/api/v1/listeners")).json.data).toMatchObject([
      { id: "tcp", type: "tcp", listen_on: `127.0.0.1:${port}`, running: true, current_conn: 1, max_conns: null },
    ]);
    expect((await get("/api/v1/listeners/tcp/stop", { method: "POST" })).json).toMatchObject({ running: false });
    await expect(TestClient.open(port)).rejects.toThrow("ECONNREFUSED");
    await client.expectNothing();
    const { json } = await get("/api/v1/listeners/tcp/start", { method: "POST" });
    expect(json).toMatchObject({ running: true, current_conn: 1 });
    await TestClient.connect(Number(json.listen_on.split(":")[1]));
    expect((await get("/api/v1/listeners/tcp/restart", { method: "POST" })).json).toMatchObject({ running: true });
    expect((await get("/api/v1/listeners/none/stop", { method: "POST" })).status).toBe(404);
  });
});

describe("the doctor of the API", () => {
  it("says what the broker has of what it needs, and compares with its pool's plan", async () => {
    const key = { comparison: "at-least", need: "required", setBy: ["node"], status: "set" };
    const plan = {
      ...{ format: "cdktf-broker-pools/tuning-plan", version: 1, pool: "eks/Brokers", platform: "eks-al2023", kubernetesVersion: "1.34" },
      ...{ profile: "million", hostNetwork: false },
      keys: [
        { ...key, key: "RLIMIT_NOFILE", wanted: "64", remedy: "raise it" },
        { ...key, key: "fs.file-max", wanted: "9999999999999999999", remedy: "roll the nodes" },
      ],
    };
    const { get } = await startAdmin({ settings: { planFile: writtenFile(JSON.stringify(plan)), maxConnections: 10 } });
    const { json } = await get("/api/v1/doctor");
    expect(json).toMatchObject({ ok: false, plan: { pool: "eks/Brokers" }, wrong: { required: 1 } });
    const checks = (json as { checks: { name: string }[] }).checks;
    expect(checks.find(({ name }) => name === "RLIMIT_NOFILE")).toMatchObject({ verdict: "ok", need: "required" });
    expect(checks.find(({ name }) => name === "fs.file-max")).toMatchObject({ verdict: "short", remedy: "roll the nodes" });
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(["open-files", "memory", "pids", "clock"]));
    const metrics = await get("/metrics");
    expect(metrics.text).toContain('mqttd_doctor_check_ok{check="RLIMIT_NOFILE",need="required"} 1');
    expect(metrics.text).toContain('mqttd_doctor_check_ok{check="fs.file-max",need="required"} 0');
  });
});

describe("settings of the API", () => {
  it("are shown as they are in force", async () => {
    const { get } = await startAdmin({ settings: { mqtt: { maxQos: 1 } } });
    expect((await get("/api/v1/config")).json).toMatchObject({ mqtt: { maxQos: 1 }, maxConnections: "off", admin: { host: "127.0.0.1" } });
  });

  it("cannot be read again where they came from no place", async () => {
    const { get } = await startAdmin();
    expect((await get("/api/v1/config/reload", { method: "POST" })).status).toBe(409);
  });

  it("are read again, and what has changed is in force", async () => {
    let more: object = { maxConnections: 1 };
    const load = () => {
      const always = { listeners: [{ name: "tcp", host: "127.0.0.1", port: 0, transport: "tcp" }], shutdownSeconds: 1, admin: { port: 0 } };
      return configFrom({ ...always, sysIntervalSeconds: 0, ...more }, files({}));
    };
    const { get, port } = await startAdmin({ load });
    const reload = () => get("/api/v1/config/reload", { method: "POST" });
    expect(await reload()).toMatchObject({ status: 200, json: { applied: ["maxConnections"], needs_restart: [] } });
    expect((await get("/api/v1/config")).json).toMatchObject({ maxConnections: 1 });
    await TestClient.connect(port);
    await expect(TestClient.connect(port)).rejects.toThrow("0x97");

    more = { maxConnections: 2, sysIntervalSeconds: 7 };
    expect((await reload()).json).toEqual({ applied: ["maxConnections"], needs_restart: ["sysIntervalSeconds"] });
    more = { maxConnections: -1 };
    expect(await reload()).toMatchObject({ status: 422, json: { detail: expect.stringContaining("maxConnections") } });
    expect((await get("/api/v1/config")).json).toMatchObject({ maxConnections: 2 });
    const metrics = (await get("/api/v1/broker/metrics")).json;
    expect([metrics["config.reloads"], metrics["config.reloads_refused"]]).toEqual([2, 1]);
  });

  it("change the log's level", async () => {
    const log = openLog({ level: "silent", format: "json" });
    const { get } = await startAdmin({ log });
    expect((await get("/api/v1/log/level")).json).toEqual({ level: "silent" });
    expect((await get("/api/v1/log/level", { method: "PUT", body: { level: "fatal" } })).json).toEqual({ level: "fatal" });
    expect(log.level).toBe("fatal");
  });
});

describe("numbers of the API", () => {
  it("tell what there is and what has happened", async () => {
    const { get, port } = await startAdmin();
    const client = await TestClient.connect(port);
    await client.subscribe(["a"]);
    expect((await get("/api/v1/broker/stats")).json).toMatchObject({ "connections.count": 1, "subscriptions.count": 1, "topics.count": 1 });
    expect((await get("/api/v1/broker/metrics")).json).toMatchObject({ "packets.connect": 1, "packets.subscribe.received": 1 });
    expect((await get("/api/v1/nodes")).json.data).toMatchObject([{ connections: 1, status: "ready", topics: 1 }]);
  });
});

async function eventually<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
