import { describe, expect, it, type TestContext } from "vitest";
import { loadConfig } from "../../src/config/load-config.js";
import { makeCertificates } from "../support/certificates.js";
import { problemsOf, sources } from "./problems-of.js";

const others = {
  headers: "# for the directory\nAuthorization: Bearer t0ken \n\nX-Broker:mqttd\r\n",
  "no-headers": "Authorization: ok\nBearer t0ken\nContent-Length: 5\nX: caf\u00e9 t0ken\n",
};

const file = (section: "authentication" | "authorization", entry: object) =>
  JSON.stringify({ dataDir: "off", [section]: [{ type: "http", url: "http://directory.example/auth", ...entry }] });
const load = (section: "authentication" | "authorization", entry: object, more: Readonly<Record<string, string>> = {}) =>
  loadConfig(sources({ file: file(section, entry), others: { ...others, ...more } }));

describe.each(["authentication", "authorization"] as const)("a hook in %s", (section) => {
  const settingsOf = (entry: object, more?: Readonly<Record<string, string>>) => {
    const config = load(section, entry, more);
    return section === "authentication" ? config.listeners[0]!.authentication[0] : config.authorization.authorizers[0];
  };
  const refused = (entry: object, more: Readonly<Record<string, string>> = {}) =>
    problemsOf({ file: file(section, entry), others: { ...others, ...more } }).join("\n");

  it("needs no more than a URL", () => {
    const cached = section === "authentication" ? { allowCacheMs: 0, denyCacheMs: 0 } : { allowCacheMs: 60_000, denyCacheMs: 10_000 };
    expect(settingsOf({})).toEqual({
      type: "http",
      url: "http://directory.example/auth",
      headers: {},
      timeoutMs: 5_000,
      maxConnections: 16,
      maxWaiting: 1_000,
      maxAnswerBytes: 65_536,
      cacheEntries: 10_000,
      ...cached,
    });
  });

  it("takes headers from a file", () => {
    expect(settingsOf({ headersFile: "headers" })).toMatchObject({ headers: { authorization: "Bearer t0ken", "x-broker": "mqttd" } });
  });

  it("takes certificates for https", (context: TestContext) => {
    const { ca, client } = makeCertificates(context);
    const more = { "ca.pem": ca.cert, "own.pem": client.cert, "own.key": client.key };
    const entry = { url: "https://directory.example/", caFile: "ca.pem", certFile: "own.pem", keyFile: "own.key" };
    expect(settingsOf(entry, more)).toMatchObject({ tls: { ca: ca.cert, cert: client.cert, key: client.key } });
  });

  it.each([
    ["no URL", { url: "directory" }, "begins with http://"],
    ["another protocol", { url: "ftp://directory.example/" }, "begins with http://"],
    ["a password in the URL", { url: "http://me:s3cr3t@directory.example/" }, "those go into headersFile"],
    ["lines that are no headers", { headersFile: "no-headers" }, "line 2 is not Name: value"],
    ["headers that are not its own", { headersFile: "no-headers" }, "line 3 is Content-Length"],
    ["headers that are not ASCII", { headersFile: "no-headers" }, "line 4 is not Name: value"],
    ["a file that is not there", { headersFile: "nowhere" }, "cannot be read"],
    ["authorities without TLS", { caFile: "headers" }, "the url is without TLS"],
    ["a certificate without key", { url: "https://directory.example/", certFile: "headers" }, "certificate and key are needed together"],
    ["authorities that are none", { url: "https://directory.example/", caFile: "headers" }, "holds no certificate"],
    ["no time", { timeoutSeconds: 0 }, "a whole number from 1 to 60"],
    ["a name that is none", { timeout: 5 }, "timeout"],
  ])("is refused with %s, and tells no secret", (_, entry, words) => {
    const text = refused(entry);
    expect(text).toContain(words);
    expect(text).not.toMatch(/t0ken|s3cr3t/);
  });

  it("is refused with the key of another certificate", (context: TestContext) => {
    const { client, stranger } = makeCertificates(context);
    const entry = { url: "https://directory.example/", certFile: "own.pem", keyFile: "own.key" };
    expect(refused(entry, { "own.pem": client.cert, "own.key": stranger.key })).toContain("not the key of the certificate");
  });
});
