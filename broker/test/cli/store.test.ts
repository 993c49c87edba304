import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { temporaryFolder } from "../persistence/temporary-store.js";
import { TestClient } from "../support/test-client.js";
import { requireTool } from "../support/tools.js";
import { MqttdProcess } from "./mqttd-process.js";

const BROKER = resolve(import.meta.dirname, "../..");
const BUN = resolve(BROKER, "../node_modules/bun/bin/bun.exe");
const SESSION = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 1_000 } };

const bundle = join(BROKER, `dist/store-test-${process.pid}${"Bun" in globalThis ? "-bun" : ""}.mjs`);
beforeAll(() => void execFileSync("node", [join(BROKER, "build.mjs"), bundle], { stdio: "pipe" }));
afterAll(() => rmSync(bundle, { force: true }));

describe.each([
  ["Node", (context: TestContext) => requireTool(context, "node", "install Node.js 20 or newer")],
  ["Bun", () => BUN],
] as const)("mqttd on %s", (_, runtimeOf) => {
  const mqttd = (context: TestContext, ...args: string[]) => new MqttdProcess([runtimeOf(context), bundle], args);
  const start = (context: TestContext, dataDir: string) =>
    mqttd(context, "start", "--port", "0", "--ws-port", "off", "--log-format", "json", "--data-dir", dataDir);

  async function portOf(process: MqttdProcess): Promise<number> {
    const { port } = await process.logged("listening");
    await process.logged("ready");
    return Number(port);
  }

  /** A store with a session that is owed a message, and a retained message, of a broker that was killed. */
  async function killed(context: TestContext): Promise<string> {
    const dataDir = temporaryFolder();
    const process = start(context, dataDir);
    const port = await portOf(process);
    const client = await TestClient.connect(port, SESSION);
    await client.subscribe([{ topicFilter: "a", qos: 1 }]);
    const publisher = await TestClient.connect(port);
    publisher.publish("a", { qos: 1, packetId: 1, retain: true, payload: "kept" });
    await publisher.receive(PacketType.Puback);
    process.signal("SIGKILL");
    await process.ended();
    return dataDir;
  }

  it("keeps what was acknowledged when it is killed, and its folder does not stay locked", async (context) => {
    const dataDir = await killed(context);
    expect(readdirSync(dataDir).filter((name) => name.endsWith(".lock"))).toHaveLength(1);
    const process = start(context, dataDir);
    const again = await TestClient.connect(await portOf(process), SESSION);
    expect([again.connack.sessionPresent, await again.receiveTexts(1)]).toEqual([true, ["kept"]]);
    expect(readdirSync(dataDir).filter((name) => name.endsWith(".lock"))).toHaveLength(1);
  });

  it("leaves a folder alone that another broker has, and names that one", async (context) => {
    const dataDir = temporaryFolder();
    const first = start(context, dataDir);
    await first.logged("ready");
    for (const second of [start(context, dataDir), mqttd(context, "store", "check", "--data-dir", dataDir)]) {
      const { code, out, err } = await second.ended();
      expect(code).toBe(1);
      expect(out + err).toMatch(/the store in .* is in use by process \d+: stop that one first, or choose another folder with --data-dir/);
    }
    first.signal("SIGTERM");
    expect((await first.ended()).code).toBe(0);
    expect(readdirSync(dataDir).filter((name) => !name.endsWith(".journal"))).toEqual([]);
  });

  it("checks, exports and imports a store", async (context) => {
    const dataDir = await killed(context);
    const run = (...args: string[]) => mqttd(context, "store", ...args).ended();
    const check = await run("check", "--data-dir", dataDir);
    expect(check).toMatchObject({ code: 0, err: "" });
    expect(check.out).toContain("is whole");
    expect(check.out).toContain("  1 sessions, 1 subscriptions, 1 deliveries of 1 messages, 1 retained messages\n");

    const file = join(temporaryFolder(), "store.jsonl");
    expect((await run("export", "--data-dir", dataDir, file)).code).toBe(0);
    const exported = (await run("export", "--data-dir", dataDir)).out;
    expect(exported.split("\n").slice(1)).toEqual(readFileSync(file, "utf8").split("\n").slice(1));

    const copy = join(temporaryFolder(), "copy");
    expect(await run("import", "--data-dir", copy, file)).toMatchObject({ code: 0, err: "" });
    expect((await run("export", "--data-dir", copy)).out.split("\n").slice(1)).toEqual(exported.split("\n").slice(1));
    const twice = await run("import", "--data-dir", copy, file);
    expect([twice.code, twice.err]).toEqual([1, expect.stringContaining("is not empty")]);
    const again = await TestClient.connect(await portOf(start(context, copy)), SESSION);
    expect([again.connack.sessionPresent, await again.receiveTexts(1)]).toEqual([true, ["kept"]]);
  });

  it("imports all or nothing, and says which line is wrong", async (context) => {
    const dataDir = await killed(context);
    const exported = (await mqttd(context, "store", "export", "--data-dir", dataDir).ended()).out.trimEnd().split("\n");
    const cases: (readonly [string, readonly string[]])[] = [
      ["line 6: the last line of an export is missing", exported.slice(0, -1)],
      ["it is the last of 7 lines: some are missing", exported.toSpliced(5, 1)],
      ["line 2: it is not JSON", exported.with(1, "{")],
      ["line 2: subscription: client", exported.toSpliced(1, 1)],
    ];
    for (const [problem, lines] of cases) {
      const file = join(temporaryFolder(), "store.jsonl");
      const target = temporaryFolder();
      writeFileSync(file, `${lines.join("\n")}\n`);
      const { code, err } = await mqttd(context, "store", "import", "--data-dir", target, file).ended();
      expect([code, err]).toEqual([1, expect.stringContaining(problem.replace("subscription: ", ""))]);
      expect(readdirSync(target)).toEqual([]);
    }
  });

  it("says what is wrong with a store, with 1", async (context) => {
    const nowhere = await mqttd(context, "store", "check", "--data-dir", "/nowhere").ended();
    expect(nowhere).toEqual({ code: 1, out: "", err: "mqttd: there is no store in /nowhere: no such folder\n" });
    const off = await mqttd(context, "store", "export").ended();
    expect(off).toMatchObject({ code: 1, err: "mqttd: there is no store: dataDir is off; name its folder with --data-dir\n" });

    const dataDir = await killed(context);
    const path = join(dataDir, "00000001.journal");
    const bytes = readFileSync(path);
    bytes[4_096 + 40]! ^= 1;
    writeFileSync(path, bytes);
    const damaged = await mqttd(context, "store", "check", "--data-dir", dataDir).ended();
    expect([damaged.code, damaged.err]).toEqual([
      1,
      expect.stringMatching(/is damaged: 00000001.journal: the group at byte \d+ fails its checksum/),
    ]);
    const process = start(context, dataDir);
    expect(await process.logged("the broker cannot go on")).toMatchObject({ err: { message: expect.stringContaining("is damaged") } });
    expect((await process.ended()).code).toBe(1);
  });
});
