import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { VERSION } from "../../src/version.js";
import { TestClient } from "../support/test-client.js";
import { requireTool } from "../support/tools.js";
import { MqttdProcess } from "./mqttd-process.js";

const BROKER = resolve(import.meta.dirname, "../..");
const BUN = resolve(BROKER, "../node_modules/bun/bin/bun.exe");

let folder: string;
let bundle: string;

beforeAll(() => {
  // Nothing is beside it there: no package.json, no node_modules.
  folder = mkdtempSync(join(tmpdir(), "mqttd-bundle-"));
  bundle = join(folder, "mqttd.mjs");
  build(bundle);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function build(outfile: string): void {
  execFileSync("node", [join(BROKER, "build.mjs"), outfile], { stdio: "pipe" });
}

describe("the bundle", () => {
  it("is one executable file", () => {
    expect(statSync(bundle).mode & 0o111).toBe(0o111);
    expect(readFileSync(bundle, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it("names no folder of the machine that built it", () => {
    expect(readFileSync(bundle, "utf8")).not.toContain(BROKER);
  });

  it("has the version of its package", () => {
    expect(JSON.parse(readFileSync(join(BROKER, "package.json"), "utf8")).version).toBe(VERSION);
  });
});

describe.each([
  ["Node", (context: TestContext) => requireTool(context, "node", "install Node.js 20 or newer")],
  ["Bun", () => BUN],
] as const)("mqttd on %s", (name, runtimeOf) => {
  const start = (context: TestContext, args: readonly string[], env?: Readonly<Record<string, string>>) =>
    new MqttdProcess([runtimeOf(context), bundle], args, env);
  const free = ["start", "--port", "0", "--ws-port", "off"];

  it("prints its version and its help", async (context) => {
    expect(await start(context, ["--version"]).ended()).toEqual({ code: 0, out: `${VERSION}\n`, err: "" });
    const { code, out } = await start(context, ["start", "--help"]).ended();
    expect(code).toBe(0);
    expect(out).toContain("--mqtt-max-packet-bytes <number>");
    expect(out.trimEnd().split("\n").at(-1)).toContain("all sources together");
  });

  it("tells what bounds it, serves, and leaves with 0 on SIGTERM, telling its clients", async (context) => {
    const mqttd = start(context, free, { MQTTD_SHUTDOWN_SECONDS: "1" });
    expect(await mqttd.logged("limits of this broker")).toMatchObject({
      runtime: expect.stringMatching(name === "Bun" ? /^bun 1\./ : /^node \d+\./),
      connections: expect.any(Number),
      boundBy: expect.any(String),
    });
    const { port } = await mqttd.logged("listening");
    await mqttd.logged("ready");
    const client = await TestClient.connect(Number(port), { version: 5, clientId: "c" });
    mqttd.signal("SIGTERM");
    expect(await client.receive(PacketType.Disconnect)).toMatchObject({ reasonCode: 0x8b });
    const { code, err } = await mqttd.ended();
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  it("shows the dashboard as it was written, dashes and all", async (context) => {
    const mqttd = start(context, [...free, "--admin-port", "0"]);
    const { port } = await mqttd.logged("the admin port is open");
    const script = await (await fetch(`http://127.0.0.1:${port}/dashboard.js`)).text();
    expect(script).toContain('"–"');
    expect(script).not.toContain("â"); // what a dash begins with where UTF-8 is read as Latin-1
  });

  it("has its numbers on the admin port", async (context) => {
    const mqttd = start(context, [...free, "--admin-port", "0"]);
    const { port } = await mqttd.logged("the admin port is open");
    await mqttd.logged("ready");
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(metrics.status).toBe(200);
    expect(await metrics.text()).toContain("process_resident_memory_bytes");
  });

  it("serves operators, whom ctl is one of", async (context) => {
    const mqttd = start(context, [...free, "--admin-port", "0"]);
    const { port } = await mqttd.logged("the admin port is open");
    await mqttd.logged("ready");
    const ctl = start(context, ["ctl", "status", "--admin", `http://127.0.0.1:${port}`]);
    expect(await ctl.ended()).toMatchObject({ code: 0, out: expect.stringMatching(/^Node '.+' \S+ is started\n$/) });
    mqttd.signal("SIGTERM");
    expect((await mqttd.ended()).code).toBe(0);
    expect((await start(context, ["ctl", "status", "--admin", `http://127.0.0.1:${port}`]).ended()).code).toBe(3);
  });

  it("fails with the address when a port is taken", async (context) => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    onTestFinished(() => new Promise<void>((done) => void server.close(() => done())));
    const { port } = server.address() as { port: number };
    const mqttd = start(context, ["start", "--port", String(port), "--ws-port", "off"]);
    expect(await mqttd.logged("the broker cannot go on")).toMatchObject({
      level: "fatal",
      err: { message: expect.stringContaining(String(port)) },
    });
    expect((await mqttd.ended()).code).toBe(1);
  });

  it("refuses wrong settings on standard error with 1", async (context) => {
    const { code, out, err } = await start(context, ["config", "check"], { MQTTD_PORT: "high" }).ended();
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain('port is "high"; it takes a port from 0 (any free one) to 65535 (mend MQTTD_PORT in the environment)');
  });

  it("writes logs for people if told to, in the same process", async (context) => {
    const mqttd = start(context, [...free, "--log-format", "pretty", "--host", "256.0.0.1", "--allow-anonymous"]);
    const { code, out } = await mqttd.ended();
    expect(code).toBe(1);
    expect(out).toMatch(/^\[\d\d:\d\d:\d\d\.\d+\] INFO: starting \{"version"/);
    expect(out).toContain("FATAL: the broker cannot go on");
  });
});
