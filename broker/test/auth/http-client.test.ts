import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished, type TestContext, vi } from "vitest";
import { HttpBusy, HttpClient, type HttpClientSettings, HttpFailure } from "../../src/auth/http-client.js";
import { makeCertificates } from "../support/certificates.js";
import { HookServer, json, reset, stall } from "./hook-server.js";

const BODY = () => '{"secret":"s3cr3t"}';

function clientOf(url: string, special: Partial<HttpClientSettings> = {}): HttpClient {
  const client = new HttpClient({
    url,
    headers: { authorization: "Bearer t0ken" },
    timeoutMs: 10_000,
    maxConnections: 2,
    maxWaiting: 100,
    maxAnswerBytes: 1_000,
    ...special,
  });
  onTestFinished(() => client.close());
  return client;
}

/** What a request failed with; it has to be a failure that tells nothing of what was sent. */
async function failureOf(answer: Promise<unknown>): Promise<string> {
  const error = await answer.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(HttpFailure);
  expect((error as Error).stack).not.toMatch(/s3cr3t|t0ken/);
  return (error as Error).message;
}

describe("HttpClient", () => {
  it("sends JSON and headers, and gives status and body", async () => {
    const server = await HookServer.start(json({ result: "allow" }, 201));
    expect(await clientOf(server.url).post(BODY)).toEqual({ status: 201, body: '{"result":"allow"}' });
    expect(server.bodies).toEqual([BODY()]);
    expect(server.requests[0]?.method).toBe("POST");
    expect(server.requests[0]?.headers).toMatchObject({ authorization: "Bearer t0ken", "content-type": "application/json" });
  });

  it("gets without a body", async () => {
    const server = await HookServer.start(json({}));
    expect(await clientOf(server.url).get()).toEqual({ status: 200, body: "{}" });
    expect([server.requests[0]?.method, server.bodies]).toEqual(["GET", [""]]);
  });

  it("keeps its connections, and has no more than it may", async () => {
    const server = await HookServer.start(json({}));
    const client = clientOf(server.url);
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 30 }, () => client.post(BODY)));
    expect(server.bodies).toHaveLength(90);
    expect(server.connections).toBe(2);
  });

  it("asks again on another connection if the server has closed the one that was kept", async () => {
    const server = await HookServer.start(json({}));
    const client = clientOf(server.url, { maxConnections: 1 });
    for (let round = 0; round < 5; round++) {
      expect((await client.post(BODY)).status).toBe(200);
      for (const socket of server.sockets) socket.destroy();
    }
  });

  it("gives up a server that stalls, and its connection", async () => {
    const server = await HookServer.start(stall);
    const client = clientOf(server.url, { timeoutMs: 200 });
    expect(await failureOf(client.post(BODY))).toBe("no answer within 200 ms");
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    server.behaviour = json({});
    expect((await clientOf(server.url).post(BODY)).status).toBe(200);
  });

  it("gives up who waits for a connection in the same time, unsent", async () => {
    const server = await HookServer.start(stall);
    const client = clientOf(server.url, { timeoutMs: 200, maxConnections: 1 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => failureOf(client.post(BODY))));
    expect(new Set(answers)).toEqual(new Set(["no answer within 200 ms"]));
    expect(client.waiting).toBe(0);
    expect(server.mostOpen).toBe(1);
  });

  it("refuses what comes when as many wait as may", async () => {
    const server = await HookServer.start(stall);
    const client = clientOf(server.url, { timeoutMs: 300, maxConnections: 2, maxWaiting: 3 });
    const answers = Array.from({ length: 8 }, () => client.post(BODY));
    const outcomes = await Promise.allSettled(answers);
    const busy = outcomes.filter((outcome) => outcome.status === "rejected" && outcome.reason instanceof HttpBusy);
    expect(busy).toHaveLength(3);
    expect(client.waiting).toBe(0);
  });

  it("makes a body only when it is sent", async () => {
    const server = await HookServer.start(stall);
    const client = clientOf(server.url, { timeoutMs: 200, maxConnections: 1 });
    const first = failureOf(client.post(BODY));
    const body = vi.fn(BODY);
    const second = failureOf(client.post(body));
    expect(body).not.toHaveBeenCalled();
    await Promise.all([first, second]);
  });

  it("fails with a server that resets", async () => {
    const server = await HookServer.start(reset);
    expect(await failureOf(clientOf(server.url).post(BODY))).toBe("ECONNRESET");
    expect(server.bodies).toHaveLength(1); // a new connection: nothing is asked twice
  });

  it("fails where nobody listens", async () => {
    const server = new HookServer(stall);
    await server.listen();
    const { url } = server;
    await server.close();
    expect(await failureOf(clientOf(url).post(BODY))).toMatch(/^ECONNREFUSED$/);
  });

  it("fails with an answer that breaks off", async () => {
    const server = await HookServer.start((response, _, request) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("{");
      setImmediate(() => request.socket.destroy());
    });
    expect(await failureOf(clientOf(server.url).post(BODY))).toMatch(/broke off|ECONNRESET/);
  });

  it("fails with what is not HTTP", async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.write("220 mail.example ESMTP s3cr3t\r\n");
    });
    await once(server.listen(0, "localhost"), "listening");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { port } = server.address() as { port: number };
    await failureOf(clientOf(`http://localhost:${port}/`).post(BODY));
  });

  it("reads no more of an answer than it may, however much comes", async () => {
    let sent = 0;
    const server = await HookServer.start((response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(65_536);
      const send = () => {
        while (!response.destroyed && sent < 1e9) {
          sent += chunk.length;
          if (!response.write(chunk)) break;
        }
      };
      response.on("drain", send);
      send();
    });
    expect(await failureOf(clientOf(server.url).post(BODY))).toBe("an answer of more than 1000 bytes");
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    expect(sent).toBeLessThan(5e7);
  });

  it("follows no redirect", async () => {
    const server = await HookServer.start((response) => {
      response.writeHead(307, { location: "/elsewhere" });
      response.end();
    });
    expect((await clientOf(server.url).post(BODY)).status).toBe(307);
    expect(server.requests).toHaveLength(1);
  });

  it("answers what is under way when it is closed, and keeps no connection then", async () => {
    let answer: (() => void) | undefined;
    const server = await HookServer.start((response, question, request) => {
      answer = () => json({})(response, question, request);
    });
    const client = clientOf(server.url, { maxConnections: 1 });
    const both = Promise.all([client.post(BODY), client.post(BODY)]);
    await vi.waitFor(() => expect(server.bodies).toHaveLength(1));
    const closed = client.close();
    answer?.();
    await vi.waitFor(() => expect(server.bodies).toHaveLength(2));
    answer?.();
    expect((await both).map(({ status }) => status)).toEqual([200, 200]);
    await closed;
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it("answers even what is asked afterwards, by who still has it", async () => {
    const server = await HookServer.start(json({}));
    const client = clientOf(server.url);
    await client.close();
    expect((await client.post(BODY)).status).toBe(200);
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });
});

