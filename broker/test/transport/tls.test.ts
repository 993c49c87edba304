import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { describe, expect, it, type TestContext } from "vitest";
import { createListener } from "../../src/transport/create-listener.js";
import type { ListenerOptions, TlsOptions } from "../../src/transport/listener.js";
import { certificatesMadeOnce, type KeyPair } from "../support/certificates.js";
import { V1_LINE } from "./proxy-bytes.js";
import { connect, type TestConnection } from "./test-connection.js";
import { onlyAccepted, startListener, until } from "./test-listener.js";

const certificates = certificatesMadeOnce();

function tlsOptions(context: TestContext, options: Partial<TlsOptions> = {}): TlsOptions {
  const { server, ca } = certificates(context);
  return { cert: server.cert, key: server.key, ca: ca.cert, clientCertificate: "none", minVersion: "TLSv1.2", ...options };
}

function keysOf({ cert, key }: KeyPair) {
  return { cert, key };
}

describe.each([
  { name: "TLS", proxyHeader: undefined },
  { name: "TLS behind a PROXY header", proxyHeader: V1_LINE },
])("$name", ({ proxyHeader }) => {
  function start(context: TestContext, options: Partial<TlsOptions>, extra: Partial<ListenerOptions> = {}) {
    const proxy = proxyHeader && { proxyProtocol: { timeoutMs: 60_000 } };
    return startListener(
      { tls: tlsOptions(context, options), ...proxy, ...extra },
      { onData: (socket) => void socket.write(Buffer.from("ok")) },
    );
  }

  function connectWith(port: number, tls: object): Promise<TestConnection> {
    return connect({ port, tls: { servername: "localhost", ...tls }, ...(proxyHeader && { proxyHeader }) });
  }

  for (const clientCertificate of ["request", "require"] as const) {
    it(`tells whom a verified certificate names, if the listener ${clientCertificate}s one`, async (context) => {
      const listener = await start(context, { clientCertificate });
      await connectWith(listener.port, keysOf(certificates(context).client));
      const { socket } = await onlyAccepted(listener);
      const certificate = { commonName: "device-1", subjectAltNames: "DNS:a.example, IP Address:10.0.0.1" };
      expect(socket.peer().tls?.certificate).toEqual(certificate);
    });

    it(`refuses a certificate of a stranger, if the listener ${clientCertificate}s one`, async (context) => {
      const listener = await start(context, { clientCertificate });
      // TLS 1.3 lets the client believe in its handshake before the server has seen the certificate.
      const client = await connectWith(listener.port, keysOf(certificates(context).stranger)).catch(() => undefined);
      await until(() => listener.failures.length > 0 && (client?.isClosed ?? true));
      expect(listener.failures).toEqual([
        { reason: "client certificate refused: DEPTH_ZERO_SELF_SIGNED_CERT", remoteAddress: expect.any(String) },
      ]);
      expect(listener.accepted).toEqual([]);
    });
  }

  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`refuses who has no certificate if one is required, ${maxVersion}`, async (context) => {
      const listener = await start(context, { clientCertificate: "require" });
      const client = await connectWith(listener.port, { maxVersion }).catch(() => undefined);
      await until(() => listener.failures.length > 0 && (client?.isClosed ?? true));
      expect(listener.failures).toHaveLength(1);
      expect(listener.accepted).toEqual([]);
    });
  }

  it("lets in who has no certificate if one is requested", async (context) => {
    const listener = await start(context, { clientCertificate: "request" });
    await connectWith(listener.port, {});
    expect((await onlyAccepted(listener)).socket.peer().tls).not.toHaveProperty("certificate");
  });

  it("believes no certificate that was not asked for", async (context) => {
    const listener = await start(context, {});
    await connectWith(listener.port, keysOf(certificates(context).client));
    expect((await onlyAccepted(listener)).socket.peer().tls).not.toHaveProperty("certificate");
  });

  it("is spoken in version 1.2 by clients that know no better", async (context) => {
    const listener = await start(context, { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" });
    await connectWith(listener.port, { maxVersion: "TLSv1.2" });
    const tls = { version: "TLSv1.2", cipher: "ECDHE-ECDSA-AES256-GCM-SHA384", serverName: "localhost" };
    expect((await onlyAccepted(listener)).socket.peer().tls).toEqual(tls);
  });

  it("is refused below the least version", async (context) => {
    const listener = await start(context, { minVersion: "TLSv1.3" });
    await expect(connectWith(listener.port, { maxVersion: "TLSv1.2" })).rejects.toThrow();
    await until(() => listener.failures.length > 0);
    expect(listener.failures[0]?.reason).toContain("TLS handshake failed");
    await connectWith(listener.port, {});
    await onlyAccepted(listener);
  });

  for (const [name, text] of [
    ["HTTP", "GET / HTTP/1.1\r\n\r\n"],
    ["MQTT", "\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0"],
  ] as const) {
    it(`is told from ${name}`, async (context) => {
      const listener = await start(context, {});
      const client = connectTcp(listener.port, "127.0.0.1");
      client.on("error", () => {});
      client.resume();
      client.write(Buffer.concat([proxyHeader ?? Buffer.alloc(0), Buffer.from(text, "latin1")]));
      await until(() => listener.failures.length > 0 && client.closed);
      expect(listener.failures).toEqual([{ reason: expect.stringMatching(/^TLS handshake failed: ./), remoteAddress: expect.any(String) }]);
    });
  }

  it("may be broken off during the handshake", async (context) => {
    const listener = await start(context, {});
    const client = connectTcp(listener.port, "127.0.0.1");
    client.write(Buffer.concat([proxyHeader ?? Buffer.alloc(0), Buffer.from([0x16, 3, 1])]));
    await once(client, "connect");
    client.end();
    client.resume();
    await until(() => listener.failures.length > 0 && client.closed);
    expect(listener.failures).toEqual([{ reason: expect.stringMatching(/^TLS handshake failed: ./), remoteAddress: expect.any(String) }]);
  });

  it("has to be set up in time", async (context) => {
    const listener = await start(context, {}, { handshakeTimeoutMs: 40 });
    const client = connectTcp(listener.port, "127.0.0.1");
    client.on("error", () => {});
    if (proxyHeader) client.write(proxyHeader);
    await until(() => listener.failures.length > 0 && client.closed);
    expect(listener.failures).toHaveLength(1);
  });
});

