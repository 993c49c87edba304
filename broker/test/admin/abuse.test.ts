import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { TestClient } from "../support/test-client.js";
import { writtenFile } from "../support/written-file.js";
import { type AdminBroker, ask, startAdmin } from "./support.js";

const READ = "read-token-of-a-dashboard";
const ADMIN = "admin-token-of-an-operator";
const MIB = 1_048_576;

/** All routes that change something, or tell more than whether the broker is ready. */
const GUARDED = [
  ["GET", "/api/v1/broker", "read"],
  ["GET", "/api/v1/broker/stats", "read"],
  ["GET", "/api/v1/nodes", "read"],
  ["GET", "/api/v1/cluster", "read"],
  ["GET", "/api/v1/clients", "read"],
  ["GET", "/api/v1/clients/x", "read"],
  ["DELETE", "/api/v1/clients/x", "admin"],
  ["POST", "/api/v1/clients/x/subscriptions", "admin"],
  ["DELETE", "/api/v1/clients/x/subscriptions/t", "admin"],
  ["GET", "/api/v1/subscriptions", "read"],
  ["GET", "/api/v1/topics", "read"],
  ["GET", "/api/v1/retained", "read"],
  ["DELETE", "/api/v1/retained/t", "admin"],
  ["GET", "/api/v1/listeners", "read"],
  ["POST", "/api/v1/listeners/tcp/stop", "admin"],
  ["GET", "/api/v1/bans", "read"],
  ["POST", "/api/v1/bans", "admin"],
  ["DELETE", "/api/v1/bans/clientid/x", "admin"],
  ["GET", "/api/v1/config", "read"],
  ["POST", "/api/v1/config/reload", "admin"],
  ["PUT", "/api/v1/log/level", "admin"],
  ["POST", "/api/v1/publish", "admin"],
  ["GET", "/api/v1/openapi.json", "read"],
  ["GET", "/metrics", "read"],
] as const;

/** Sends bytes as they are, and resolves with what came back until the connection was closed. */
function raw(port: number, ...pieces: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (bytes) => {
      answer += bytes.toString();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
    for (const piece of pieces) socket.write(piece);
  });
}

/** MQTT goes on as if nothing was. */
async function isUnharmed({ port }: AdminBroker): Promise<void> {
  const client = await TestClient.connect(port);
  await client.subscribe(["a"]);
  client.publish("a", { payload: "still here" });
  expect(await client.receiveTexts(1)).toEqual(["still here"]);
}

describe("without the right token", () => {
  it("nothing is told, and nothing changes", async () => {
    const { adminPort } = await startAdmin({}, { tokensFile: writtenFile(`read ${READ} grafana\nadmin ${ADMIN} ops\n`) });
    for (const [method, path, scope] of GUARDED) {
      expect((await ask(adminPort, path, { method })).status, `${method} ${path}`).toBe(401);
      expect((await ask(adminPort, path, { method, token: `${READ}x` })).status, `${method} ${path}`).toBe(401);
      const { status } = await ask(adminPort, path, { method, token: READ });
      if (scope === "admin") expect(status, `${method} ${path}`).toBe(403);
      else expect([200, 404], `${method} ${path}`).toContain(status);
    }
  });
});

describe("a body", () => {
  it("of 100 MB is refused before it is read", async () => {
    const broker = await startAdmin();
    const headers =
      "POST /api/v1/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n";
    expect(await raw(broker.adminPort, headers)).toMatch(/^HTTP\/1\.1 413 /);
    await isUnharmed(broker);
  });

  it("of 100 MB whose length is not told is refused as soon as it is too long", async () => {
    const broker = await startAdmin();
    const before = process.memoryUsage.rss();
    const headers =
      "POST /api/v1/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const chunk = Buffer.from(`${MIB.toString(16)}\r\n${"x".repeat(MIB)}\r\n`);
    const socket = connect(broker.adminPort, "127.0.0.1").on("error", () => {});
    let answer = "";
    socket.on("data", (bytes) => {
      answer += bytes.toString();
    });
    socket.write(headers);
    const closed = new Promise<true>((resolve) => socket.once("close", () => resolve(true)));
    // As fast as it is taken.
    for (let sent = 0; sent < 100; sent++) {
      if (socket.write(chunk)) continue;
      const drained = new Promise<false>((resolve) => socket.once("drain", () => resolve(false)));
      if (await Promise.race([closed, drained])) break;
    }
    await closed;
    expect(answer).toMatch(/^(HTTP\/1\.1 413 |$)/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * MIB);
    await isUnharmed(broker);
  });

  it.each([
    ["that is no JSON", "application/json", "{", 400],
    ["that is no UTF-8", "application/json", "\xff", 400],
    ["of a form", "application/x-www-form-urlencoded", "topic=a", 415],
    ["of a form that looks like JSON", "text/plain", '{"topic":"a"}', 415],
    ["without a type", undefined, "{}", 415],
  ])("%s is refused", async (_, type, body, status) => {
    const { adminPort } = await startAdmin();
    const lines = [
      ...["POST /api/v1/publish HTTP/1.1", "Host: localhost", "Connection: close", `Content-Length: ${body.length}`],
      ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    ];
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(adminPort, "127.0.0.1");
      let text = "";
      socket.on("data", (bytes) => {
        text += bytes.toString();
      });
      socket.on("close", () => resolve(text));
      socket.write(Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1"));
    });
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it("that never comes, and a head that never ends, are given up", { timeout: 60_000 }, async () => {
    const broker = await startAdmin();
    const headers = "POST /api/v1/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";
    const [body, head] = await Promise.all([raw(broker.adminPort, headers, "{"), raw(broker.adminPort, "GET / HTTP/1.1\r\nHost: x\r\n")]);
    expect(body).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(head).toMatch(/^HTTP\/1\.1 408 /);
    await isUnharmed(broker);
  });
});

describe("what is no request", () => {
  it.each([
    ["garbage", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400],
    ["MQTT", "\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab", 400],
    ["a head that is too long", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    ["two lengths", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400],
    ["a length and chunks", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400],
  ])("%s gets its answer", async (_, bytes, status) => {
    const broker = await startAdmin();
    expect(await raw(broker.adminPort, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await isUnharmed(broker);
  });
});

describe("1,000 lists at once", () => {
  it("are answered, or refused, in bounded memory, while health is told and MQTT goes on", { timeout: 120_000 }, async () => {
    const broker = await startAdmin();
    for (let i = 0; i < 200; i++) await TestClient.connect(broker.port, { clientId: `c${i}` });
    const before = process.memoryUsage.rss();
    const lists = Promise.allSettled(Array.from({ length: 1_000 }, () => ask(broker.adminPort, "/api/v1/clients?limit=1000")));
    await isUnharmed(broker);
    const outcomes = (await lists).map((one) =>
      one.status === "fulfilled" ? one.value.status : (one.reason as NodeJS.ErrnoException).code,
    );
    // Beyond 1,024 connections those that are idle go first.
    expect(outcomes.filter((status) => status !== 200 && status !== 503 && status !== "ECONNRESET")).toEqual([]);
    expect(outcomes.filter((status) => status === 200).length).toBeGreaterThanOrEqual(64);
    expect((await ask(broker.adminPort, "/healthz")).status).toBe(200);
    // All of the clients of this test, and their answers of 100 kB each, are in this process too.
    expect(process.memoryUsage.rss() - before).toBeLessThan(512 * MIB);
    await isUnharmed(broker);
  });
});
