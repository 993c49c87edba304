import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type ConnectPacket, PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket } from "../support/test-client-packets.js";
import { type AdminBroker, startAdmin } from "./support.js";

async function answerTo(port: number, fields: Partial<ConnectPacket>): Promise<number> {
  const client = await TestClient.open(port);
  client.send(connectPacket(5, fields));
  return (await client.receive(PacketType.Connack)).reasonCode;
}

const ban = ({ get }: AdminBroker, body: object) => get("/api/v1/bans", { method: "POST", body });

describe("bans", () => {
  it.each([
    ["clientid", "evil", { clientId: "evil" }, { clientId: "good" }],
    ["username", "mallory", { userName: "mallory" }, { userName: "alice" }],
  ])("on a %s keep it out, and nobody else", async (as, who, banned, other) => {
    const broker = await startAdmin();
    expect(await ban(broker, { as, who, reason: "tried too hard" })).toMatchObject({
      status: 201,
      json: { as, who, by: "anyone", until: null },
    });
    expect(await answerTo(broker.port, banned)).toBe(ReasonCode.Banned);
    expect(await answerTo(broker.port, other)).toBe(ReasonCode.Success);
    expect((await broker.get("/api/v1/bans")).json.data).toMatchObject([{ as, who, reason: "tried too hard" }]);
    expect((await broker.get(`/api/v1/bans/${as}/${who}`, { method: "DELETE" })).status).toBe(204);
    expect(await answerTo(broker.port, banned)).toBe(ReasonCode.Success);
    expect((await broker.get(`/api/v1/bans/${as}/${who}`, { method: "DELETE" })).status).toBe(404);
  });

  it("on an address, or a block of them, keep everyone there out", async () => {
    const broker = await startAdmin();
    await ban(broker, { as: "peerhost", who: "127.0.0.0/8" });
    expect(await answerTo(broker.port, {})).toBe(ReasonCode.Banned);
    expect((await broker.get("/api/v1/bans/peerhost/127.0.0.0%2F8", { method: "DELETE" })).status).toBe(204);
    await ban(broker, { as: "peerhost", who: "10.0.0.1" });
    expect(await answerTo(broker.port, {})).toBe(ReasonCode.Success);
  });

  it("end connections that are open, and no others", async () => {
    const broker = await startAdmin();
    const evil = await TestClient.connect(broker.port, { clientId: "evil" });
    const good = await TestClient.connect(broker.port, { clientId: "good" });
    await ban(broker, { as: "clientid", who: "evil" });
    await evil.expectDisconnect(ReasonCode.AdministrativeAction);
    await good.expectNothing();
  });

  it("end by themselves, and take the place of one on the same", async () => {
    const broker = await startAdmin();
    await ban(broker, { as: "clientid", who: "c" });
    await ban(broker, { as: "clientid", who: "c", seconds: 60 });
    expect((await broker.get("/api/v1/bans")).json.data).toHaveLength(1);
    expect(await answerTo(broker.port, { clientId: "c" })).toBe(ReasonCode.Banned);
    broker.clock.advance(61_000);
    expect((await broker.get("/api/v1/bans")).json.data).toEqual([]);
    expect(await answerTo(broker.port, { clientId: "c" })).toBe(ReasonCode.Success);
  });

  it("show clients that were banned for connecting too often, and lift that", async () => {
    const broker = await startAdmin({ settings: { limits: { flapping: { enabled: true, maxCount: 1 } } } });
    expect(await answerTo(broker.port, { clientId: "c" })).toBe(ReasonCode.Success);
    expect(await answerTo(broker.port, { clientId: "c" })).toBe(ReasonCode.Banned);
    const { json } = await broker.get("/api/v1/bans");
    expect(json.data).toMatchObject([{ as: "flapping", who: "127.0.0.1 c", by: "mqttd" }]);
    expect((await broker.get(`/api/v1/bans/flapping/${encodeURIComponent("127.0.0.1 c")}`, { method: "DELETE" })).status).toBe(204);
    expect(await answerTo(broker.port, { clientId: "c" })).toBe(ReasonCode.Success);
  });

  it.each([
    [{ as: "clientid" }],
    [{ as: "peerhost", who: "here" }],
    [{ as: "peerhost", who: "10.0.0.0/33" }],
    [{ as: "somebody", who: "x" }],
    [{ as: "clientid", who: "x", seconds: 0 }],
  ])("are refused: %j", async (body) => {
    expect((await ban(await startAdmin(), body)).status).toBe(400);
  });

  it("outlive the broker beside its store, and hold without an admin port", async () => {
    const dataDir = folder();
    const first = await startAdmin({ settings: { dataDir } });
    await ban(first, { as: "clientid", who: "c", seconds: 600 });
    await first.stop();
    const second = await startAdmin({ settings: { dataDir } }, { port: "off" });
    expect(await answerTo(second.port, { clientId: "c" })).toBe(ReasonCode.Banned);
    expect(JSON.parse(readFileSync(join(dataDir, "bans.json"), "utf8"))).toMatchObject({ version: 1, bans: [{ who: "c" }] });
  });

  it("that cannot be read keep the broker from starting, rather than letting everyone in", async () => {
    const dataDir = folder();
    writeFileSync(join(dataDir, "bans.json"), "{");
    await expect(startAdmin({ settings: { dataDir } })).rejects.toThrow("bans.json holds no list of bans: mend it, or delete it");
  });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mqttd-bans-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
