import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../../src/cli/run.js";
import { PacketType } from "../../src/codec/packet.js";
import { MOSQUITTO_VERSIONS, Mosquitto } from "../support/foreign-mosquitto.js";
import { passwordFile } from "../support/password-files.js";
import { startBroker } from "../support/start-broker.js";
import { startMosquitto } from "../support/start-mosquitto.js";
import { TestClient } from "../support/test-client.js";
import { bytesOfText, connectPacket } from "../support/test-client-packets.js";
import { requireTool } from "../support/tools.js";

describe.each(MOSQUITTO_VERSIONS)("mosquitto's clients with %s", (version) => {
  it("get in with user name and password, and not without", async (context) => {
    const broker = await startBroker({ settings: { passwordFile: await passwordFile({ users: { alice: "secret" }, scheme: "scrypt" }) } });
    const mosquitto = new Mosquitto(context, broker, ["-V", version, "-q", "1"]);
    await mosquitto.publish(["-u", "alice", "-P", "secret", "-t", "a", "-m", "x"]);
    for (const credentials of [["-u", "alice", "-P", "wrong"], ["-u", "bob", "-P", "secret"], []]) {
      expect((await mosquitto.tryToPublish([...credentials, "-t", "a", "-m", "x"])).exitCode).not.toBe(0);
    }
    expect(broker.broker.counters).toMatchObject({ authenticationsSucceeded: 1, authenticationsFailed: 3 });
  });
});

describe("a file that mqttd passwd has written", () => {
  it("lets users into a real mosquitto", async (context) => {
    const program = requireTool(context, "mosquitto", "apt-get install mosquitto");
    const folder = mkdtempSync(join(tmpdir(), "mqttd-mosquitto-"));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const users = join(folder, "users");
    for (const [name, password] of [
      ["alice", "s3cret"],
      ["böb", "p@ß w:ord"],
    ] as const)
      await addUser(users, name, password);

    chmodSync(users, 0o600);
    const port = await startMosquitto(program, ["allow_anonymous false", `password_file ${users}`]);

    const outcome = async (userName: string, password: string) => {
      const client = await TestClient.open(port);
      client.send(connectPacket(5, { userName, password: bytesOfText(password) }));
      return (await client.receive(PacketType.Connack)).reasonCode;
    };
    expect(await outcome("alice", "s3cret")).toBe(0);
    expect(await outcome("böb", "p@ß w:ord")).toBe(0);
    expect(await outcome("alice", "wrong")).not.toBe(0);
    expect(await outcome("böb", "s3cret")).not.toBe(0);
  });
});

/** `mqttd passwd`, as mosquitto can read it. */
async function addUser(file: string, user: string, password: string): Promise<void> {
  let problems = "";
  const terminal = {
    out: () => {},
    err: (text: string) => {
      problems += text;
    },
    isScreen: false,
    env: {},
    readFile: (path: string) => readFileSync(path, "utf8"),
    readSecret: async () => password,
    readInput: async () => "",
  };
  const create = user === "alice" ? ["--create"] : [];
  const code = await run(
    ["passwd", ...create, "--scheme", "pbkdf2-sha512", "--cost", "1000", file, user],
    terminal,
    async () => 1,
    async () => 1,
  );
  if (code !== 0) throw new Error(problems);
}
