import { describe, expect, it, type TestContext } from "vitest";
import { isLoopback } from "../../src/config/listener-drafts.js";
import { loadConfig } from "../../src/config/load-config.js";
import { makeCertificates } from "../support/certificates.js";
import { problemsOf, sources } from "./problems-of.js";

describe("the address of a listener", () => {
  it.each(["127.0.0.1", "127.9.8.7", "::1", "localhost", "LOCALHOST", "::ffff:127.0.0.1"])("%s is this machine's alone", (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example", "localhost.example", "128.0.0.1", "::2", "1270.0.0.1"])(
    "%s may be reached from elsewhere",
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  it("off loopback needs allowAnonymous where there is no authentication", () => {
    expect(problemsOf({ flags: { "--host": "10.0.0.1" } })).toHaveLength(1);
    const { listeners } = loadConfig(sources({ flags: { "--host": "10.0.0.1", "--allow-anonymous": "true" } }));
    expect(listeners.map(({ allowAnonymous }) => allowAnonymous)).toEqual([true, true]);
  });

  it("on loopback cannot be closed to everyone", () => {
    expect(problemsOf({ file: "allowAnonymous: false" })).toEqual([
      "allowAnonymous is false; without authentication nobody could connect: set passwordFile or authentication, or leave it out (mend it in mqttd.yaml)",
    ]);
  });
});

const NO_LIMITS = {
  maxConnectRate: Number.POSITIVE_INFINITY,
  allowAddresses: [],
  denyAddresses: [],
  maxMessageRate: Number.POSITIVE_INFINITY,
  maxByteRate: Number.POSITIVE_INFINITY,
};

describe("entries of listeners", () => {
  it("replace the short form and have defaults of their own", () => {
    const file = `
listeners:
  - port: 1883
  - {name: edge, host: "::", port: 1884, allowAnonymous: true, proxyProtocol: true, proxyProtocolTimeoutSeconds: 2, maxConnections: 9}
  - {transport: ws, port: 8083, path: /, allowedOrigins: ["https://app.example"], maxPacketBytes: 2097152, connectTimeoutSeconds: 3}
mqtt: {maxPacketBytes: 4096, connectTimeoutSeconds: 7}`;
    expect(loadConfig(sources({ file })).listeners).toEqual([
      {
        name: "tcp:1883",
        transport: "tcp",
        host: "127.0.0.1",
        port: 1883,
        backlog: 4096,
        authentication: [],
        allowAnonymous: true,
        maxConnections: Number.POSITIVE_INFINITY,
        ...NO_LIMITS,
        connectTimeoutSeconds: 7,
        maxPacketBytes: 4096,
      },
      {
        name: "edge",
        transport: "tcp",
        host: "::",
        port: 1884,
        backlog: 4096,
        proxyProtocol: { timeoutMs: 2_000 },
        authentication: [],
        allowAnonymous: true,
        maxConnections: 9,
        ...NO_LIMITS,
        connectTimeoutSeconds: 7,
        maxPacketBytes: 4096,
      },
      {
        name: "ws:8083",
        transport: "ws",
        host: "127.0.0.1",
        port: 8083,
        backlog: 4096,
        webSocket: { path: "/", maxMessageBytes: 2_097_152, allowedOrigins: ["https://app.example"] },
        authentication: [],
        allowAnonymous: true,
        maxConnections: Number.POSITIVE_INFINITY,
        ...NO_LIMITS,
        connectTimeoutSeconds: 3,
        maxPacketBytes: 2_097_152,
      },
    ]);
  });

  it("are told what is wrong with each, by its number, also beside others that are right", () => {
    const file = `
listeners:
  - {port: 1, tls: true}
  - {host: 0.0.0.0}
  - {port: 2, host: 0.0.0.0, path: /x}
  - {port: 3, transport: wss, tls: {certfile: a, keyFile: k}}
  - nonsense
  - {port: 2, host: 0.0.0.0, allowAnonymous: true, transport: tls}`;
    expect(problemsOf({ file }).map((problem) => problem.replace(/; .*/s, ""))).toEqual([
      "listeners[0].tls is true",
      "listeners[1].port is not set",
      "listeners[3].tls.certFile is not set",
      "listeners[3].tls.certfile is no setting",
      'listeners[4] is "nonsense"',
      "listeners[2].allowAnonymous is not set",
      'listeners[2].path is "/x"',
      "listeners[5].tls.certFile is not set",
      "listeners[5].tls.keyFile is not set",
      "listeners[5].port is 2",
    ]);
  });

  it.each([
    ["the short form beside them", "port: 1\nlisteners: [{port: 2}]", /^port is 1; listeners replaces it/],
    ["an empty list", "listeners: []", /^listeners is \[\]; it takes a list of listeners/],
    [
      "the same name twice",
      "listeners: [{port: 1, name: a}, {port: 2, name: a}]",
      /^listeners\[1\].name is "a"; another listener is named /,
    ],
    [
      "the default name of another",
      "listeners: [{port: 1}, {port: 2, name: 'tcp:1'}]",
      /^listeners\[1\].name is "tcp:1"; another listener is named /,
    ],
    ["TLS on a plain one", "listeners: [{port: 1, tls: {certFile: a, keyFile: b}}]", /^listeners\[0\].tls is .*; transport tcp has no TLS/],
    [
      "a relative path",
      "listeners: [{port: 1, transport: ws, path: mqtt}]",
      /^listeners\[0\].path is "mqtt"; it takes a path that begins with \//,
    ],
  ])("refuse %s", (_, file, problem) => {
    expect(problemsOf({ file })[0]).toMatch(problem);
  });

  it("may all take any free port", () => {
    expect(loadConfig(sources({ file: "listeners: [{port: 0, name: a}, {port: 0, name: b}]" })).listeners).toHaveLength(2);
  });
});

describe("TLS of the short form", () => {
  const read = (context: TestContext) => {
    const { ca, server, client } = makeCertificates(context);
    return { ca, server, others: { cert: server.cert, key: server.key, ca: ca.cert, "other.key": client.key, empty: "" } };
  };

  it("holds the text of its files", (context) => {
    const { others, server, ca } = read(context);
    const flags = {
      "--tls-port": "8883",
      "--tls-cert-file": "cert",
      "--tls-key-file": "key",
      "--tls-ca-file": "ca",
      "--tls-client-certificate": "require",
    };
    const { listeners } = loadConfig(sources({ others, flags }));
    expect(listeners.map(({ name }) => name)).toEqual(["tcp:default", "ws:default", "tls:default"]);
    expect(listeners[2]).toMatchObject({
      port: 8883,
      tls: { cert: server.cert, key: server.key, ca: ca.cert, clientCertificate: "require", minVersion: "TLSv1.2" },
    });
  });

  it.for<[string, Record<string, string>, RegExp]>([
    ["a file that is not there", { "--tls-cert-file": "nope" }, /^tlsCertFile is "nope"; it cannot be read: ENOENT/],
    ["a file that holds no certificate", { "--tls-cert-file": "key" }, /^tlsCertFile is "key"; it holds no certificate: /],
    ["a file that holds no key", { "--tls-key-file": "empty" }, /^tlsKeyFile is "empty"; it holds no private key without a passphrase: /],
    [
      "the key of another certificate",
      { "--tls-key-file": "other.key" },
      /^tlsKeyFile is "other.key"; it is not the key of the certificate in cert/,
    ],
    [
      "certificates that nothing checks",
      { "--tls-ca-file": "ca" },
      /^tlsClientCertificate is "none" by default; .*make it request or require/,
    ],
    [
      "checks against nothing",
      { "--tls-client-certificate": "request" },
      /^tlsCaFile is not set; clients' certificates are checked against it/,
    ],
    [
      "a wish for certificates that nothing listens with",
      { "--tls-port": "off", "--tls-client-certificate": "require" },
      /nothing listens/,
    ],
    [
      "files that nothing listens with",
      { "--tls-port": "off" },
      /^tlsCertFile is "cert"; nothing listens with TLS: set tlsPort or wssPort/,
    ],
  ])("refuses %s", ([, flags, problem], context) => {
    const { others } = read(context);
    const usual = { "--tls-port": "8883", "--tls-cert-file": "cert", "--tls-key-file": "key" };
    expect(problemsOf({ others, flags: { ...usual, ...flags } })[0]).toMatch(problem);
  });

  it("never shows a key in what it refuses", (context) => {
    const { others, server } = read(context);
    const problems = problemsOf({ others, flags: { "--tls-port": "8883", "--tls-cert-file": "key", "--tls-key-file": "key" } }).join("\n");
    expect(problems).not.toContain(server.key.split("\n")[1]);
  });

  it("says which of its two files is missing", () => {
    expect(problemsOf({ flags: { "--wss-port": "8084", "--tls-cert-file": "cert" } })).toEqual([
      "tlsKeyFile is not set; a listener with TLS needs it: the path of a PEM file (set --tls-key-file, MQTTD_TLS_KEY_FILE in the environment, " +
        "or tlsKeyFile in the configuration file)",
    ]);
  });
});
