import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ManualClock } from "../support/manual-clock.js";
import { requireTool } from "../support/tools.js";
import { V1_LINE, v2Header } from "./proxy-bytes.js";
import { connect } from "./test-connection.js";
import { onlyAccepted, startListener, until } from "./test-listener.js";

describe("a listener", () => {
  it("takes a free port and tells which", async () => {
    const { listener, port } = await startListener({});
    expect(listener.address).toEqual({ host: "127.0.0.1", port: expect.any(Number) });
    expect(port).toBeGreaterThan(0);
  });

  it("listens beside others", async () => {
    const one = await startListener({ name: "one" });
    const other = await startListener({ name: "other", webSocket: { path: "/mqtt", maxMessageBytes: 1000 } });
    await connect({ port: one.port });
    await connect({ port: other.port, webSocket: true });
    await onlyAccepted(one);
    await onlyAccepted(other);
    expect(one.port).not.toBe(other.port);
  });

  it("listens on IPv6", async () => {
    const listener = await startListener({ host: "::1" });
    await connect({ port: listener.port, host: "::1" });
    const { socket } = await onlyAccepted(listener);
    expect(socket.peer()).toMatchObject({ address: "::1", localAddress: "::1", localPort: listener.port });
  });

  it("says which address is taken, and by which name it wanted it", async () => {
    const { port } = await startListener({});
    const second = startListener({ name: "tcp:second", port });
    await expect(second).rejects.toThrow(`listener "tcp:second" on 127.0.0.1:${port}: `);
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("says so of an address that is not this machine's", async () => {
    await expect(startListener({ host: "192.0.2.1" })).rejects.toThrow('listener "test" on 192.0.2.1:0: ');
  });

  it("asks the kernel for its backlog", async (context) => {
    const ss = requireTool(context, "ss", "install the package iproute2");
    const { port, listener } = await startListener({ backlog: 1234 });
    const sockets = execFileSync(ss, ["-Hltn", `sport = :${port}`], { encoding: "utf8" });
    // The state, what waits, and the backlog, which the kernel has cut to its own limit.
    expect(Number(sockets.trim().split(/\s+/)[2])).toBe(1234);
    expect(listener.backlog).toBe(1234);
  });

  it("leaves open connections alone when it stops", async () => {
    const listener = await startListener({}, { onData: (socket, bytes) => void socket.write(Buffer.from(bytes)) });
    const client = await connect({ port: listener.port });
    const accepted = await onlyAccepted(listener);
    await listener.listener.stop();
    await expect(connect({ port: listener.port })).rejects.toThrow();

    client.send(Buffer.from("still here"));
    await client.read(10);
    expect(accepted.closes).toEqual([]);
  });

  it("may be stopped twice, or without having been started", async () => {
    const { listener } = await startListener({});
    await listener.stop();
    await listener.stop();
  });

  it("may be started again", async () => {
    const listener = await startListener({});
    await listener.listener.stop();
    await listener.listener.start();
    await connect({ port: listener.listener.address.port });
    await onlyAccepted(listener);
  });
});

describe("a listener with the PROXY protocol", () => {
  const PROXY = { proxyProtocol: { timeoutMs: 5_000 } };

  it.each([
    ["version 1", V1_LINE],
    ["version 2", v2Header()],
  ])("reads a header that comes byte by byte, and what is behind it, %s", async (_, header) => {
    const listener = await startListener(PROXY);
    const client = connectTcp({ port: listener.port, host: "127.0.0.1", noDelay: true });
    for (const byte of Buffer.concat([header, Buffer.from("MQTT")])) {
      client.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const accepted = await onlyAccepted(listener);
    await until(() => accepted.receivedBytes === 4);
    expect(accepted.socket.peer().address).toBe("192.0.2.7");
    client.destroy();
  });

  it("takes a health check for the proxy itself", async () => {
    const listener = await startListener(PROXY);
    await connect({ port: listener.port, proxyHeader: v2Header({ command: 0 }) });
    expect((await onlyAccepted(listener)).socket.peer().address).toBe("127.0.0.1");
  });

  it("closes connections that begin otherwise", async () => {
    const listener = await startListener(PROXY);
    const client = await connect({ port: listener.port });
    client.send(Buffer.from("\x10\x0c\0\x04MQTT"));
    await until(() => client.isClosed);
    expect(listener.failures).toEqual([{ reason: "connection does not start with a PROXY header", remoteAddress: "127.0.0.1" }]);
    expect(listener.accepted).toEqual([]);
  });

  it("closes connections whose header does not come in time", async () => {
    const clock = new ManualClock();
    const listener = await startListener(PROXY, {}, clock);
    const client = await connect({ port: listener.port, proxyHeader: V1_LINE.subarray(0, 20) });
    while (!client.isClosed) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(listener.failures).toEqual([{ reason: "PROXY header did not come in time", remoteAddress: "127.0.0.1" }]);
  });

  it("hears of connections that close before their header is there", async () => {
    const listener = await startListener(PROXY);
    const client = await connect({ port: listener.port, proxyHeader: V1_LINE.subarray(0, 20) });
    client.stream.end();
    await until(() => listener.failures.length > 0 && client.isClosed);
    expect(listener.failures).toEqual([{ reason: "closed before its PROXY header was complete", remoteAddress: "127.0.0.1" }]);
  });
});

describe("a WebSocket listener", () => {
  const WEB_SOCKET = { webSocket: { path: "/mqtt", maxMessageBytes: 1_000_000 } };

  it("serves a foreign client", async () => {
    const listener = await startListener(WEB_SOCKET, { onData: (socket, bytes) => void socket.write(Buffer.from(bytes)) });
    const client = new WebSocket(`ws://127.0.0.1:${listener.port}/mqtt`, ["mqtt"]);
    await once(client, "open");
    expect(client.protocol).toBe("mqtt");

    const payload = Buffer.alloc(100_000, "abc");
    const echoed: Buffer[] = [];
    client.on("message", (bytes: Buffer, isBinary: boolean) => {
      expect(isBinary).toBe(true);
      echoed.push(bytes);
    });
    client.send(payload);
    await until(() => echoed.reduce((sum, { length }) => sum + length, 0) === payload.length);
    expect(Buffer.concat(echoed).equals(payload)).toBe(true);

    client.ping("are you there?");
    await once(client, "pong");
    const accepted = await onlyAccepted(listener);
    client.close(1000);
    const [status] = await once(client, "close");
    expect(status).toBe(1000);
    await until(() => accepted.closes.length > 0);
    expect(accepted.closes).toEqual([undefined]);
  });

  it("closes cleanly with a foreign client", async () => {
    const listener = await startListener(WEB_SOCKET, { onData: (socket) => socket.end() });
    const client = new WebSocket(`ws://127.0.0.1:${listener.port}/mqtt`, ["mqtt"]);
    await once(client, "open");
    client.send(Buffer.from("bye"));
    const [status] = await once(client, "close");
    expect(status).toBe(1000);
    const accepted = await onlyAccepted(listener);
    await until(() => accepted.closes.length > 0);
    expect(accepted.closes).toEqual([undefined]);
  });

  it("answers a browser that comes without WebSocket", async () => {
    const { port, failures } = await startListener(WEB_SOCKET);
    const response = await fetch(`http://127.0.0.1:${port}/mqtt`);
    expect(response.status).toBe(426);
    expect(response.headers.get("upgrade")).toBe("websocket");
    expect(await response.text()).toBe("request does not ask for a WebSocket\n");
    expect(failures).toHaveLength(1);
  });
});