describe("TLS settings", () => {
  const WRONG: readonly { problem: string; settings: (context: TestContext) => Partial<TlsOptions> }[] = [
    { problem: '"tls.cert" must be a certificate in PEM', settings: () => ({ cert: "nonsense" }) },
    { problem: '"tls.key" must be a private key in PEM', settings: () => ({ key: "nonsense" }) },
    { problem: '"tls.key" is not the key of "tls.cert"', settings: (context) => ({ key: certificates(context).client.key }) },
    { problem: '"tls.ca" must be certificates in PEM', settings: () => ({ ca: "nonsense", clientCertificate: "require" }) },
    { problem: '"tls.ciphers" must be a list', settings: () => ({ ciphers: "NONSENSE" }) },
  ];
  for (const { problem, settings } of WRONG) {
    it(`are checked at the start: ${problem}`, async (context) => {
      await expect(startWith(tlsOptions(context, settings(context)))).rejects.toThrow(`listener "tls" on 127.0.0.1:0: ${problem}`);
    });
  }

  it("must name an authority if client certificates are asked for", async (context) => {
    const { ca, ...rest } = tlsOptions(context, { clientCertificate: "require" });
    expect(ca).toBeDefined();
    await expect(startWith(rest)).rejects.toThrow('"tls.clientCertificate" is "require", but there is no "tls.ca"');
  });

  function startWith(tls: TlsOptions): Promise<void> {
    const options = { name: "tls", host: "127.0.0.1", port: 0, backlog: 1, tls };
    const refuse = () => {
      throw new Error("nobody connects");
    };
    return createListener(options, refuse, refuse).start();
  }
});
