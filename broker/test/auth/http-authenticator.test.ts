import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { HttpAuthenticator } from "../../src/auth/http-authenticator.js";
import type { HttpHookSettings } from "../../src/auth/http-hook.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { describeAuthenticator } from "./authenticator.suite.js";
import { hookParts, hookSettings } from "./hook-parts.js";
import { type Behaviour, HookServer, json, reset, stall } from "./hook-server.js";
import { requestOf } from "./requests.js";

const ALLOW = json({ result: "allow" });
const DENY = json({ result: "deny" });

/** Knows alice; leaves those without a user name to others. */
const DIRECTORY: Behaviour = (response, question, request) => {
  const { username } = question as { username: string | null };
  json({ result: username === "alice" ? "allow" : username === null ? "ignore" : "deny" })(response, question, request);
};

const SUITE = new HookServer(DIRECTORY);
beforeAll(() => SUITE.listen());
afterAll(() => SUITE.close());

describeAuthenticator("HttpAuthenticator", () => authenticatorOf(SUITE).authenticator, {
  admitted: [{ userName: "alice" }],
  refused: [{ userName: "bob" }, { userName: "" }],
  unknown: [{ userName: undefined }],
});

function authenticatorOf({ url }: { readonly url: string }, special: Partial<HttpHookSettings> = {}) {
  const parts = hookParts();
  const authenticator = new HttpAuthenticator(hookSettings(url, special), parts);
  onTestFinished(() => authenticator.close());
  return { authenticator, ...parts };
}

