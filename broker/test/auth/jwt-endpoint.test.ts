import { describe, expect, it, onTestFinished } from "vitest";
import { JwtAuthenticator } from "../../src/auth/jwt-authenticator.js";
import type { JwksEndpointSettings } from "../../src/auth/jwt-settings.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { ManualClock } from "../support/manual-clock.js";
import { type Behaviour, HookServer, json, reset, stall } from "./hook-server.js";
import { RecordingLog } from "./recording-log.js";
import { requestOf } from "./requests.js";
import { TokenIssuer } from "./token-issuer.js";

const OLD = new TokenIssuer("ES256", "old");
const NEW = new TokenIssuer("ES256", "new");
const BAD_TOKEN = { allowed: false, reasonCode: ReasonCode.BadUserNameOrPassword };
const UNAVAILABLE = { allowed: false, reasonCode: ReasonCode.ServerUnavailable };

const serving = async (...issuers: TokenIssuer[]) => json({ keys: await Promise.all(issuers.map((issuer) => issuer.jwk())) });

async function endpoint(behaviour: Behaviour, special: Partial<JwksEndpointSettings> = {}) {
  const server = await HookServer.start(behaviour);
  const parts = { clock: new ManualClock(), log: new RecordingLog() };
  const times = { refreshMs: 300_000, cooldownMs: 30_000, staleMs: 3_600_000, timeoutMs: 500 };
  const keys = { kind: "endpoint", url: server.url, ...times, ...special } as const;
  const settings = { from: "password", keys, algorithms: ["ES256"], requireExpiry: false, clockToleranceSeconds: 0 } as const;
  const authenticator = new JwtAuthenticator(
    { ...settings, disconnectAfterExpire: false, userClaim: "sub", verifyClaims: {}, aclClaim: "acl" },
    parts,
  );
  onTestFinished(() => authenticator.close());
  const ask = async (issuer: TokenIssuer) =>
    authenticator.authenticate(requestOf({ password: Buffer.from(await issuer.sign({ exp: undefined })) }));
  return { server, ask, ...parts };
}

describe("a JWKS endpoint", () => {
  it("is asked when the first token comes, once for all", async () => {
    const { server, ask } = await endpoint(await serving(OLD));
    expect(server.requests).toHaveLength(0);
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => ask(OLD)));
    expect(verdicts.every((verdict) => verdict?.allowed)).toBe(true);
    expect(server.requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("may rotate its keys: one that is not known yet is fetched", async () => {
    const { server, ask, clock } = await endpoint(await serving(OLD));
    await ask(OLD);
    server.behaviour = await serving(OLD, NEW);
    clock.advance(30_000);
    expect(await ask(NEW)).toMatchObject({ allowed: true });
    expect(await ask(OLD)).toMatchObject({ allowed: true });
    expect(server.requests).toHaveLength(2);
  });

  it("is asked for unknown keys no more often than the cool-down lets", async () => {
    const { server, ask, clock } = await endpoint(await serving(OLD));
    await ask(OLD);
    const strangers = Array.from({ length: 30 }, (_, i) => new TokenIssuer("ES256", `stranger-${i}`));
    for (const stranger of strangers) expect(await ask(stranger)).toEqual(BAD_TOKEN);
    expect(server.requests).toHaveLength(1);
    clock.advance(30_000);
    await Promise.all(strangers.map((stranger) => ask(stranger)));
    expect(server.requests).toHaveLength(2);
  });

  it("may take back a key: it is not used any more once keys are old", async () => {
    const { server, ask, clock } = await endpoint(await serving(OLD, NEW));
    await ask(OLD);
    server.behaviour = await serving(NEW);
    clock.advance(300_000);
    expect(await ask(OLD)).toMatchObject({ allowed: true });
    clock.advance(1);
    expect(await ask(OLD)).toEqual(BAD_TOKEN);
    expect(await ask(NEW)).toMatchObject({ allowed: true });
  });

  const broken: [string, Behaviour][] = [
    ["stalls", stall],
    ["resets", reset],
    ["answers with rubbish", (response) => response.end("<html>")],
    ["answers with another thing", json({ keys: "none" })],
    ["answers with megabytes", (response) => response.end(Buffer.alloc(2_000_000, " "))],
    ["is broken", json({ keys: [] }, 500)],
    ["sends elsewhere", (response) => response.writeHead(302, { location: "/" }).end()],
  ];

  it.each(broken)("that %s from the beginning lets nobody in until it answers", async (_, behaviour) => {
    const { server, ask, clock, log } = await endpoint(behaviour);
    for (let i = 0; i < 3; i++) expect(await ask(OLD)).toEqual(UNAVAILABLE);
    expect(server.requests).toHaveLength(1);
    server.behaviour = await serving(OLD);
    expect(await ask(OLD)).toEqual(UNAVAILABLE);
    clock.advance(30_000);
    expect(await ask(OLD)).toMatchObject({ allowed: true });
    expect(log.levels).toEqual(["warn", "info"]);
  });

  it.each(broken)("that %s later leaves its keys in use, for a while", async (_, behaviour) => {
    const { server, ask, clock, log } = await endpoint(await serving(OLD));
    await ask(OLD);
    server.behaviour = behaviour;
    clock.advance(300_001);
    for (let i = 0; i < 3; i++) expect(await ask(OLD)).toMatchObject({ allowed: true });
    expect(await ask(NEW)).toEqual(UNAVAILABLE);
    expect(server.requests.length).toBeLessThanOrEqual(3); // a kept connection that is reset is tried once more
    clock.advance(3_600_000);
    expect(await ask(OLD)).toEqual(UNAVAILABLE);
    expect(log.levels).toEqual(["warn", "debug"]);
  });

  it("may have keys that are of no use here", async () => {
    const secret = { kty: "oct", k: "c2VjcmV0", alg: "HS256" };
    const { ask } = await endpoint(json({ keys: [secret, { kty: "unheard-of" }, await OLD.jwk()] }));
    expect(await ask(OLD)).toMatchObject({ allowed: true });
    expect(await ask(new TokenIssuer("HS256"))).toEqual(BAD_TOKEN);
  });
});
