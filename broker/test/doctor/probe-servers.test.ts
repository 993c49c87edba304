import { connect } from "@nats-io/transport-node";
import { describe, expect, it, type TestContext, vi } from "vitest";
import { type ProbeOptions, probeServers } from "../../src/cluster/nats/probe-servers.js";
import { type NatsServerOptions, startNatsCluster, startNatsServer } from "../support/nats-server.js";

const probe = (url: string, options: Partial<ProbeOptions> = {}) =>
  probeServers({
    servers: [url],
    credentials: undefined,
    tls: undefined,
    replicas: 1,
    stream: "mqttd_mqttd_routes",
    withinMs: 5_000,
    ...options,
  });
const started = async (context: TestContext, options?: NatsServerOptions) => (await startNatsServer(context, options)).url;

describe("probeServers()", () => {
  it("finds nothing wrong with a server that has JetStream, and tells its version", async (context) => {
    const { version, problems, clock } = await probe(await started(context));
    expect(problems).toEqual([]);
    expect(version).toMatch(/^2\.\d+\.\d+/);
    expect(clock).toBeUndefined();
  });

  it("tells the server's clock once a broker's stream is there", async (context) => {
    const url = await started(context);
    const connection = await connect({ servers: url });
    await connection.request("$JS.API.STREAM.CREATE.mqttd_mqttd_routes", JSON.stringify({ name: "mqttd_mqttd_routes", subjects: ["r.*"] }));
    await connection.close();
    const { clock } = await probe(url);
    expect(Math.abs(clock!.theirsMs - clock!.oursMs)).toBeLessThan(60_000);
  });

  it("tells a server without JetStream, and how it gets one", async (context) => {
    const { problems } = await probe(await started(context, { jetStream: false }));
    expect(problems).toEqual([expect.stringMatching(/^JetStream does not answer .*enable it on the server/)]);
  });

  it("tells fewer servers than replicas", async (context) => {
    expect((await probe(await started(context), { replicas: 3 })).problems).toEqual([
      "nats.replicas is 3 and there is 1 server: start as many, or lower it",
    ]);
  });

  it("finds room for three replicas on three servers", async (context) => {
    const [server] = await startNatsCluster(context);
    // Servers can do their work before each tells clients of all others.
    const connection = await connect({ servers: server!.url });
    await vi.waitFor(() => expect(connection.info!.connect_urls).toHaveLength(3), { timeout: 20_000 });
    await connection.close();
    expect((await probe(server!.url, { replicas: 3 })).problems).toEqual([]);
  });

  it("tells a server that is not there, and one that does not let it in", async (context) => {
    const { version, problems } = await probe("nats://127.0.0.1:1");
    expect(version).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(/^no NATS server can be reached at nats:\/\/127\.0\.0\.1:1 .*: start it/)]);
    const closed = await started(context, { config: 'authorization { user: a, password: "b" }' });
    expect((await probe(closed)).problems).toEqual([expect.stringContaining("does not let the broker in")]);
  });
});