describe("HttpAuthenticator", () => {
  it("says who wants to connect, and how", async () => {
    const server = await HookServer.start(ALLOW);
    const { authenticator } = authenticatorOf(server);
    const certificate = { commonName: "device-1", subjectAltNames: "DNS:a.example" };
    const peer = { address: "10.0.0.9", port: 5, localAddress: "10.0.0.1", localPort: 1 };
    await authenticator.authenticate(requestOf({ peer: { ...peer, tls: { version: "TLSv1.3", cipher: "", certificate } } }));
    await authenticator.authenticate(requestOf({ userName: undefined, password: undefined, version: 4, cleanStart: false, peer }));
    await authenticator.authenticate(requestOf({ password: new Uint8Array([0xff, 0x00]) }));
    expect(server.bodies.map((body) => JSON.parse(body))).toEqual([
      {
        clientid: "client",
        username: "user",
        password: "password",
        peerhost: "10.0.0.9",
        peerport: 5,
        listener: "tcp:default",
        proto_ver: 5,
        clean_start: true,
        tls: true,
        cert_common_name: "device-1",
        cert_subject_alt_names: "DNS:a.example",
      },
      expect.objectContaining({ username: null, password: null, proto_ver: 4, clean_start: false, tls: false, cert_common_name: null }),
      expect.objectContaining({ password: null, password_base64: "/wA=" }),
    ]);
  });

  it("takes rules and an end from the answer", async () => {
    const acl = [{ permission: "allow", action: "publish", topic: "t" }];
    const server = await HookServer.start(json({ result: "allow", acl, expire_at: 1_800_000_000 }));
    expect(await authenticatorOf(server).authenticator.authenticate(requestOf())).toEqual({
      allowed: true,
      rules: [{ permission: "allow", action: "publish", filters: ["t"] }],
      expiresAtMs: 1_800_000_000_000,
    });
  });

  it("refuses whose time is over", async () => {
    const server = await HookServer.start(json({ result: "allow", expire_at: 1 }));
    const verdict = await authenticatorOf(server).authenticator.authenticate(requestOf());
    expect(verdict).toEqual({ allowed: false, reasonCode: ReasonCode.NotAuthorized });
  });

  it("refuses whom the server denies as not authorised", async () => {
    const server = await HookServer.start(DENY);
    const verdict = await authenticatorOf(server).authenticator.authenticate(requestOf());
    expect(verdict).toEqual({ allowed: false, reasonCode: ReasonCode.NotAuthorized });
  });

  it.each<[string, Behaviour]>([
    ["stalls", stall],
    ["resets", reset],
    ["answers with rubbish", (response) => response.end("<html>")],
    ["answers with megabytes", (response) => response.end(Buffer.alloc(4_000_000, " "))],
    ["is broken", json({ result: "allow" }, 500)],
    ["is another", json({ result: "allow" }, 404)],
    ["sends elsewhere", (response) => response.writeHead(302, { location: "/" }).end()],
  ])("refuses all while the server %s, and says so once", async (_, behaviour) => {
    const server = await HookServer.start(behaviour);
    const { authenticator, log, counters } = authenticatorOf(server, { timeoutMs: 500 });
    for (let i = 0; i < 3; i++) {
      expect(await authenticator.authenticate(requestOf())).toEqual({ allowed: false, reasonCode: ReasonCode.ServerUnavailable });
    }
    server.behaviour = ALLOW;
    expect(await authenticator.authenticate(requestOf())).toEqual({ allowed: true });
    expect(log.levels).toEqual(["warn", "debug", "debug", "info"]);
    expect(log.text).not.toContain("password");
    expect(counters).toMatchObject({ hookQuestions: 4, hookFailures: 3 });
  });

  it("says so now and then while a server is up and down all the time", async () => {
    let count = 0;
    const server = await HookServer.start((...exchange) => json({ result: "allow" }, count++ % 2 === 0 ? 500 : 200)(...exchange));
    const { authenticator, log, clock } = authenticatorOf(server);
    for (let i = 0; i < 20; i++) await authenticator.authenticate(requestOf());
    expect(log.levels.filter((level) => level !== "debug")).toEqual(["warn", "info"]);
    clock.advance(10_000);
    await authenticator.authenticate(requestOf());
    expect(log.lines.at(-1)).toMatchObject({ level: "warn", fields: { reason: "status 500", failures: 10 } });
  });

  it("refuses as busy while as many wait as may, on no more connections than it may have", async () => {
    const server = await HookServer.start(stall);
    const { authenticator, counters } = authenticatorOf(server, { timeoutMs: 1_000, maxConnections: 4, maxWaiting: 20 });
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => authenticator.authenticate(requestOf())));
    const codes = verdicts.map((verdict) => (verdict?.allowed === false ? verdict.reasonCode : undefined));
    expect(codes.filter((code) => code === ReasonCode.ServerBusy)).toHaveLength(76);
    expect(codes.filter((code) => code === ReasonCode.ServerUnavailable)).toHaveLength(24);
    expect(counters).toMatchObject({ hookQuestions: 100, hookBusy: 76, hookFailures: 24 });
    expect(server.mostOpen).toBe(4);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it("asks each time, unless told to remember", async () => {
    const server = await HookServer.start(ALLOW);
    const { authenticator } = authenticatorOf(server);
    for (let i = 0; i < 3; i++) await authenticator.authenticate(requestOf());
    expect(server.bodies).toHaveLength(3);
  });

  it.each([
    ["allowed", ALLOW, { allowCacheMs: 1_000 }],
    ["denied", DENY, { denyCacheMs: 1_000 }],
  ])("remembers for a while who was %s", async (_, behaviour, special) => {
    const server = await HookServer.start(behaviour);
    const { authenticator, clock, counters } = authenticatorOf(server, special);
    const first = await authenticator.authenticate(requestOf());
    expect(authenticator.authenticate(requestOf({ peer: { ...requestOf().peer, port: 7 } }))).toEqual(first);
    expect([server.bodies.length, counters.hookCacheHits]).toEqual([1, 1]);
    clock.advance(1_000);
    await authenticator.authenticate(requestOf());
    expect(server.bodies).toHaveLength(2);
  });

  it.each([
    ["password", { password: Buffer.from("other") }],
    ["user name", { userName: "other" }],
    ["client identifier", { clientId: "other" }],
    ["address", { peer: { ...requestOf().peer, address: "10.0.0.9" } }],
    ["listener", { listener: "other" }],
  ])("remembers nothing about another %s", async (_, special) => {
    const server = await HookServer.start(ALLOW);
    const { authenticator } = authenticatorOf(server, { allowCacheMs: 1_000 });
    await authenticator.authenticate(requestOf());
    await authenticator.authenticate(requestOf(special));
    expect(server.bodies).toHaveLength(2);
  });

  it("remembers nobody for longer than he may stay, and no failure at all", async () => {
    const server = await HookServer.start(json({ result: "allow", expire_at: 1_700_000_001 }));
    const { authenticator, clock } = authenticatorOf(server, { allowCacheMs: 60_000, denyCacheMs: 60_000 });
    expect(await authenticator.authenticate(requestOf())).toMatchObject({ allowed: true });
    clock.advance(1_000);
    server.behaviour = json({}, 500);
    expect(await authenticator.authenticate(requestOf())).toMatchObject({ reasonCode: ReasonCode.ServerUnavailable });
    server.behaviour = ALLOW;
    expect(await authenticator.authenticate(requestOf())).toEqual({ allowed: true });
  });
});
