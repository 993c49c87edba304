import { describe, expect, it } from "vitest";
import { VERSION } from "../../src/version.js";
import { startAdmin } from "../admin/support.js";
import { TestClient } from "../support/test-client.js";
import { writtenFile } from "../support/written-file.js";
import { mqttd } from "./mqttd.js";

const KEPT = { properties: { sessionExpiryIntervalSeconds: 600 }, cleanStart: false };

async function broker(settings: Readonly<Record<string, unknown>> = {}, admin: object = {}) {
  const started = await startAdmin({ settings }, admin);
  const ctl = (...argv: string[]) => mqttd(["ctl", ...argv, "--admin", `http://127.0.0.1:${started.adminPort}`]);
  return { ...started, ctl };
}

describe("mqttd ctl prints as emqx ctl does", () => {
  it("status and broker", async () => {
    const { ctl } = await broker();
    expect((await ctl("status")).out).toMatch(new RegExp(`^Node '[^']+' ${VERSION.replaceAll(".", "\\.")} is started\\n$`));
    expect((await ctl("broker")).out).toMatch(
      /^sysdescr {2}: mqttd\nversion {3}: \d\S*\ndatetime {2}: \d{4}-\d\d-\d\dT\S+\nuptime {4}: \d+ seconds\n$/,
    );
    const stats = (await ctl("broker", "stats")).out.split("\n");
    expect(stats).toContain("connections.count             : 0");
    expect((await ctl("broker", "metrics")).out).toContain("packets.connect               : 0\n");
  });

  it("listeners", async () => {
    const { ctl, port } = await broker();
    await TestClient.connect(port);
    expect((await ctl("listeners")).out).toBe(
      [
        "tcp",
        `  listen_on       : 127.0.0.1:${port}`,
        "  proxy_protocol  : false",
        "  running         : true",
        "  current_conn    : 1",
        "  max_conns       : infinity",
        "",
      ].join("\n"),
    );
    expect((await ctl("listeners", "list")).out).toBe((await ctl("listeners")).out);
    expect((await ctl("listeners", "stop", "tcp")).out).toBe("Stop tcp listener successfully.\n");
    expect((await ctl("listeners", "start", "tcp")).out).toBe("Started tcp listener successfully.\n");
    expect((await ctl("listeners", "restart", "tcp")).out).toBe("Restarted tcp listener successfully.\n");
  });

  it("clients", async () => {
    const { ctl, port } = await broker();
    expect((await ctl("clients", "list")).out).toBe("No clients.\n");
    const client = await TestClient.connect(port, { clientId: "emqx_a", keepAliveSeconds: 60 });
    await client.subscribe(["t/1"]);
    const line =
      /^Client\(emqx_a, username=undefined, peername=127\.0\.0\.1:\d+, clean_start=true, keepalive=60, session_expiry_interval=0, subscriptions=1, inflight=0, awaiting_rel=0, delivered_msgs=0, enqueued_msgs=0, dropped_msgs=0, connected=true, created_at=\d{13}, connected_at=\d{13}\)\n$/;
    expect((await ctl("clients", "list")).out).toMatch(line);
    expect((await ctl("clients", "show", "emqx_a")).out).toMatch(line);
    expect((await ctl("clients", "list", "--like", "other")).out).toBe("No clients.\n");
    expect((await ctl("clients", "kick", "emqx_a")).out).toBe("ok\n");
    expect(await ctl("clients", "show", "emqx_a")).toEqual({ code: 1, out: "", err: "mqttd: there is no such client\n" });
  });

  it("a client that is away", async () => {
    const { ctl, port } = await broker();
    const client = await TestClient.connect(port, { clientId: "away", ...KEPT });
    client.send({ type: 14, reasonCode: 0, properties: {} });
    await client.closed;
    expect((await ctl("clients", "show", "away")).out).toMatch(/connected=false, created_at=\d{13}, disconnected_at=\d{13}\)\n$/);
  });

  it("subscriptions and topics", async () => {
    const { ctl, port } = await broker();
    await TestClient.connect(port, { clientId: "emqx_a" });
    expect((await ctl("subscriptions", "add", "emqx_a", "t/1", "1")).out).toBe("ok\n");
    expect((await ctl("subscriptions", "list")).out).toBe("emqx_a -> topic:t/1 qos:1 nl:0 rh:0 rap:0\n");
    expect((await ctl("subscriptions", "show", "emqx_a")).out).toBe("emqx_a -> topic:t/1 qos:1 nl:0 rh:0 rap:0\n");
    expect((await ctl("topics", "list")).out).toMatch(/^t\/1 -> \S+\n$/);
    expect((await ctl("topics", "show", "t/1")).out).toMatch(/^t\/1 -> \S+\n$/);
    expect((await ctl("subscriptions", "del", "emqx_a", "t/1")).out).toBe("ok\n");
    expect((await ctl("subscriptions", "list")).out).toBe("No subscriptions.\n");
    expect((await ctl("topics", "list")).out).toBe("No topics.\n");
  });

  it("retained messages, and publishes them", async () => {
    const { ctl } = await broker();
    expect((await ctl("publish", "a/b", "hello", "--retain")).out).toBe("ok, no subscriber\n");
    expect((await ctl("retained", "list")).out).toBe("a/b\n");
    expect((await ctl("retainer", "info")).out).toBe("Number of retained messages: 1\n");
    expect((await ctl("retained", "show", "a/b")).out).toBe(
      "topic         : a/b\nqos           : 0\nfrom_clientid : \npayload       : hello\n",
    );
    expect((await ctl("retained", "delete", "a/b")).out).toBe("ok\n");
    expect((await ctl("retained", "list")).out).toBe("No retained messages.\n");
  });

  it("the cluster, bans, settings and the log", async () => {
    const { ctl } = await broker();
    expect((await ctl("cluster", "status")).out).toMatch(/^Cluster status: #\{running_nodes => \['[^']+'\],stopped_nodes => \[\]\}\n$/);
    expect((await ctl("bans", "add", "clientid", "evil", "--reason", "spam", "--seconds", "60")).out).toBe("ok\n");
    expect((await ctl("bans", "list")).out).toMatch(/^Banned\(clientid:evil, by=anyone, reason=spam, at=\S+Z, until=\S+Z\)\n$/);
    expect((await ctl("bans", "del", "clientid", "evil")).out).toBe("ok\n");
    expect((await ctl("bans", "list")).out).toBe("No bans.\n");
    expect((await ctl("log", "level")).out).toBe("silent\n");
    expect((await ctl("log", "level", "fatal")).out).toBe("fatal\n");
    expect(JSON.parse((await ctl("config", "show")).out)).toMatchObject({ maxConnections: "off" });
    expect((await ctl("config", "reload")).code).toBe(1);
  });
});