describe("HttpClient over TLS", () => {
  it("knows the server by the authorities it is given, and shows its own certificate", async (context: TestContext) => {
    const { ca, server: serverPair, client: own } = makeCertificates(context);
    const server = await HookServer.start(
      (response, question, request) => {
        const { authorized } = request.socket as unknown as { authorized: boolean };
        json({ authorized })(response, question, request);
      },
      { cert: serverPair.cert, key: serverPair.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
    );
    const client = clientOf(server.url, { tls: { ca: ca.cert, cert: own.cert, key: own.key } });
    expect(await client.post(BODY)).toEqual({ status: 200, body: '{"authorized":true}' });
    expect(await client.post(BODY)).toMatchObject({ status: 200 });
    expect(server.connections).toBe(1);
    await failureOf(clientOf(server.url, { tls: { ca: ca.cert } }).post(BODY));
  });

  it("tells a stranger nothing", async (context: TestContext) => {
    const { ca, server: pair, stranger } = makeCertificates(context);
    const server = await HookServer.start(json({}), { cert: pair.cert, key: pair.key });
    await failureOf(clientOf(server.url).post(BODY));
    await failureOf(clientOf(server.url, { tls: { ca: stranger.cert } }).post(BODY));
    expect(server.bodies).toEqual([]);
    expect((await clientOf(server.url, { tls: { ca: ca.cert } }).post(BODY)).status).toBe(200);
  });
});
