import { describe, expect, it, onTestFinished } from "vitest";
import { Broker } from "../../src/broker.js";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { configFrom } from "../../src/config/load-config.js";
import { openLog } from "../../src/log.js";
import { startBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket } from "../support/test-client-packets.js";

const log = openLog({ level: "silent", format: "json" });
const tcp = (name: string, settings: object = {}) => ({ name, host: "127.0.0.1", port: 0, transport: "tcp", ...settings });

async function refusal(port: number, version: 4 | 5): Promise<number> {
  const client = await TestClient.open(port, version);
  client.send(connectPacket(version));
  const { reasonCode } = await client.receive(PacketType.Connack);
  await client.closed;
  return reasonCode;
}

describe("a listener without allowAnonymous", () => {
  it("lets nobody in while there is no authenticator, and leaves other listeners alone", async () => {
    const config = configFrom({ listeners: [tcp("open"), tcp("closed")], sysIntervalSeconds: 0 }, () => "");
    const [open, closed] = config.listeners;
    const broker = new Broker({ ...config, listeners: [open!, { ...closed!, allowAnonymous: false }] }, { log });
    await broker.start();
    onTestFinished(() => broker.stop());

    const ports = broker.listeners.map(({ address }) => address.port);
    expect(await refusal(ports[1]!, 5)).toBe(ReasonCode.NotAuthorized);
    expect(await refusal(ports[1]!, 4)).toBe(ReasonCode.NotAuthorized);
    await TestClient.connect(ports[0]!);
  });
});

describe("maxConnections", () => {
  it.each([
    ["of a listener", { listeners: [tcp("tcp", { maxConnections: 1 })] }],
    ["of the broker", { maxConnections: 1 }],
  ])("%s refuses the next client with a reason, and takes it once there is room", async (_, settings) => {
    const { port } = await startBroker({ settings });
    const first = await TestClient.connect(port);

    expect(await refusal(port, 5)).toBe(ReasonCode.QuotaExceeded);
    expect(await refusal(port, 4)).toBe(ReasonCode.ServerUnavailable);

    first.send({ type: PacketType.Disconnect, reasonCode: 0, properties: {} });
    await first.closed;
    await TestClient.connect(port);
  });
});
