import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeCertificates } from "../support/certificates.js";
import { startHaproxy } from "./haproxy.js";
import { connect } from "./test-connection.js";
import { type Behaviour, onlyAccepted, startListener, until } from "./test-listener.js";

const PROXY = { proxyProtocol: { timeoutMs: 60_000 } };
const ECHO: Behaviour = { onData: (socket, bytes) => void socket.write(Buffer.from(bytes)) };

describe("behind a real haproxy", () => {
  for (const serverOptions of ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"]) {
    it(`a listener knows its clients, '${serverOptions}'`, async (context) => {
      const listener = await startListener(PROXY, ECHO);
      const port = await startHaproxy(context, { serverPort: listener.port, serverOptions });
      const client = await connect({ port });
      client.send(Buffer.from("hello"));
      expect((await client.read(5)).toString()).toBe("hello");

      const { socket } = await onlyAccepted(listener);
      const { localPort } = client.stream;
      expect(socket.peer()).toEqual({ address: "127.0.0.1", port: localPort, localAddress: "127.0.0.1", localPort: port });
    });
  }

  it("a listener knows the TLS, and the certificate, that ends at haproxy", async (context) => {
    const { ca, server, client: device } = makeCertificates(context);
    const pem = join(server.certFile, "..", "haproxy.pem");
    writeFileSync(pem, `${server.cert}${server.key}`);
    const listener = await startListener(PROXY, ECHO);
    const port = await startHaproxy(context, {
      serverPort: listener.port,
      serverOptions: "send-proxy-v2-ssl-cn proxy-v2-options cert-sig,cert-key,ssl-cipher,authority,crc32c",
      bindOptions: `ssl crt ${pem} ca-file ${ca.certFile} verify optional`,
    });
    const client = await connect({ port, tls: { cert: device.cert, key: device.key, servername: "localhost" } });
    client.send(Buffer.from("hello"));
    await client.read(5);

    const { socket } = await onlyAccepted(listener);
    expect(socket.peer()).toMatchObject({
      port: client.stream.localPort,
      tls: {
        version: "TLSv1.3",
        cipher: expect.stringMatching(/^TLS_/),
        serverName: "localhost",
        certificate: { commonName: "device-1", subjectAltNames: "" },
      },
    });
  });

  it("a listener does TLS that haproxy passes through", async (context) => {
    const { ca, server } = makeCertificates(context);
    const tls = { ...server, clientCertificate: "none", minVersion: "TLSv1.2" } as const;
    const listener = await startListener({ ...PROXY, tls }, ECHO);
    const port = await startHaproxy(context, { serverPort: listener.port, serverOptions: "send-proxy-v2" });
    const client = await connect({ port, tls: { ca: ca.cert, servername: "localhost", rejectUnauthorized: true } });
    client.send(Buffer.from("hello"));
    await client.read(5);
    const { socket } = await onlyAccepted(listener);
    expect(socket.peer()).toMatchObject({
      port: client.tcp.localPort,
      localPort: port,
      tls: { version: "TLSv1.3", serverName: "localhost" },
    });
  });

  it("a listener takes health checks for what they are", async (context) => {
    const addresses: string[] = [];
    const listener = await startListener(PROXY, { onAccept: (socket) => void addresses.push(socket.peer().address) });
    await startHaproxy(context, { serverPort: listener.port, serverOptions: "check inter 20ms send-proxy-v2 check-send-proxy" });
    await until(() => listener.accepted.filter(({ closes }) => closes.length === 1).length >= 3);
    // haproxy resets the connection right after its header; then the kernel may have forgotten who was there.
    expect(addresses.filter((address) => address !== "127.0.0.1" && address !== "")).toEqual([]);
  });
});
