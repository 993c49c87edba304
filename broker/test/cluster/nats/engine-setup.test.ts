import { createServer } from "node:net";
import { describe, expect, it, type TestContext } from "vitest";
import { EngineSetupError } from "../../../src/cluster/nats/engine-errors.js";
import type { NatsCredentials } from "../../../src/cluster/nats/engine-options.js";
import type { NatsEngineOptions } from "../../../src/cluster/nats/nats-engine.js";
import { makeCertificates } from "../../support/certificates.js";
import { type NatsServer, startNatsCluster, startNatsServer } from "../../support/nats-server.js";
import { makeCredentials, makeNkey } from "../../support/nats-users.js";
import { bytesOf, engineAt } from "./engine-support.js";

const STREAM = { name: "log", subjects: ["log.*"], storage: "file", replicas: 1 } as const;

async function problemOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => "it was taken",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EngineSetupError);
  return (error as EngineSetupError).problems.join("\n");
}

describe("connecting to NATS", () => {
  const refused = (context: TestContext, servers: readonly NatsServer[] | string, more?: Partial<NatsEngineOptions>) =>
    problemOf(engineAt(context, servers, { firstConnectMs: 300, ...more }));

  it("says which address cannot be reached", async (context) => {
    const problem = await refused(context, "nats://127.0.0.1:1");
    expect(problem).toMatch(
      /^nats.servers: no NATS server can be reached at nats:\/\/127.0.0.1:1 within 1 s: .*; start it, or name others/,
    );
  });

  it("says which name is unknown", async (context) => {
    expect(await refused(context, "nats://nowhere.invalid:4222")).toContain("no NATS server can be reached at nats://nowhere.invalid:4222");
  });

  it("waits for a server that starts later", async (context) => {
    const server = await startNatsServer(context);
    await server.stop();
    const connecting = engineAt(context, [server], { firstConnectMs: 30_000 });
    await server.start();
    expect((await connecting).state.isConnected).toBe(true);
  });

  it("takes the first of several servers that is there", async (context) => {
    const server = await startNatsServer(context);
    const engine = await engineAt(context, "", { servers: ["nats://127.0.0.1:1", server.url] });
    expect(server.url).toContain(engine.state.server);
  });

  it("says that something else answers", async (context) => {
    const other = createServer((socket) => socket.on("error", () => {}).end("SSH-2.0-something\r\n")).listen(0, "127.0.0.1");
    context.onTestFinished(() => new Promise<void>((resolve) => other.close(() => resolve())));
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    expect(await refused(context, `nats://127.0.0.1:${port}`)).toContain("is no NATS server");
  });

  const nkey = makeNkey();
  const creds = makeCredentials();
  it.for<[string, string, NatsCredentials, NatsCredentials]>([
    [
      "user and password",
      'authorization { user: me, password: "s3cr3t" }',
      { type: "user", user: "me", password: "s3cr3t" },
      { type: "user", user: "me", password: "wr0ng" },
    ],
    ["a token", 'authorization { token: "s3cr3t" }', { type: "token", token: "s3cr3t" }, { type: "token", token: "wr0ng" }],
    [
      "an nkey",
      `authorization { users: [{ nkey: ${nkey.publicKey} }] }`,
      { type: "nkey", seed: nkey.seed },
      { type: "nkey", seed: makeNkey().seed },
    ],
    [
      "credentials",
      creds.config,
      { type: "credentials", text: creds.credentials },
      { type: "credentials", text: makeCredentials().credentials },
    ],
  ])("shows %s, and says when they are wrong", async ([, config, right, wrong], context) => {
    const server = await startNatsServer(context, { config, jetStream: false });
    const engine = await engineAt(context, [server], { credentials: right });
    await engine.flush();
    for (const credentials of [wrong, undefined]) {
      const problem = await refused(context, [server], { credentials });
      expect(problem).toMatch(/does not let the broker in .*: name what it knows with nats.credentialsFile/);
      expect(problem).not.toContain("wr0ng");
    }
  });

  it("takes TLS from a server that it can trust, and says why it cannot trust another", async (context) => {
    const { ca, server, client, stranger } = makeCertificates(context);
    const config = `tls { cert_file: "${server.certFile}", key_file: "${server.keyFile}", ca_file: "${ca.certFile}", verify: true }`;
    const nats = await startNatsServer(context, { config });
    const tls = { ca: ca.cert, cert: client.cert, key: client.key };
    const engine = await engineAt(context, [nats], { tls });
    await engine.ensureStreams([STREAM]);
    await engine.append("log.a", bytesOf("1"));

    const remedy = /there is no TLS with the NATS server at .*nats.tls.caFile names who signs its certificate/;
    expect(await refused(context, [nats], { tls: { ...tls, ca: stranger.cert } })).toMatch(remedy);
    expect(await refused(context, nats.url.replace("nats:", "tls:"))).toMatch(remedy);
  });

  it("takes TLS that begins before the server has said anything", async (context) => {
    const { ca, server } = makeCertificates(context);
    const config = `tls { cert_file: "${server.certFile}", key_file: "${server.keyFile}", handshake_first: true }`;
    const nats = await startNatsServer(context, { config });
    const engine = await engineAt(context, [nats], { tls: { ca: ca.cert, isHandshakeFirst: true } });
    await engine.flush();
  });

  it("says that a server has no TLS", async (context) => {
    const nats = await startNatsServer(context);
    expect(await refused(context, nats.url.replace("nats:", "tls:"))).toContain("has no TLS: begin nats.servers with nats://");
  });
});

