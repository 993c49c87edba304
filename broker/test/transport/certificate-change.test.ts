import type { TLSSocket } from "node:tls";
import { describe, expect, it, type TestContext } from "vitest";
import type { ListenerOptions, TlsOptions } from "../../src/transport/listener.js";
import { certificatesMadeOnce, type KeyPair } from "../support/certificates.js";
import { V1_LINE } from "./proxy-bytes.js";
import { connect, type TestConnection } from "./test-connection.js";
import { startListener, type TestListener, until } from "./test-listener.js";

const certificates = certificatesMadeOnce();

function tlsOf({ cert, key }: KeyPair, ca: KeyPair, more: Partial<TlsOptions> = {}): TlsOptions {
  return { cert, key, ca: ca.cert, clientCertificate: "none", minVersion: "TLSv1.2", ...more };
}

function shownTo({ stream }: TestConnection): string | undefined {
  const name = (stream as TLSSocket).getPeerCertificate().subject.CN;
  return Array.isArray(name) ? name[0] : name;
}

describe.each([
  { name: "TLS", layers: {}, client: {} },
  { name: "a WebSocket over TLS", layers: { webSocket: { path: "/mqtt", maxMessageBytes: 1_000 } }, client: { webSocket: true } },
  { name: "TLS behind a PROXY header", layers: { proxyProtocol: { timeoutMs: 60_000 } }, client: { proxyHeader: V1_LINE } },
])("the certificate of $name", ({ layers, client }) => {
  const options = (tls: TlsOptions): ListenerOptions => ({ name: "test", host: "127.0.0.1", port: 0, backlog: 511, ...layers, tls });

  async function start(context: TestContext, more: Partial<TlsOptions> = {}): Promise<TestListener> {
    const { server, ca } = certificates(context);
    return startListener(options(tlsOf(server, ca, more)), { onData: (socket, bytes) => void socket.write(Buffer.from(bytes)) });
  }

  const reach = (port: number, tls: object = {}) => connect({ port, ...client, tls: { rejectUnauthorized: false, ...tls } });

  async function echoes(connection: TestConnection, text: string): Promise<boolean> {
    const before = connection.receivedBytes;
    connection.send(Buffer.from(text));
    await until(() => connection.receivedBytes >= before + text.length || connection.isClosed);
    return !connection.isClosed;
  }

  it("changes for the connections that follow, while those before live on", async (context) => {
    const { client: other, ca } = certificates(context);
    const { listener, port } = await start(context);
    const before = await reach(port);
    const change = listener.prepare(options(tlsOf(other, ca)));
    expect(shownTo(await reach(port))).toBe("localhost");
    change();
    expect(shownTo(await reach(port))).toBe("device-1");
    expect(await echoes(before, "still here")).toBe(true);
    expect(shownTo(before)).toBe("localhost");
  });

  it("changes together with the oldest version and whether clients show one", async (context) => {
    const { server, client: own, ca } = certificates(context);
    const { listener, port, failures } = await start(context);
    listener.prepare(options(tlsOf(server, ca, { minVersion: "TLSv1.3", clientCertificate: "require" })))();
    expect(await echoes(await reach(port, { cert: own.cert, key: own.key }), "known")).toBe(true);
    expect(await refusal(reach(port, { maxVersion: "TLSv1.2", cert: own.cert, key: own.key }))).toBe(true);
    const unknown = await reach(port).catch(() => undefined);
    await until(() => failures.length >= 2 && (unknown?.isClosed ?? true));
    listener.prepare(options(tlsOf(server, ca)))();
    expect(await echoes(await reach(port), "anyone")).toBe(true);
  });

  it("may be required of clients no longer, if it was from the start", async (context) => {
    const { server, ca } = certificates(context);
    const { listener, port, failures } = await start(context, { clientCertificate: "require" });
    const unknown = await reach(port).catch(() => undefined);
    await until(() => failures.length >= 1 && (unknown?.isClosed ?? true));
    listener.prepare(options(tlsOf(server, ca)))();
    expect(await echoes(await reach(port), "anyone")).toBe(true);
  });

  it("stays as it is if the new one is not one, or not that of its key", async (context) => {
    const { server, client: other, ca } = certificates(context);
    const { listener, port } = await start(context);
    expect(() => listener.prepare(options({ ...tlsOf(server, ca), key: other.key }))).toThrow(
      /listener "test" on 127\.0\.0\.1:0: "tls\.key" is not the key of "tls\.cert"/,
    );
    expect(() => listener.prepare(options({ ...tlsOf(server, ca), cert: "none" }))).toThrow('"tls.cert" must be a certificate in PEM');
    expect(shownTo(await reach(port))).toBe("localhost");
  });

  it("changes many times under connections that keep coming, and none of them fails", async (context) => {
    const { server, client: other, ca } = certificates(context);
    const { listener, port } = await start(context);
    let isOver = false;
    const names: (string | undefined)[] = [];
    const keepComing = async () => {
      while (!isOver) {
        const connection = await reach(port);
        names.push(shownTo(connection));
        connection.tcp.destroy();
      }
    };
    const comers = Array.from({ length: 4 }, keepComing);
    for (let round = 1; round <= 20; round++) {
      listener.prepare(options(tlsOf(round % 2 === 1 ? other : server, ca)))();
      const seen = names.length;
      await until(() => names.length >= seen + 4);
    }
    isOver = true;
    await Promise.all(comers);
    expect(new Set(names)).toEqual(new Set(["localhost", "device-1"]));
  });
});

describe("other options of a WebSocket", () => {
  it("hold for the handshakes that follow", async () => {
    const layers = (path: string) => ({ webSocket: { path, maxMessageBytes: 1_000 } });
    const { listener, port } = await startListener(layers("/mqtt"));
    await connect({ port, webSocket: true });
    listener.prepare({ name: "test", host: "127.0.0.1", port: 0, backlog: 511, ...layers("/other") })();
    expect(await refusal(connect({ port, webSocket: true }))).toBe(true);
  });
});

describe("a listener without TLS", () => {
  it("stays one, whatever it is told", async (context) => {
    const { server, ca } = certificates(context);
    const { listener, port } = await startListener({});
    listener.prepare({ name: "test", host: "127.0.0.1", port: 0, backlog: 511, tls: tlsOf(server, ca) })();
    const connection = await connect({ port });
    expect(connection.isClosed).toBe(false);
  });
});

/** Whether a connection fails. */
async function refusal(connecting: Promise<TestConnection>): Promise<boolean> {
  try {
    const connection = await connecting;
    await until(() => connection.isClosed);
    return true;
  } catch {
    return true;
  }
}
