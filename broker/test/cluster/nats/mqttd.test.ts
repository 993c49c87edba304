import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReasonCode } from "../../../src/codec/reason-code.js";
import { MqttdProcess } from "../../cli/mqttd-process.js";
import { startNatsServer } from "../../support/nats-server.js";
import { TestClient } from "../../support/test-client.js";

const BROKER = resolve(import.meta.dirname, "../../..");
const SLOW = { timeout: 60_000 };

describe("mqttd start --nats", SLOW, () => {
  let folder: string;
  let bundle: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mqttd-cluster-"));
    bundle = join(folder, "mqttd.mjs");
    execFileSync("node", [join(BROKER, "build.mjs"), bundle], { stdio: "pipe" });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = (url: string, ...more: readonly string[]) =>
    new MqttdProcess(
      [process.execPath, bundle],
      [
        "start",
        "--port",
        "0",
        "--ws-port",
        "off",
        "--admin-port",
        "off",
        "--nats",
        url,
        "--nats-replicas",
        "1",
        "--nats-dead-after-seconds",
        "2",
        ...more,
      ],
    );

  async function started(url: string, ...more: readonly string[]) {
    const mqttd = start(url, ...more);
    const joined = await mqttd.logged("joined the cluster");
    const { port } = await mqttd.logged("listening");
    return { mqttd, joined, port: Number(port) };
  }

  it("makes processes one broker, retained messages included, and says who is there", async (context) => {
    const { url } = await startNatsServer(context);
    const here = await started(url, "--nats-broker-name", "pod.0");
    const there = await started(url, "--nats-broker-name", "pod.1");
    expect(there.joined).toMatchObject({
      cluster: "mqttd",
      broker: expect.stringMatching(/^pod-1-[\da-f]{8}$/),
      peers: [here.joined.broker],
    });
    expect(await here.mqttd.logged("a peer has joined")).toMatchObject({ peer: there.joined.broker, peers: 1 });
    const subscriber = await TestClient.connect(there.port);
    await subscriber.subscribe(["a/+"]);
    const publisher = await TestClient.connect(here.port);
    publisher.publish("a/b", { payload: "kept", retain: true, qos: 1 });
    expect(await subscriber.receiveTexts(1)).toEqual(["kept"]);
    await publisher.receive();
    const late = await started(url);
    const reader = await TestClient.connect(late.port);
    await reader.subscribe(["#"]);
    const [message] = await reader.receiveMessages(1);
    expect([message!.topic, message!.retain]).toEqual(["a/b", true]);
    there.mqttd.signal("SIGTERM");
    expect((await there.mqttd.ended()).code).toBe(0);
    expect(await here.mqttd.logged("a peer has left")).toMatchObject({ peer: there.joined.broker });
  });

  it("closes all clients of a process that stood still for too long, and takes it back", async (context) => {
    const { url } = await startNatsServer(context);
    const here = await started(url);
    const there = await started(url, "--nats-cut-off-after-seconds", "off");
    const fenced = await TestClient.connect(there.port, { clientId: "c" });
    there.mqttd.signal("SIGSTOP");
    expect(await here.mqttd.logged("a peer has left")).toMatchObject({ peer: there.joined.broker });
    const heir = await TestClient.connect(here.port, { clientId: "c" });
    there.mqttd.signal("SIGCONT");
    await fenced.expectDisconnect(ReasonCode.SessionTakenOver);
    const again = await there.mqttd.logged("joined the cluster again");
    expect([again.broker === there.joined.broker, again.peers]).toEqual([false, [here.joined.broker]]);
    await heir.expectNothing();
    await TestClient.connect(there.port, { clientId: "c" });
    await heir.expectDisconnect(ReasonCode.SessionTakenOver);
  });

  it("takes over from a process that was killed, within seconds", async (context) => {
    const { url } = await startNatsServer(context);
    const here = await started(url);
    const there = await started(url);
    await TestClient.connect(there.port, { clientId: "c" });
    there.mqttd.signal("SIGKILL");
    const heir = await TestClient.connect(here.port, { clientId: "c" });
    await heir.expectNothing();
  });
});