describe("making streams", () => {
  it("leaves those that are there as they are", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    await engine.ensureStreams([STREAM]);
    await engine.append("log.a", bytesOf("1"));
    await engine.ensureStreams([STREAM]);
    expect(await engine.lastSequence("log")).toBe(1);
  });

  it("is done once, though several brokers do it at once", async (context) => {
    const server = await startNatsServer(context);
    const engines = await Promise.all([1, 2, 3].map(() => engineAt(context, [server])));
    await Promise.all(engines.map((engine) => engine.ensureStreams([STREAM])));
  });

  it("says that there is no JetStream", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context, { jetStream: false })]);
    const problem = await problemOf(engine.ensureStreams([STREAM]));
    expect(problem).toMatch(/^NATS has no JetStream for this user .*: run nats-server with -js/);
  });

  it("says that one server cannot have replicas", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    const streams = ["a", "b", "c"].map((name) => ({ ...STREAM, name, subjects: [name], replicas: 3 }));
    const problem = await problemOf(engine.ensureStreams(streams));
    expect(problem).toMatch(/^NATS stream a and 2 more: cannot be made: .*; set nats.replicas, which is 3, to 1, or make the NATS server/);
    expect(problem).not.toContain("\n");
  });

  it("says that a cluster has fewer servers than replicas, and makes what it can", async (context) => {
    const cluster = await startNatsCluster(context);
    const engine = await engineAt(context, cluster);
    const problem = await problemOf(engine.ensureStreams([{ ...STREAM, replicas: 5 }]));
    expect(problem).toMatch(/cannot be made: .*; nats.replicas is 5: start as many NATS servers with JetStream, or lower it$/);
    await engine.ensureStreams([{ ...STREAM, replicas: 3 }]);
    await engine.append("log.a", bytesOf("1"));
  });

  it("says that there is no room", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context, { config: accounts("max_streams: 1") })], ACCOUNT);
    const problem = await problemOf(engine.ensureStreams([STREAM, { ...STREAM, name: "b", subjects: ["b"] }]));
    expect(problem).toMatch(/^NATS stream b: cannot be made: .*; raise the account's limit of streams, or lower nats.ownerShards$/);
  });

  it("says that the account has no JetStream", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context, { config: accounts(undefined) })], ACCOUNT);
    expect(await problemOf(engine.ensureStreams([STREAM]))).toMatch(/^NATS has no JetStream for this user/);
  });

  it("says that the user has no permission", async (context) => {
    const config = 'authorization { users: [{ user: me, password: pw, permissions: { publish: ["log.>"], subscribe: [">"] } }] }';
    const engine = await engineAt(context, [await startNatsServer(context, { config })], ACCOUNT);
    expect(await problemOf(engine.ensureStreams([STREAM]))).toMatch(/^the NATS user may not publish to \$JS.API.INFO: permit it mqttd.>/);
  });

  it("says that the user may not have answers", async (context) => {
    const config = 'authorization { users: [{ user: me, password: pw, permissions: { publish: [">"], subscribe: ["log.>"] } }] }';
    const engine = await engineAt(context, [await startNatsServer(context, { config })], ACCOUNT);
    expect(await problemOf(engine.ensureStreams([STREAM]))).toMatch(/^the NATS user may not subscribe to mqttd.test.i.*: permit it/);
  });

  it("says that another stream takes its subjects", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    await engine.ensureStreams([STREAM]);
    const problem = await problemOf(engine.ensureStreams([{ ...STREAM, name: "other" }]));
    expect(problem).toMatch(/^NATS stream other: cannot be made: .*; another stream takes its subjects: set another nats.cluster/);
  });

  it("says all that is different about those that are there", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    const owners = { ...STREAM, name: "owners", subjects: ["owners.*"], agreedSettings: { "nats.ownerShards": "8" } };
    await engine.ensureStreams([STREAM, owners]);
    const different = [
      { ...STREAM, replicas: 3, storage: "memory" as const },
      { ...owners, maxMessagesPerSubject: 1, agreedSettings: { "nats.ownerShards": "16" } },
    ];
    expect((await problemOf(engine.ensureStreams(different))).split("\n")).toEqual([
      expect.stringMatching(/^NATS stream log: 1 replica, nats.replicas is 3: set it to 1, or change the streams with nats stream edit/),
      expect.stringMatching(
        /^NATS stream log: in file, nats.storage is memory: set it to file, or delete the streams while no broker runs/,
      ),
      expect.stringMatching(/^NATS stream owners: made with nats.ownerShards 8, here it is 16: set it to that, or delete the streams/),
      expect.stringMatching(/^NATS stream owners: made by another version, or by something else: set another nats.cluster/),
    ]);
  });
});

const ACCOUNT = { credentials: { type: "user", user: "me", password: "pw" } } as const;

/** One account, with JetStream within limits or without it. */
function accounts(limits: string | undefined): string {
  const jetStream = limits === undefined ? "" : `jetstream: { ${limits} }, `;
  return `accounts { A: { ${jetStream}users: [{ user: me, password: pw }] } }`;
}
