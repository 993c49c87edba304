import { createHmac } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { JwtAuthenticator } from "../../src/auth/jwt-authenticator.js";
import { algorithmsOf } from "../../src/auth/jwt-keys.js";
import type { JwtKeys, JwtSettings } from "../../src/auth/jwt-settings.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { ManualClock } from "../support/manual-clock.js";
import { describeAuthenticator } from "./authenticator.suite.js";
import { RecordingLog } from "./recording-log.js";
import { requestOf } from "./requests.js";
import { NOW_SECONDS, TokenIssuer } from "./token-issuer.js";

const BAD_TOKEN = { allowed: false, reasonCode: ReasonCode.BadUserNameOrPassword };
const NOT_AUTHORIZED = { allowed: false, reasonCode: ReasonCode.NotAuthorized };

const HMAC = new TokenIssuer("HS256");
const EC = new TokenIssuer("ES256");

const secretOf = (issuer: TokenIssuer): JwtKeys => ({ kind: "secret", secret: issuer.secret });
const publicKeyOf = (issuer: TokenIssuer): JwtKeys => ({ kind: "public-key", pem: issuer.publicPem });
const keySetOf = async (...issuers: TokenIssuer[]): Promise<JwtKeys> => ({
  kind: "key-set",
  text: JSON.stringify({ keys: await Promise.all(issuers.map((issuer) => issuer.jwk())) }),
});

function authenticatorOf(special: Partial<JwtSettings> = {}) {
  const parts = { clock: new ManualClock(), log: new RecordingLog() };
  const settings: JwtSettings = {
    from: "password",
    keys: secretOf(HMAC),
    algorithms: ["HS256"],
    requireExpiry: true,
    clockToleranceSeconds: 0,
    disconnectAfterExpire: true,
    userClaim: "sub",
    verifyClaims: {},
    aclClaim: "acl",
    ...special,
  };
  const authenticator = new JwtAuthenticator(settings, parts);
  onTestFinished(() => authenticator.close());
  const ask = (token: string, more: Parameters<typeof requestOf>[0] = {}) =>
    authenticator.authenticate(requestOf({ password: Buffer.from(token), ...more }));
  return { authenticator, ask, ...parts };
}

const GOOD = Buffer.from(await HMAC.sign());
const EXPIRED = Buffer.from(await HMAC.sign({ exp: NOW_SECONDS }));

describeAuthenticator("JwtAuthenticator", () => authenticatorOf().authenticator, {
  admitted: [{ password: GOOD }, { password: GOOD, userName: undefined }],
  refused: [{ password: EXPIRED }],
  unknown: [{ password: undefined }, { password: Buffer.from("secret") }, { password: Buffer.from("a.b.c") }],
});