describe("mqttd ctl", () => {
  it("prints what the API answers with --json, wherever that stands", async () => {
    const { ctl, port } = await broker();
    expect(JSON.parse((await ctl("clients", "list", "--json")).out)).toEqual([]);
    for (let i = 0; i < 3; i++) await TestClient.connect(port, { clientId: `c${i}` });
    expect(JSON.parse((await ctl("--json", "clients", "list")).out)).toMatchObject([
      { clientid: "c0" },
      { clientid: "c1" },
      { clientid: "c2" },
    ]);
    expect(JSON.parse((await ctl("status", "--json")).out)).toMatchObject({ status: "ready" });
  });

  it("reads long lists page by page", async () => {
    const { ctl, get } = await broker();
    for (let i = 0; i < 1_050; i++) await get("/api/v1/publish", { method: "POST", body: { topic: `t/${i}`, payload: "x", retain: true } });
    expect((await ctl("retained", "list")).out.trim().split("\n")).toHaveLength(1_050);
  });

  it.each([
    [["clients"], 2],
    [["clients", "kick"], 2],
    [["nothing"], 2],
    [["broker", "x"], 2],
    [["bans", "add", "address", "x"], 2],
    [["subscriptions", "add", "c", "t", "3"], 2],
    [["status", "--watch", "x"], 2],
    [["clients", "show", "nobody"], 1],
  ])("ctl %j ends with %i", async (argv, expected) => {
    const { ctl } = await broker();
    expect((await ctl(...argv)).code).toBe(expected);
  });

  it("ends with 3 where nobody answers, and says what to look at", async () => {
    const { adminPort, stop } = await broker();
    await stop();
    const { code, err } = await mqttd(["ctl", "status", "--admin", `http://127.0.0.1:${adminPort}`]);
    expect(code).toBe(3);
    expect(err).toMatch(/does not answer \((ECONNREFUSED|ConnectionRefused)\)/);
    expect(err).toContain("is mqttd running, and its admin port open?");
  });

  it("brings a token from the environment, or a file", async () => {
    const token = "a-token-of-an-operator";
    const { adminPort } = await broker({}, { tokensFile: writtenFile(`admin ${token} ops\n`) });
    const argv = ["ctl", "status", "--admin", `http://127.0.0.1:${adminPort}`];
    expect(await mqttd(argv)).toMatchObject({ code: 1, err: expect.stringContaining("set MQTTD_ADMIN_TOKEN, or use --token-file") });
    expect((await mqttd(argv, { env: { MQTTD_ADMIN_TOKEN: token } })).code).toBe(0);
    expect((await mqttd([...argv, "--token-file", "t"], { files: { t: `${token}\n` } })).code).toBe(0);
  });

  it("finds the broker of its container by itself: by the flags of the first process, the file they name, and the tokens", async () => {
    const token = "a-token-of-an-operator";
    const { adminPort } = await broker({}, { tokensFile: writtenFile(`read only-for-reading-here\nadmin ${token} ops\n`) });
    const files = {
      "/proc/1/cmdline": ["node", "mqttd.js", "start", "--config", "/etc/mqttd.yaml", ""].join("\0"),
      "/etc/mqttd.yaml": `admin: {host: 0.0.0.0, port: ${adminPort}, tokensFile: /secret/tokens}`,
      "/secret/tokens": `admin sha256:${"0".repeat(64)} hidden\nread only-for-reading-here\nadmin ${token} ops\n`,
    };
    expect((await mqttd(["ctl", "log", "level", "fatal"], { files })).out).toBe("fatal\n");
    expect((await mqttd(["ctl", "status"], { env: { MQTTD_ADMIN_PORT: String(adminPort), MQTTD_ADMIN_TOKEN: token } })).code).toBe(0);
  });

  it("says that there is no admin port here", async () => {
    const { code, err } = await mqttd(["ctl", "status"], { env: { MQTTD_ADMIN_PORT: "off" } });
    expect([code, err]).toEqual([1, expect.stringContaining("name the admin port by --admin")]);
  });
});
