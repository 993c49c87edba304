import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { HookServer, json } from "../auth/hook-server.js";
import { NOW_SECONDS, TokenIssuer } from "../auth/token-issuer.js";
import { TestClient } from "../support/test-client.js";
import { bytesOfText, connectPacket } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const { Connack, Puback } = PacketType;
const ISSUER = new TokenIssuer("ES256", "first");

function written(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mqttd-jwt-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "key.pem");
  writeFileSync(path, text);
  return path;
}

const withTokens = (entry: object) => withBroker({ authentication: [{ type: "jwt", ...entry }] });
const bearing = (token: string, fields: object = {}) => ({ userName: "anyone", password: bytesOfText(token), ...fields });

async function refusal(port: number, version: 4 | 5, token: string): Promise<number> {
  const client = await TestClient.open(port, version);
  client.send(connectPacket(version, bearing(token)));
  const { reasonCode, properties } = await client.receive(Connack);
  expect(JSON.stringify(properties)).not.toMatch(/claim|expire|signature|token/i);
  await client.closed;
  return reasonCode;
}

describe("a client with a token", () => {
  it("may connect as long as it holds, and do what it says", async () => {
    const { port, clock } = await withTokens({ publicKeyFile: written(ISSUER.publicPem) });
    const acl = { pub: ["from/%u/%c"], sub: ["to/%u/#"] };
    const token = await ISSUER.sign({ exp: NOW_SECONDS + 60, acl });
    const client = await TestClient.connect(port, bearing(token, { clientId: "c1" }));
    for (const [topic, granted] of [["from/alice/c1", true] as const, ["from/anyone/c1", false] as const]) {
      client.publish(topic, { qos: 1 });
      expect((await client.receive(Puback)).reasonCode === ReasonCode.NotAuthorized).toBe(!granted);
    }
    const { reasonCodes } = await client.subscribe(["to/alice/x", "to/bob/x", "#", "$SYS/#"]);
    expect(reasonCodes).toEqual([0, ReasonCode.NotAuthorized, ReasonCode.NotAuthorized, ReasonCode.NotAuthorized]);
    clock.advance(64_000);
    await client.expectNothing();
    clock.advance(2_000); // 5 s are between the clocks
    await client.expectDisconnect(ReasonCode.MaximumConnectTime);
    expect(await refusal(port, 5, token)).toBe(ReasonCode.BadUserNameOrPassword);
  });

  it("is refused with the reason that its version has, and no other word [MQTT-3.1.4-2]", async () => {
    const { port } = await withTokens({ publicKeyFile: written(ISSUER.publicPem), clientIdClaim: "device" });
    expect(await refusal(port, 5, await ISSUER.sign({ exp: 1 }))).toBe(ReasonCode.BadUserNameOrPassword);
    expect(await refusal(port, 4, await ISSUER.sign({ exp: 1 }))).toBe(ReasonCode.BadUserNameOrPassword);
    expect(await refusal(port, 5, await ISSUER.sign({ device: "other" }))).toBe(ReasonCode.NotAuthorized);
    expect(await refusal(port, 4, await ISSUER.sign({ device: "other" }))).toBe(ReasonCode.NotAuthorized);
    expect(await refusal(port, 5, "no token")).toBe(ReasonCode.BadUserNameOrPassword);
  });

  it("may connect with a key that the issuer has changed to", async () => {
    const next = new TokenIssuer("ES256", "second");
    const server = await HookServer.start(json({ keys: [await ISSUER.jwk()] }));
    const { port, clock } = await withTokens({ jwks: server.url });
    await TestClient.connect(port, bearing(await ISSUER.sign()));
    server.behaviour = json({ keys: [await ISSUER.jwk(), await next.jwk()] });
    expect(await refusal(port, 5, await next.sign())).toBe(ReasonCode.BadUserNameOrPassword);
    clock.advance(30_000);
    await TestClient.connect(port, bearing(await next.sign()));
    expect(server.requests).toHaveLength(2);
  });
});
