import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { RecordingLog } from "../log/recording-log.js";
import { eventually } from "../support/foreign-inbox.js";
import { passwordFile } from "../support/password-files.js";
import { TestClient } from "../support/test-client.js";
import { bytesOfText, connectPacket } from "../support/test-client-packets.js";
import { VERSIONS, withBroker } from "./support.js";

const { Connack } = PacketType;
const { BadUserNameOrPassword, NotAuthorized, ServerBusy, Success } = ReasonCode;

const credentials = (userName: string, password: string) => ({ userName, password: bytesOfText(password) });

/** The reason code of CONNACK; what 3.x is told is given as the code it stands for. */
async function outcome(port: number, fields: Parameters<typeof connectPacket>[1] = {}): Promise<number> {
  const version = fields.version ?? 5;
  const client = await TestClient.open(port, version);
  client.send(connectPacket(version, fields));
  const { reasonCode } = await client.receive(Connack);
  if (reasonCode !== Success) await client.expectClosed();
  return reasonCode;
}

describe.each(VERSIONS)("users of a password file, by MQTT %s", (_, version) => {
  it.each(["pbkdf2-sha512", "scrypt"] as const)("get in by their passwords, kept by %s, and nobody else [MQTT-3.1.4-2]", async (scheme) => {
    const file = await passwordFile({ users: { alice: "secret", bob: "other" }, scheme });
    const { port, broker } = await withBroker({ passwordFile: file });
    expect(await outcome(port, { version, ...credentials("alice", "secret") })).toBe(Success);
    expect(await outcome(port, { version, ...credentials("bob", "other") })).toBe(Success);
    for (const [userName, password] of [
      ["alice", "other"],
      ["carol", "secret"],
      ["alice", ""],
    ] as const) {
      expect(await outcome(port, { version, ...credentials(userName, password) })).toBe(BadUserNameOrPassword);
    }
    expect(await outcome(port, { version, userName: "alice" })).toBe(BadUserNameOrPassword);
    expect(await outcome(port, { version })).toBe(NotAuthorized);
    expect(broker.counters).toMatchObject({ authenticationsSucceeded: 2, authenticationsFailed: 5, authenticationsBusy: 0 });
  });
});

describe("a client without user name and password", () => {
  it("gets in on loopback only where that is said, once there is authentication", async () => {
    const file = await passwordFile({ users: { alice: "secret" } });
    const listeners = [
      { name: "closed", port: 0 },
      { name: "open", port: 0, allowAnonymous: true },
      { name: "without", port: 0, authentication: [], allowAnonymous: true },
    ];
    const { ports } = await withBroker({ listeners, passwordFile: file });
    expect(await outcome(ports.closed!)).toBe(NotAuthorized);
    expect(await outcome(ports.open!)).toBe(Success);
    expect(await outcome(ports.open!, credentials("alice", "wrong"))).toBe(BadUserNameOrPassword);
    expect(await outcome(ports.open!, credentials("stranger", "secret"))).toBe(BadUserNameOrPassword);
    expect(await outcome(ports.without!, credentials("stranger", "secret"))).toBe(Success);
  });
});

describe("listeners with authentication of their own", () => {
  it("ask those and nobody else", async () => {
    const [one, two] = [await passwordFile({ users: { alice: "1" } }), await passwordFile({ users: { bob: "2" } })];
    const listeners = [
      { name: "shared", port: 0 },
      { name: "own", port: 0, authentication: [{ type: "password-file", file: two }] },
      {
        name: "both",
        port: 0,
        authentication: [
          { type: "password-file", file: one },
          { type: "password-file", file: two },
        ],
      },
    ];
    const { ports } = await withBroker({ listeners, authentication: [{ type: "password-file", file: one }] });
    const outcomes = async (name: string) =>
      Promise.all([outcome(ports[name]!, credentials("alice", "1")), outcome(ports[name]!, credentials("bob", "2"))]);
    expect(await outcomes("shared")).toEqual([Success, BadUserNameOrPassword]);
    expect(await outcomes("own")).toEqual([BadUserNameOrPassword, Success]);
    expect(await outcomes("both")).toEqual([Success, Success]);
  });
});

describe("a storm of passwords", () => {
  it("is answered as far as the queue goes, and told that the server is busy beyond", async () => {
    const file = await passwordFile({ users: { alice: "secret" }, cost: 20_000 });
    const settings = { passwordFile: file, passwordHashing: { maxConcurrent: 1, maxWaiting: 10 } };
    const { port, broker } = await withBroker(settings);
    const clients = await Promise.all(Array.from({ length: 300 }, (_, i) => TestClient.open(port, i % 2 === 0 ? 5 : 4)));
    for (const [i, client] of clients.entries()) client.send(connectPacket(client.version, credentials("alice", `guess ${i}`)));
    const codes = await Promise.all(clients.map(async (client) => (await client.receive(Connack)).reasonCode));

    const { counters } = broker;
    expect(counters.authenticationsFailed + counters.authenticationsBusy).toBe(300);
    expect(counters.authenticationsFailed).toBeGreaterThanOrEqual(11);
    expect(counters.authenticationsBusy).toBeGreaterThan(0);
    expect(codes.filter((code) => code === BadUserNameOrPassword)).toHaveLength(counters.authenticationsFailed);
    // Server busy is Server unavailable in 3.1.1, 3.2.2.3.
    expect(codes.filter((code) => code === ServerBusy || code === ReasonCode.ServerUnavailable)).toHaveLength(counters.authenticationsBusy);
    expect(counters.connectsRefused[ServerBusy]).toBe(counters.authenticationsBusy);
    expect(await outcome(port, credentials("alice", "secret"))).toBe(Success);
  });

  it("of one right password is hashed once and admits everyone", async () => {
    const file = await passwordFile({ users: { fleet: "secret" }, cost: 20_000 });
    const { port, broker } = await withBroker({ passwordFile: file, passwordHashing: { maxConcurrent: 1, maxWaiting: 0 } });
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => outcome(port, credentials("fleet", "secret"))));
    expect(new Set(outcomes)).toEqual(new Set([Success]));
    expect(broker.counters.authenticationsSucceeded).toBe(300);
  });

  it("leaves nothing behind of clients that did not wait", async () => {
    const file = await passwordFile({ users: { alice: "secret" }, cost: 20_000 });
    const { port, broker } = await withBroker({ passwordFile: file, passwordHashing: { maxConcurrent: 1 } });
    const clients = await Promise.all(Array.from({ length: 50 }, () => TestClient.open(port)));
    for (const [i, client] of clients.entries()) {
      client.send(connectPacket(5, credentials("alice", i % 2 === 0 ? "secret" : `guess ${i}`)));
      client.destroy();
    }
    const { counters } = broker;
    await eventually(() => counters.connectionsClosed === 50, "the connections did not close");
    expect(await outcome(port, credentials("alice", "secret"))).toBe(Success);
    expect(counters.clientsConnected).toBe(1);
  });
});

it("passwords and hashes reach no log, whatever becomes of them", async () => {
  const file = await passwordFile({ users: { alice: "s3cret-word" } });
  const log = new RecordingLog();
  const { port, stop } = await withBroker({ passwordFile: file }, { log });
  await outcome(port, credentials("alice", "s3cret-word"));
  await outcome(port, credentials("alice", "wr0ng-word"));
  await outcome(port, credentials("nobody", "wr0ng-word"));
  await stop();
  const text = JSON.stringify(log.lines);
  expect(log.lines.length).toBeGreaterThan(0);
  for (const secret of ["s3cret-word", "wr0ng-word", "$7$"]) expect(text).not.toContain(secret);
});
