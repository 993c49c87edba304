import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { ScramClient } from "../auth/scram-client.js";
import { passwordFile } from "../support/password-files.js";
import { TestClient } from "../support/test-client.js";
import { authPacket, bytesOfText, connectPacket, textOf } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Auth, Connack, Disconnect } = PacketType;
const { ContinueAuthentication: CONTINUE, ReAuthenticate: AGAIN, BadAuthenticationMethod, NotAuthorized, Success } = ReasonCode;
const METHOD = "SCRAM-SHA-256";

async function brokerWith(users: Readonly<Record<string, string>>) {
  const file = await passwordFile({ users, scheme: "scram-sha-256" });
  return withBroker({ authentication: [{ type: "scram", file }] });
}

/** A CONNECT that begins SCRAM, and what answers the proof. */
async function connecting(port: number, scram: ScramClient) {
  const client = await TestClient.open(port);
  client.send(connectPacket(5, { properties: { authenticationMethod: METHOD, authenticationData: bytesOfText(scram.first()) } }));
  const { reasonCode, properties } = await client.receive(Auth);
  expect([reasonCode, properties.authenticationMethod]).toEqual([CONTINUE, METHOD]);
  client.send(authPacket(CONTINUE, METHOD, scram.last(textOf(properties.authenticationData))));
  return { client, connack: await client.receive(Connack) };
}

describe("SCRAM-SHA-256 by AUTH", () => {
  it("lets in who proves the password, and proves the broker in CONNACK [MQTT-4.12.0-2] [MQTT-4.12.0-5]", async () => {
    const { port, broker } = await brokerWith({ alice: "secret" });
    const scram = new ScramClient({ userName: "alice", password: "secret" });
    const { client, connack } = await connecting(port, scram);
    expect(connack.reasonCode).toBe(Success);
    expect(connack.properties.authenticationMethod).toBe(METHOD);
    expect(textOf(connack.properties.authenticationData)).toBe(scram.serverSignature);
    await client.expectNothing();
    expect(broker.counters).toMatchObject({ authenticationsSucceeded: 1, authenticationsFailed: 0 });
  });

  it.each([
    ["another password", "alice", "wrong"],
    ["a user that there is not", "bob", "secret"],
  ])("keeps out %s, in the same way [MQTT-4.12.0-4]", async (_, userName, password) => {
    const { port, broker } = await brokerWith({ alice: "secret" });
    const { client, connack } = await connecting(port, new ScramClient({ userName, password }));
    expect(connack).toMatchObject({ reasonCode: NotAuthorized });
    expect(connack.properties).not.toHaveProperty("authenticationData");
    await client.expectClosed();
    expect(broker.counters.authenticationsFailed).toBe(1);
  });

  it("is the only way in where it is the only one said, by its own name [MQTT-4.12.0-1]", async () => {
    const { port } = await brokerWith({ alice: "secret" });
    const attempts = [
      [{ properties: { authenticationMethod: "SCRAM-SHA-256-PLUS" } }, BadAuthenticationMethod],
      [{ userName: "alice", password: bytesOfText("secret") }, ReasonCode.BadUserNameOrPassword],
      [{}, NotAuthorized],
    ] as const;
    for (const [fields, reasonCode] of attempts) {
      const client = await TestClient.open(port);
      client.send(connectPacket(5, fields));
      expect((await client.receive(Connack)).reasonCode).toBe(reasonCode);
      await client.expectClosed();
    }
  });

  it("is there on listeners that have it, and on no others", async () => {
    const file = await passwordFile({ users: { alice: "secret" }, scheme: "scram-sha-256" });
    const listeners = [
      { name: "scram", port: 0, authentication: [{ type: "scram", file }] },
      { name: "open", port: 0 },
    ];
    const { ports } = await withBroker({ listeners });
    await connecting(ports.scram!, new ScramClient({ userName: "alice", password: "secret" }));
    const client = await TestClient.open(ports.open!);
    client.send(connectPacket(5, { properties: { authenticationMethod: METHOD } }));
    expect((await client.receive(Connack)).reasonCode).toBe(BadAuthenticationMethod);
  });

  it("can be done again by the same user, and by no other [MQTT-4.12.1-1] [MQTT-4.12.1-2]", async () => {
    const { port } = await brokerWith({ alice: "secret", bob: "other" });
    const { client } = await connecting(port, new ScramClient({ userName: "alice", password: "secret" }));
    const again = async (scram: ScramClient) => {
      client.send(authPacket(AGAIN, METHOD, scram.first()));
      const { properties } = await client.receive(Auth);
      client.send(authPacket(CONTINUE, METHOD, scram.last(textOf(properties.authenticationData))));
    };
    const same = new ScramClient({ userName: "alice", password: "secret" });
    await again(same);
    expect(await client.receive(Auth)).toEqual(authPacket(Success, METHOD, same.serverSignature));
    await again(new ScramClient({ userName: "bob", password: "other" }));
    expect(await client.receive(Disconnect)).toMatchObject({ reasonCode: NotAuthorized });
    await client.expectClosed();
  });
});
