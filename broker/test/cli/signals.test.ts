import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { makeCertificates } from "../support/certificates.js";
import { TestClient } from "../support/test-client.js";
import { requireTool } from "../support/tools.js";
import { MqttdProcess } from "./mqttd-process.js";

const BROKER = resolve(import.meta.dirname, "../..");
const BUN = resolve(BROKER, "../node_modules/bun/bin/bun.exe");

let folder: string;
let bundle: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mqttd-signals-"));
  bundle = join(folder, "mqttd.mjs");
  execFileSync("node", [join(BROKER, "build.mjs"), bundle], { stdio: "pipe" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ["Node", (context: TestContext) => requireTool(context, "node", "install Node.js 20 or newer")],
  ["Bun", () => BUN],
] as const)("mqttd on %s", (name, runtimeOf) => {
  const file = () => join(folder, `${name}.json`);

  /** With this configuration file. */
  async function start(context: TestContext, settings: object, env: Readonly<Record<string, string>> = {}) {
    write(settings);
    const mqttd = new MqttdProcess([runtimeOf(context), bundle], ["start", "--config", file()], env);
    const { port } = await mqttd.logged("listening");
    await mqttd.logged("ready");
    return { mqttd, port: Number(port) };
  }

  function write(settings: object): void {
    writeFileSync(file(), JSON.stringify({ port: 0, wsPort: "off", ...settings }));
  }

  it("has room for the descriptors of as many clients as may come when it is ready", async (context) => {
    const { mqttd } = await start(context, { maxConnections: 3_000 });
    expect(readFileSync(`/proc/${mqttd.pid}/status`, "latin1")).toMatch(/^FDSize:\t4096$/m);
  });

  it("reads its file again at SIGHUP, and the environment as it was at start", async (context) => {
    const { mqttd, port } = await start(context, {}, { MQTTD_MQTT_MAX_QOS: "1" });
    const client = await TestClient.connect(port);
    write({ maxConnections: 1, sysIntervalSeconds: 3, mqtt: { maxQos: 2 } });
    mqttd.signal("SIGHUP");
    expect(await mqttd.logged("settings were read again")).toMatchObject({ level: "info", applied: ["maxConnections"] });
    expect(await mqttd.logged("other settings than those in force need a restart")).toMatchObject({
      level: "warn",
      settings: ["sysIntervalSeconds"],
    });
    await expect(TestClient.connect(port)).rejects.toThrow(`refused with 0x${ReasonCode.QuotaExceeded.toString(16)}`);
    await client.expectNothing();
  });

  it("reads its files again by itself when one that a setting names has changed, if told how often to look", async (context) => {
    const rules = join(folder, `${name}.acl`);
    writeFileSync(rules, "allow all a\n");
    const { mqttd } = await start(context, { aclFile: rules, reloadSeconds: 1 });
    // As Kubernetes does it: a new file takes the old one's place.
    writeFileSync(`${rules}.new`, "allow all b\n");
    renameSync(`${rules}.new`, rules);
    const { applied } = await mqttd.logged("settings were read again");
    expect(applied).toEqual([expect.stringContaining("authorization")]);

    writeFileSync(rules, "permit everything\n");
    expect(await mqttd.logged("settings were not taken over, those in force go on")).toMatchObject({ level: "error" });
  });

  it("refuses a file with mistakes, naming all of them, and goes on as it was", async (context) => {
    const { mqttd, port } = await start(context, {});
    const client = await TestClient.connect(port);
    write({ maxConnections: "few", mqtt: { maxQos: 3 } });
    mqttd.signal("SIGHUP");
    const { level, problems } = await mqttd.logged("settings were not taken over, those in force go on");
    expect(level).toBe("error");
    expect(problems).toEqual([expect.stringContaining("mqtt.maxQos is 3"), expect.stringContaining('maxConnections is "few"')]);
    await client.expectNothing();
    await TestClient.connect(port);
    writeFileSync(file(), "{");
    mqttd.signal("SIGHUP");
    expect((await mqttd.logged("settings were not taken over, those in force go on")).problems).toEqual([
      expect.stringContaining("it is not JSON"),
    ]);
    write({ maxConnections: 5 });
    mqttd.signal("SIGHUP");
    await mqttd.logged("settings were read again");
    await client.expectNothing();
  });

  it("shows another certificate after SIGHUP, while connections that are open live on", async (context) => {
    const { server, client: other } = makeCertificates(context);
    const listener = { name: "tls", transport: "tls", port: 0 };
    const tls = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
    writeFileSync(tls.certFile, server.cert);
    writeFileSync(tls.keyFile, server.key);
    writeFileSync(file(), JSON.stringify({ listeners: [{ ...listener, tls }] }));
    const mqttd = new MqttdProcess([runtimeOf(context), bundle], ["start", "--config", file()]);
    const port = Number((await mqttd.logged("listening")).port);
    await mqttd.logged("ready");
    const before = await reach(port);
    expect(nameShownTo(before)).toBe("localhost");

    writeFileSync(tls.certFile, other.cert);
    mqttd.signal("SIGHUP");
    expect((await mqttd.logged("settings were not taken over, those in force go on")).problems).toEqual([
      expect.stringContaining("is not the key of the certificate"),
    ]);
    expect(nameShownTo(await reach(port))).toBe("localhost");

    writeFileSync(tls.keyFile, other.key);
    mqttd.signal("SIGHUP");
    const line = await mqttd.logged("settings were read again");
    expect(line.applied).toEqual(["listeners[tls].tls.cert", "listeners[tls].tls.key"]);
    expect(JSON.stringify(line)).not.toContain("PRIVATE");
    expect(nameShownTo(await reach(port))).toBe("device-1");
    expect(before.closed).toBe(false);
  });

  it("tells 200 clients to go at SIGTERM, and ends with 0", async (context) => {
    const { mqttd, port } = await start(context, { drain: { disconnectRate: 1_000 } });
    const clients = await Promise.all(Array.from({ length: 200 }, () => TestClient.connect(port)));
    mqttd.signal("SIGTERM");
    for (const client of clients) {
      expect(await client.receive(PacketType.Disconnect)).toMatchObject({ reasonCode: ReasonCode.ServerShuttingDown });
    }
    await mqttd.logged("not ready");
    expect(await mqttd.logged("all clients have gone")).toMatchObject({ clients: 200, cutOff: 0 });
    expect(await mqttd.ended()).toMatchObject({ code: 0, err: "" });
  });

  it("ends at once at a second SIGTERM", async (context) => {
    const { mqttd, port } = await start(context, { drain: { delaySeconds: 3_600 } });
    const client = await TestClient.connect(port);
    mqttd.signal("SIGTERM");
    await mqttd.logged("not ready");
    await client.expectNothing();
    mqttd.signal("SIGTERM");
    expect((await mqttd.ended()).code).toBe(1);
  });
});

function reach(port: number): Promise<TLSSocket> {
  return new Promise((done, failed) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => done(socket));
    socket.once("error", failed);
    onTestFinished(() => void socket.destroy());
  });
}

function nameShownTo(socket: TLSSocket): unknown {
  return socket.getPeerCertificate().subject.CN;
}