describe("a token", () => {
  it("gives the client its name, and the time until which it may stay", async () => {
    const expected = { allowed: true, userName: "alice", expiresAtMs: (NOW_SECONDS + 3_600) * 1_000 };
    expect(await authenticatorOf().ask(await HMAC.sign(), { userName: "bob" })).toEqual(expected);
  });

  it("may be the user name, which is not passed on", async () => {
    const { authenticator } = authenticatorOf({ from: "username" });
    const verdict = await authenticator.authenticate(requestOf({ userName: await HMAC.sign(), password: undefined }));
    expect(verdict).toMatchObject({ allowed: true, userName: "alice" });
    expect(authenticator.authenticate(requestOf({ userName: undefined }))).toBeUndefined();
  });

  it.each(["RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"])(
    "may be signed by the key of a pair: %s",
    async (algorithm) => {
      const issuer = new TokenIssuer(algorithm);
      const { ask } = authenticatorOf({ keys: publicKeyOf(issuer), algorithms: algorithmsOf(issuer.publicPem) });
      expect(await ask(await issuer.sign())).toMatchObject({ allowed: true });
      expect(await ask(await new TokenIssuer(algorithm).sign())).toEqual(BAD_TOKEN);
    },
  );

  it("may be signed by any key of a set, by name or not", async () => {
    const named = new TokenIssuer("ES256", "a");
    const others = [new TokenIssuer("RS256", "b"), new TokenIssuer("ES256")];
    const { ask } = authenticatorOf({ keys: await keySetOf(named, ...others), algorithms: ["ES256", "RS256"] });
    for (const issuer of [named, ...others]) expect(await ask(await issuer.sign())).toMatchObject({ allowed: true });
    expect(await ask(await new TokenIssuer("ES256").sign())).toEqual(BAD_TOKEN);
    expect(await ask(await new TokenIssuer("ES256", "a").sign())).toEqual(BAD_TOKEN);
    expect(await ask(await new TokenIssuer("ES256", "c").sign())).toEqual(BAD_TOKEN);
  });

  it("is refused if nobody has signed it", async () => {
    const [, payload] = (await HMAC.sign()).split(".");
    const header = (alg: string) => Buffer.from(JSON.stringify({ alg })).toString("base64url");
    for (const alg of ["none", "None", "NONE", ""]) expect(await authenticatorOf().ask(`${header(alg)}.${payload}.`)).toEqual(BAD_TOKEN);
  });

  it("is refused if a public key was taken for a secret to sign it", async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = `${part({ alg: "HS256" })}.${part({ sub: "alice", exp: NOW_SECONDS + 60 })}`;
    const token = `${signed}.${createHmac("sha256", EC.publicPem).update(signed).digest("base64url")}`;
    for (const keys of [publicKeyOf(EC), await keySetOf(EC)]) {
      expect(await authenticatorOf({ keys, algorithms: ["ES256"] }).ask(token)).toEqual(BAD_TOKEN);
    }
  });

  it("is refused with an algorithm that is not accepted", async () => {
    expect(await authenticatorOf({ algorithms: ["HS512"] }).ask(await HMAC.sign())).toEqual(BAD_TOKEN);
    const rsa = new TokenIssuer("RS256");
    expect(await authenticatorOf({ keys: publicKeyOf(rsa), algorithms: ["PS256"] }).ask(await rsa.sign())).toEqual(BAD_TOKEN);
    expect(await authenticatorOf({ keys: publicKeyOf(EC), algorithms: ["ES256"] }).ask(await HMAC.sign())).toEqual(BAD_TOKEN);
  });

  it("is refused if one character of it is another", async () => {
    const token = await HMAC.sign();
    const { ask } = authenticatorOf();
    const [header = "", payload = ""] = token.split(".");
    for (const at of [header.length + 3, header.length + payload.length, header.length + payload.length + 5]) {
      const other = token[at] === "A" ? "B" : "A";
      expect(await ask(token.slice(0, at) + other + token.slice(at + 1))).toEqual(BAD_TOKEN);
    }
  });

  it.each([
    ["has expired", { exp: NOW_SECONDS }],
    ["has no end", { exp: undefined }],
    ["has no number for its end", { exp: "never" }],
    ["begins later", { nbf: NOW_SECONDS + 60 }],
    ["is of another issuer", { iss: "other" }],
    ["is of no issuer", { iss: undefined }],
    ["is for another audience", { aud: "other" }],
    ["is for no audience", { aud: undefined }],
  ])("is refused if it %s", async (_, claims) => {
    const { ask } = authenticatorOf({ issuer: "me", audience: ["you", "them"] });
    expect(await ask(await HMAC.sign({ iss: "me", aud: ["them"] }))).toMatchObject({ allowed: true });
    expect(await ask(await HMAC.sign({ iss: "me", aud: "you", ...claims }))).toEqual(BAD_TOKEN);
  });

  it("may be off by as much as clocks may", async () => {
    const { ask, clock } = authenticatorOf({ clockToleranceSeconds: 10 });
    const token = await HMAC.sign({ exp: NOW_SECONDS });
    expect(await ask(token)).toMatchObject({ allowed: true, expiresAtMs: (NOW_SECONDS + 10) * 1_000 });
    clock.advance(10_000);
    expect(await ask(token)).toEqual(BAD_TOKEN);
  });

  it("may be without an end, or outlive it, if the settings say so", async () => {
    expect(await authenticatorOf({ requireExpiry: false }).ask(await HMAC.sign({ exp: undefined }))).toEqual({
      allowed: true,
      userName: "alice",
    });
    expect(await authenticatorOf({ disconnectAfterExpire: false }).ask(await HMAC.sign())).toEqual({ allowed: true, userName: "alice" });
  });

  it.each([[undefined], [""], [7], [["alice"]], ["al\0ice"]])("does not let in who has no name: %j", async (sub) => {
    expect(await authenticatorOf().ask(await HMAC.sign({ sub }))).toEqual(NOT_AUTHORIZED);
  });

  it("may name the client by another claim", async () => {
    const { ask } = authenticatorOf({ userClaim: "name" });
    expect(await ask(await HMAC.sign({ name: "carol" }))).toMatchObject({ userName: "carol" });
    expect(await authenticatorOf({ userClaim: "constructor" }).ask(await HMAC.sign())).toEqual(NOT_AUTHORIZED);
  });

  it("may say which client may use it", async () => {
    const { ask } = authenticatorOf({ clientIdClaim: "device" });
    expect(await ask(await HMAC.sign({ device: "client" }))).toMatchObject({ allowed: true });
    for (const device of ["other", undefined, ["client"]]) expect(await ask(await HMAC.sign({ device }))).toEqual(NOT_AUTHORIZED);
  });

  it("has to have the claims that the settings ask for", async () => {
    const { ask } = authenticatorOf({ verifyClaims: { path: "%u/%c/%x", level: "3" } });
    const good = { path: "user/client/%x", level: 3 };
    expect(await ask(await HMAC.sign(good))).toMatchObject({ allowed: true });
    expect(await ask(await HMAC.sign({ ...good, path: "user/other/%x" }))).toEqual(NOT_AUTHORIZED);
    expect(await ask(await HMAC.sign({ ...good, level: undefined }))).toEqual(NOT_AUTHORIZED);
    expect(await ask(await HMAC.sign({ ...good, level: [3] }))).toEqual(NOT_AUTHORIZED);
    expect(await ask(await HMAC.sign({ ...good, path: "/client/%x" }), { userName: undefined })).toEqual(NOT_AUTHORIZED);
    expect(await ask(await HMAC.sign({ ...good, path: "%c/client/%x" }), { userName: "%c" })).toMatchObject({ allowed: true });
  });

  it("may have rules about what the client may do", async () => {
    const acl = { pub: ["a/${clientid}"], sub: ["b/#"] };
    expect(await authenticatorOf().ask(await HMAC.sign({ acl }))).toMatchObject({
      rules: [
        { permission: "allow", action: "publish", filters: ["a/${clientid}"] },
        { permission: "allow", action: "subscribe", filters: ["b/#"] },
        { permission: "deny", action: "all" },
      ],
    });
    expect(await authenticatorOf({ aclClaim: "rights" }).ask(await HMAC.sign({ acl, rights: [] }))).toMatchObject({ rules: [] });
  });

  it.each([[null], ["#"], [[{ permission: "allow" }]], [{ publish: ["a"] }]])("is refused with rules that are none: %j", async (acl) => {
    expect(await authenticatorOf().ask(await HMAC.sign({ acl }))).toEqual(NOT_AUTHORIZED);
  });

  it("waits while others are verified, unless as many wait as may", async () => {
    const { ask } = authenticatorOf();
    const token = await HMAC.sign();
    const verdicts = await Promise.all(Array.from({ length: 16 + 4_096 + 50 }, () => ask(token)));
    const busy = { allowed: false, reasonCode: ReasonCode.ServerBusy };
    expect(verdicts.filter((verdict) => verdict?.allowed)).toHaveLength(16 + 4_096);
    expect(verdicts.filter((verdict) => !verdict?.allowed)).toEqual(Array(50).fill(busy));
    expect(await ask(token)).toMatchObject({ allowed: true });
  });

  it("is refused if it is longer than any should be", async () => {
    const { ask } = authenticatorOf();
    expect(await ask(await HMAC.sign({ note: "x".repeat(8_000) }))).toMatchObject({ allowed: true });
    expect(await ask(await HMAC.sign({ note: "x".repeat(16_000) }))).toEqual(BAD_TOKEN);
  });

  it("is refused for a reason that only the log tells, without the token", async () => {
    const { ask, log } = authenticatorOf({ clientIdClaim: "device" });
    const refused = [await HMAC.sign({ exp: 1 }), await HMAC.sign({ device: "s3cr3t" }), await HMAC.sign({ sub: "s3cr3t", acl: "s3cr3t" })];
    for (const token of refused) await ask(token);
    expect(log.lines.map(({ fields }) => fields.reason)).toEqual(["ERR_JWT_EXPIRED", "claim device", "claim device"]);
    expect(log.levels).toEqual(["debug", "debug", "debug"]);
    expect(log.text).not.toContain("s3cr3t");
    for (const token of refused) expect(log.text).not.toContain(token.split(".")[1]);
  });
});
