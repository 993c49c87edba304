import { hostname } from "node:os";
import { describe, expect, it, type TestContext } from "vitest";
import { settingsText } from "../../src/cli/config-text.js";
import { loadConfig, loadSettings } from "../../src/config/load-config.js";
import { makeCertificates } from "../support/certificates.js";
import { makeCredentials, makeNkey } from "../support/nats-users.js";
import { problemsOf, sources } from "./problems-of.js";

const SERVERS = "nats://a:4222,nats://b:4222";

describe("the settings of a cluster", () => {
  const { credentials } = makeCredentials();
  const { seed } = makeNkey();
  const others = {
    "user.creds": credentials,
    user: "me:s3cr3t:word\n",
    token: "s3cr3t\n",
    "user.nk": `${seed}\n`,
    empty: "\n",
    lines: "s3cr3t\ns3cr3t\n",
  };
  const nats = (settings: object, more: Readonly<Record<string, string>> = {}) =>
    loadConfig(sources({ file: JSON.stringify({ nats: { servers: SERVERS, ...settings } }), others: { ...others, ...more } })).nats;
  const refused = (settings: object, more: Readonly<Record<string, string>> = {}) =>
    problemsOf({ file: JSON.stringify({ nats: settings }), others: { ...others, ...more } }).join("\n");

  it("are of no use alone", () => {
    expect(loadConfig(sources({})).nats).toBeUndefined();
  });

  it("need no more than servers, by any name", () => {
    const expected = {
      servers: ["nats://a:4222", "nats://b:4222"],
      cluster: "mqttd",
      brokerName: hostname().replaceAll(/[^\w-]/g, "-"),
      credentials: undefined,
      tls: undefined,
      replicas: 3,
      storage: "file",
      ownerShards: 8,
      sessionShards: 4,
      deadAfterSeconds: 5,
      cutOffAfterSeconds: 5,
      acknowledge: "peers",
      maxBatchBytes: 262_144,
      maxInFlightBytes: 33_554_432,
      retainedMemoryBytes: 67_108_864,
    };
    expect(nats({})).toEqual(expected);
    expect(loadConfig(sources({ flags: { "--nats": SERVERS } })).nats).toEqual(expected);
    expect(loadConfig(sources({ env: { MQTTD_NATS: "nats://a:4222, nats://b:4222" } })).nats).toEqual(expected);
  });

  it("have flags that follow from their names", () => {
    const flags = {
      "--nats": "tls://a",
      "--nats-cluster": "north",
      "--nats-broker-name": "pod-1.mqtt",
      "--nats-replicas": "1",
      "--nats-storage": "memory",
      "--nats-owner-shards": "16",
      "--nats-dead-after-seconds": "10",
      "--nats-acknowledge": "async",
      "--nats-tls-handshake-first": "true",
    };
    expect(loadConfig(sources({ flags })).nats).toMatchObject({
      servers: ["tls://a"],
      cluster: "north",
      brokerName: "pod-1-mqtt",
      replicas: 1,
      storage: "memory",
      ownerShards: 16,
      sessionShards: 4,
      deadAfterSeconds: 10,
      cutOffAfterSeconds: 10,
      acknowledge: "async",
      tls: { isHandshakeFirst: true },
    });
  });

  it("take a user from a file", () => {
    const user = (settings: object) => nats(settings)?.credentials;
    expect(user({ credentialsFile: "user.creds" })).toEqual({ type: "credentials", text: `${credentials.trim()}\n` });
    expect(user({ passwordFile: "user" })).toEqual({ type: "user", user: "me", password: "s3cr3t:word" });
    expect(user({ tokenFile: "token" })).toEqual({ type: "token", token: "s3cr3t" });
    expect(user({ nkeySeedFile: "user.nk" })).toEqual({ type: "nkey", seed });
  });

  it("take certificates from files", (context: TestContext) => {
    const { ca, client } = makeCertificates(context);
    const more = { "ca.pem": ca.cert, "own.pem": client.cert, "own.key": client.key };
    const tls = { caFile: "ca.pem", certFile: "own.pem", keyFile: "own.key" };
    expect(nats({ tls }, more)?.tls).toEqual({ ca: ca.cert, cert: client.cert, key: client.key, isHandshakeFirst: false });
    expect(refused({ servers: SERVERS, tls: { ...tls, certFile: "ca.pem" } }, more)).toContain("is not the key of the certificate");
  });

  it.each([
    ["an address without scheme", { servers: "a:4222" }, "nats.servers is"],
    ["another scheme", { servers: "http://a:4222" }, "it takes URLs like nats://host:4222"],
    ["a password in the URL", { servers: "nats://me:s3cr3t@a:4222" }, "without user and password"],
    ["schemes of both kinds", { servers: "nats://a,tls://b" }, "all begin with nats:// or all with tls://"],
    ["no port", { servers: "nats://a:0" }, "have ports from 1 on"],
    ["a name that is part of a subject", { servers: SERVERS, cluster: "a.b" }, "1 to 32 letters, digits, - and _"],
    ["more replicas than there can be", { servers: SERVERS, replicas: 6 }, "a whole number from 1 to 5"],
    ["two users", { servers: SERVERS, tokenFile: "token", passwordFile: "user" }, "nats.passwordFile is given too: the broker is one user"],
    ["a file that is not there", { servers: SERVERS, tokenFile: "nowhere" }, "cannot be read"],
    ["credentials that are none", { servers: SERVERS, credentialsFile: "token" }, "it holds no credentials: name a .creds file"],
    ["a password without user", { servers: SERVERS, passwordFile: "token" }, "it holds no line user:password"],
    ["an empty token", { servers: SERVERS, tokenFile: "empty" }, "it holds no token"],
    ["a token of two lines", { servers: SERVERS, tokenFile: "lines" }, "or more than one line"],
    ["a seed that is none", { servers: SERVERS, nkeySeedFile: "token" }, "it holds no seed of a user"],
    ["a certificate without key", { servers: SERVERS, tls: { certFile: "token" } }, "certificate and key are needed together"],
    ["authorities that are none", { servers: SERVERS, tls: { caFile: "token" } }, "holds no certificate"],
    ["a user without servers", { tokenFile: "token" }, "without nats.servers it does nothing: name the servers too"],
    ["certificates without servers", { tls: { caFile: "token" } }, 'nats.tls.caFile is "token"; without nats.servers it does nothing'],
    ["a number without servers", { replicas: 1 }, "nats.replicas is 1; without nats.servers it does nothing"],
  ])("refuse %s, and show no secret", (_, settings, why) => {
    const text = refused(settings);
    expect(text).toContain(why);
    expect(text).not.toContain("s3cr3t");
  });

  it("are refused all at once", () => {
    expect(refused({ servers: SERVERS, replicas: 9, tokenFile: "empty", tls: { keyFile: "nowhere" } }).split("\n")).toHaveLength(4);
  });

  it("are shown without what is secret", () => {
    const { settings } = loadSettings(sources({ flags: { "--nats": SERVERS, "--nats-password-file": "user" }, others }));
    const text = settingsText(settings);
    expect(text).toContain(`servers: ${SERVERS}`);
    expect(text).toContain("passwordFile: user");
    expect(text).not.toContain("s3cr3t");
  });
});
