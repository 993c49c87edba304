import { describe, expect, it } from "vitest";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import { ReasonCode, returnCodeOf } from "../../src/codec/reason-code.js";
import { INVALID, type InvalidCase, perVersion, VALID } from "../codec/packets.js";
import { TestClient } from "../support/test-client.js";
import { withBroker } from "./support.js";

const { Connect, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Unsubscribe, Pingreq, Disconnect } = PacketType;

/** What a client may send while it is connected, apart from AUTH, which needs a method in CONNECT. */
const FROM_CLIENTS: readonly PacketType[] = [Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Unsubscribe, Pingreq, Disconnect];

/** Ways to say more or fewer bytes than there are: over a connection that is no error but the packets before and after. */
const isAboutFraming = ({ message }: InvalidCase) => message.startsWith("remaining length does not agree");
const isConnect = ({ bytes }: { readonly bytes: Uint8Array }) => bytes[0]! >> 4 === Connect;

/** A client that must not notice anything of the others. */
async function bystander(port: number): Promise<TestClient> {
  const client = await TestClient.connect(port);
  await client.subscribe(["bystander"]);
  return client;
}

async function isUnharmed(client: TestClient): Promise<void> {
  client.publish("bystander", { payload: "fine" });
  expect(await client.receiveTexts(1)).toEqual(["fine"]);
  await client.expectNothing();
}

describe("a packet that is not valid ends its connection, and no other", () => {
  it.each(perVersion(INVALID.filter((row) => !isConnect(row) && !isAboutFraming(row))))("%s", async (_, version, { bytes, error }) => {
    const { port } = await withBroker();
    const other = await bystander(port);
    const client = await TestClient.connect(port, { version });
    client.sendBytes(bytes);
    await client.expectDisconnect(error);
    await isUnharmed(other);
  });

  it.each(perVersion(INVALID.filter((row) => isConnect(row) && !isAboutFraming(row))))("%s", async (_, version, { bytes, error }) => {
    const { port } = await withBroker();
    const other = await bystander(port);
    const client = await TestClient.open(port, answeredIn(bytes, version));
    client.sendBytes(bytes);
    const isAnswered = bytes[0] === 0x10 && (client.version === 5 || returnCodeOf(error) !== undefined);
    if (isAnswered) expect(await client.receive(PacketType.Connack)).toMatchObject({ reasonCode: error, sessionPresent: false });
    await client.expectClosed();
    await isUnharmed(other);
  });
});

describe("a packet that is valid and may come from a client is accepted", () => {
  it.each(
    perVersion(
      VALID.filter(
        ({ packet }) => packet.type === Connect && packet.properties.authenticationMethod === undefined && packet.clientId !== "",
      ),
    ),
  )("%s", async (_, version, { bytes }) => {
    const { port } = await withBroker();
    const client = await TestClient.open(port, version);
    client.sendBytes(bytes);
    expect((await client.receive(PacketType.Connack)).reasonCode).toBe(ReasonCode.Success);
  });

  it.each(perVersion(VALID.filter(({ packet }) => isFromClient(packet))))("%s", async (_, version, { bytes, packet }) => {
    const { port } = await withBroker();
    const client = await TestClient.connect(port, { version, properties: version === 5 ? { sessionExpiryIntervalSeconds: 60 } : {} });
    client.sendBytes(bytes);
    if (packet.type === Disconnect) {
      await client.expectClosed();
      return;
    }
    client.send({ type: Pingreq });
    for (let answer = await client.receive(); answer.type !== PacketType.Pingresp; answer = await client.receive()) {
      expect(answer.type).not.toBe(Disconnect);
    }
  });
});

function isFromClient(packet: Packet): boolean {
  if (packet.type === Publish && (packet.topic === "" || packet.properties.subscriptionIdentifiers !== undefined)) return false;
  return FROM_CLIENTS.includes(packet.type);
}

/** A CONNECT is answered in the version it claims; in that of the row if it claims none that exists. */
function answeredIn(bytes: Uint8Array, version: ProtocolVersion): ProtocolVersion {
  const text = Buffer.from(bytes).toString("latin1");
  const level = text.charCodeAt(text.search(/MQTT|MQIsdp|MQTX/) + (text.includes("MQIsdp") ? 6 : 4));
  return Number.isNaN(level) ? version : level >= 5 ? 5 : level === 3 && text.includes("MQIsdp") ? 3 : 4;
}
