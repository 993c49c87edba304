import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { hostname } from "node:os";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../../support/free-port.js";
import { startBroker } from "../../support/start-broker.js";
import { BenchRun } from "./bench-run.js";

/** A port that is taken until the test ends. */
async function takenPort(host: string): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

/** A pushgateway that answers with a status. */
async function pushgateway(status: number) {
  const got: { method: string | undefined; path: string | undefined; text: string }[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (bytes) => {
      text += bytes;
    });
    request.on("end", () => {
      got.push({ method: request.method, path: request.url, text });
      response.writeHead(status).end(status === 200 ? "" : "text format parsing error");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("mqttd bench tells", () => {
  it("Prometheus, over HTTP while it runs", async () => {
    const { port } = await startBroker();
    const restapi = `127.0.0.1:${await freePort()}`;
    const conn = new BenchRun("conn", port, { count: "3", json: "true", prometheus: "true", restapi });
    await conn.reached("connected", 3);
    const response = await fetch(`http://${restapi}/metrics`);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    expect(text).toContain("\nconnected 3\n# TYPE recv counter\n");
    expect(text).toContain("\nconnect_succ 3\n");
    expect(text).toMatch(/\nmqtt_client_connect_duration_bucket\{le="\+Inf"\} 3\n/);
    expect((await fetch(`http://${restapi}/other`)).status).toBe(404);
    conn.stop();
    expect(await conn.ended).toBe(0);
    await expect(fetch(`http://${restapi}/metrics`)).rejects.toThrow();
  });

  it("Prometheus on every address, where --restapi names a port alone", async () => {
    const { port } = await startBroker();
    const metrics = await freePort();
    const conn = new BenchRun("conn", port, { count: "1", json: "true", restapi: String(metrics) });
    await conn.reached("connected", 1);
    expect((await fetch(`http://127.0.0.2:${metrics}/metrics`)).status).toBe(200);
  });

  it("that an address of metrics is taken before it connects anybody", async () => {
    const { port } = await startBroker();
    const restapi = `127.0.0.1:${await takenPort("127.0.0.1")}`;
    const conn = new BenchRun("conn", port, { count: "1", restapi });
    expect(await conn.ended).toBe(2);
    expect(conn.err).toMatch(
      /^mqttd bench conn: '--restapi' is an address that cannot be served: EADDRINUSE; name another, got "127\.0\.0\.1:\d+"$/m,
    );
    expect(conn.out).toBe("");
  });

  it("a pushgateway at its end, by host and share", async () => {
    const { port } = await startBroker();
    const { url, got } = await pushgateway(200);
    const conn = new BenchRun("conn", port, { count: "4", share: "1/2", json: "true", pushgateway: `${url}/` });
    await conn.reached("connected", 2);
    expect(got).toEqual([]);
    conn.stop("SIGTERM");
    expect(await conn.ended).toBe(0);
    expect(got).toEqual([
      { method: "PUT", path: `/metrics/job/mqttd_bench/instance/${hostname()}-1`, text: expect.stringContaining("\nconnect_succ 2\n") },
    ]);
    expect(conn.err).toBe("");
  });

  it.each([
    ["refuses", async () => (await pushgateway(400)).url, /could not be pushed to http:\S+: 400 text format parsing error$/m],
    ["is not there", async () => `http://127.0.0.1:${await freePort()}`, /could not be pushed to http:\S+: .+$/m],
  ])("that a pushgateway %s, and ends as if there was none", async (_, urlOf, line) => {
    const { port } = await startBroker();
    const conn = new BenchRun("conn", port, { count: "1", json: "true", pushgateway: await urlOf() });
    await conn.reached("connected", 1);
    conn.stop();
    expect(await conn.ended).toBe(0);
    expect(conn.err).toMatch(line);
    expect(conn.summary.counts).toMatchObject({ connect_succ: 1 });
  });

  it("a terminal by one line that is written over itself", async () => {
    const { port } = await startBroker();
    const flags = { topic: "t", count: "2", interval_of_msg: "10" };
    const pub = new BenchRun("pub", port, flags, { isScreen: true });
    const line = /\r.\[K +\d+s {2}connected 2 of 2 \(\d+\/s\) {2}pub \d+\/s {2}client \d+ %, \d+ ms late/;
    await pub.said(line);
    pub.stop();
    expect(await pub.ended).toBe(0);
    expect(pub.out).not.toContain("connect_succ total=");
    expect(pub.out).toMatch(/late\n[^\r]*pub: 2 of 2 clients connected, 0 connections failed/);
  });

  it("machines: every line is JSON, and the summary the last", async () => {
    const { port } = await startBroker();
    const pub = new BenchRun("pub", port, { topic: "t", count: "2", limit: "6", interval_of_msg: "400", qos: "1", json: "true" });
    expect(await pub.ended).toBe(0);
    const lines = pub.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.length).toBeGreaterThan(1);
    for (const second of lines.slice(0, -1)) {
      expect(second).toMatchObject({ seconds: expect.any(Number), connected: 2, processorShare: expect.any(Number) });
    }
    expect(lines.at(-1)).toEqual({
      summary: expect.objectContaining({
        command: "pub",
        clients: 2,
        counts: expect.objectContaining({ pub_succ: 6 }),
        client: expect.anything(),
      }),
    });
  });

  it("the summary alone with --log_to null", async () => {
    const { port } = await startBroker();
    const pub = new BenchRun("pub", port, { topic: "t", count: "1", limit: "1", log_to: "null" });
    expect(await pub.ended).toBe(0);
    expect(pub.out).toMatch(/^\npub: 1 of 1 clients connected.*\npublished 1 \(\d+\/s\), acknowledged 0, overruns 0\n/);
  });

  it("in its summary whether the client was the bottleneck", async () => {
    const { port } = await startBroker();
    const conn = new BenchRun("conn", port, { count: "1", duration: "1" });
    expect(await conn.ended).toBe(0);
    expect(conn.out).toMatch(
      /\nclient: busiest process \d+ % of a core, latest timer \d+ ms; (not the bottleneck|THE CLIENT IS THE BOTTLENECK in .*)\n$/,
    );
  });

  it("what this machine cannot carry, and ends with 1 before it connects anybody", async () => {
    const host = { openFiles: 1_000, portRange: [1, 2] as const, tcpMemPages: 1, conntrack: undefined, availableBytes: undefined };
    const conn = new BenchRun("conn", 1, { host: "broker", count: "2000", processes: "1" }, { host });
    expect(await conn.ended).toBe(1);
    expect(conn.err.split("\n")).toEqual([
      expect.stringContaining("mqttd bench: with data waiting on more than 0 connections the kernel drops it: raise net.ipv4.tcp_mem"),
      expect.stringContaining(
        "mqttd bench: 2,000 clients in 1 processes are more than 900 open files each: --processes 3, or raise ulimit -Hn",
      ),
      expect.stringContaining("mqttd bench: 2,000 clients need more ports than the 2 that there are: --ifaddr with 1 source addresses"),
      "",
    ]);
    expect(conn.out).toBe("");
  });
});

describe("--share", () => {
  it("has every client number once over all commands of a load", async () => {
    const { port } = await startBroker();
    const shares = ["0/3", "1/3", "2/3"].map((share) => ({ share, count: "8", prefix: "s", shortids: "true", json: "true" }));
    const runs = shares.map((flags) => new BenchRun("conn", port, flags));
    await Promise.all(runs.map((run, index) => run.reached("connected", index < 2 ? 3 : 2)));
    // Of two clients with one name the broker keeps one.
    for (const run of runs) {
      run.stop();
      expect(await run.ended).toBe(0);
      expect(run.summary.counts).toMatchObject({ disconnected: 0, connect_fail: 0 });
    }
  });
});
