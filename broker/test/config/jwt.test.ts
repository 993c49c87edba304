import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it, type TestContext } from "vitest";
import type { AuthenticatorConfig } from "../../src/config/config.js";
import { loadConfig, loadSettings } from "../../src/config/load-config.js";
import { TokenIssuer } from "../auth/token-issuer.js";
import { makeCertificates } from "../support/certificates.js";
import { problemsOf, sources } from "./problems-of.js";

const SECRET = "0123456789abcdef0123456789abcdef";
const RSA = new TokenIssuer("RS256");
const EC = new TokenIssuer("ES256");
const weak = generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey.export({ type: "spki", format: "pem" }).toString();
const others = {
  secret: `${SECRET}\n`,
  "secret.b64": Buffer.from(SECRET).toString("base64"),
  short: "0123456789\n",
  "rsa.pem": RSA.publicPem,
  "rsa.key": RSA.privatePem,
  "ec.pem": EC.publicPem,
  "weak.pem": weak,
  "keys.json": JSON.stringify({ keys: [await EC.jwk()] }),
  "no-keys.json": '{"keys": "none"}',
};

const file = (entry: object) => JSON.stringify({ dataDir: "off", authentication: [{ type: "jwt", ...entry }] });

function settingsOf(entry: object): Extract<AuthenticatorConfig, { type: "jwt" }> {
  const [settings] = loadConfig(sources({ file: file(entry), others })).listeners[0]!.authentication;
  if (settings?.type !== "jwt") throw new Error("no jwt");
  return settings;
}

const refused = (entry: object) => problemsOf({ file: file(entry), others }).join("\n");

describe("an entry of authentication for tokens", () => {
  it.each([
    ["a secret", { secretFile: "secret" }, ["HS256", "HS384", "HS512"]],
    ["a secret in base64", { secretFile: "secret.b64", secretEncoding: "base64" }, ["HS256", "HS384", "HS512"]],
    ["an RSA key", { publicKeyFile: "rsa.pem" }, ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]],
    ["an EC key", { publicKeyFile: "ec.pem" }, ["ES256"]],
    ["an RSA key for one algorithm", { publicKeyFile: "rsa.pem", algorithms: ["PS512"] }, ["PS512"]],
  ])("accepts what goes with %s", (_, entry, algorithms) => {
    expect(settingsOf(entry).algorithms).toEqual(algorithms);
  });

  it("reads a secret as it is meant", () => {
    const expected = { kind: "secret", secret: Buffer.from(SECRET).toString("base64") };
    expect(settingsOf({ secretFile: "secret" }).keys).toEqual(expected);
    expect(settingsOf({ secretFile: "secret.b64", secretEncoding: "base64" }).keys).toEqual(expected);
  });

  it("takes a set of keys from a file or an endpoint, never for a secret", () => {
    expect(settingsOf({ jwks: "keys.json" }).keys).toMatchObject({ kind: "key-set" });
    const { keys, algorithms } = settingsOf({ jwks: "https://id.example/keys" });
    expect(keys).toEqual({
      kind: "endpoint",
      url: "https://id.example/keys",
      refreshMs: 300_000,
      cooldownMs: 30_000,
      staleMs: 3_600_000,
      timeoutMs: 5_000,
    });
    expect(algorithms).not.toContain("HS256");
  });

  it("takes the key of a certificate, and authorities for the endpoint", (context: TestContext) => {
    const { ca, server } = makeCertificates(context);
    const files = { ...others, "ca.pem": ca.cert, "server.pem": server.cert };
    const load = (entry: object) => loadConfig(sources({ file: file(entry), others: files })).listeners[0]!.authentication[0];
    expect(load({ publicKeyFile: "server.pem" })).toMatchObject({ algorithms: ["ES256"] });
    expect(load({ jwks: "https://id.example/", jwksCaFile: "ca.pem" })).toMatchObject({ keys: { ca: ca.cert } });
  });

  it.each([
    ["no key", {}, "name a secretFile, a publicKeyFile or jwks"],
    ["two keys", { secretFile: "secret", jwks: "keys.json" }, "secretFile is given too"],
    ["a secret that can be guessed", { secretFile: "short" }, "its 10 bytes can be guessed"],
    ["a secret that is a public key", { secretFile: "rsa.pem" }, "name it in publicKeyFile"],
    ["a secret that is not base64", { secretFile: "rsa.pem", secretEncoding: "base64" }, "secretFile"],
    ["a file that is not there", { secretFile: "nowhere" }, "cannot be read"],
    ["a public key that is a secret", { publicKeyFile: "secret" }, "no public key that can be used"],
    ["a private key", { publicKeyFile: "rsa.key" }, "it is a private key"],
    ["a key that is too short", { publicKeyFile: "weak.pem" }, "1024 bits is too short"],
    ["a set that is none", { jwks: "no-keys.json" }, "no JSON Web Key Set"],
    ["an endpoint with a password", { jwks: "https://me:s3cr3t@id.example/" }, "one with a user"],
    ["authorities for nothing", { jwks: "keys.json", jwksCaFile: "rsa.pem" }, "nothing is fetched with TLS"],
    ["no algorithm", { secretFile: "secret", algorithms: [] }, "a list of some of HS256"],
    ["the algorithm none", { secretFile: "secret", algorithms: ["none"] }, "a list of some of HS256"],
    ["an algorithm of another key", { publicKeyFile: "rsa.pem", algorithms: ["RS256", "ES256"] }, "does not go with ES256"],
    ["secret and public key at once", { publicKeyFile: "rsa.pem", algorithms: ["RS256", "HS256"] }, "does not go with HS256"],
    ["a claim that is no text", { secretFile: "secret", verifyClaims: { level: 3 } }, "claims and their values"],
    ["a set for a secret", { jwks: "keys.json", algorithms: ["HS256"] }, "does not go with HS256"],
  ])("is refused with %s, and tells no secret", (_, entry, words) => {
    const text = refused(entry);
    expect(text).toContain(words);
    expect(text).not.toMatch(/s3cr3t|0123456789|PRIVATE KEY-/);
  });

  it("is shown without what its files hold", () => {
    const { settings } = loadSettings(sources({ file: file({ secretFile: "secret" }), others }));
    expect(JSON.stringify(settings)).not.toContain("0123456789");
  });
});
