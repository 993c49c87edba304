import { describe, expect, it, type TestContext } from "vitest";
import { type Certificates, makeCertificates } from "../../support/certificates.js";
import { startBroker } from "../../support/start-broker.js";
import { BenchRun } from "./bench-run.js";

/** The port of a broker that speaks TLS alone. */
async function startTlsBroker(
  { server, ca }: Certificates,
  more: Readonly<Record<string, string>> = {},
  transport = "tls",
): Promise<number> {
  const mutual = more.clientCertificate === undefined ? {} : { caFile: ca.certFile };
  const tls = { certFile: server.certFile, keyFile: server.keyFile, ...mutual, ...more };
  const { port } = await startBroker({ settings: { listeners: [{ name: "tls", host: "127.0.0.1", transport, port: 0, tls }] } });
  return port;
}

const TWO = { count: "2", json: "true" } as const;

describe("mqttd bench over TLS", () => {
  it("publishes and subscribes, and without --cacertfile any certificate will do", async (context: TestContext) => {
    const port = await startTlsBroker(makeCertificates(context));
    const same = { topic: "t/%i", ssl: "true", count: "4", qos: "1", json: "true" };
    const sub = new BenchRun("sub", port, same);
    await sub.reached("sub", 4);
    const pub = new BenchRun("pub", port, { ...same, limit: "40", interval_of_msg: "0", size: "40000" });
    expect(await pub.ended).toBe(0);
    expect(pub.summary.counts).toMatchObject({ connect_succ: 4, pub_succ: 40 });
    await sub.reached("recv", 40);
  });

  it("speaks WebSocket over it", async (context: TestContext) => {
    const port = await startTlsBroker(makeCertificates(context), {}, "wss");
    const conn = new BenchRun("conn", port, { ...TWO, ssl: "true", ws: "true" });
    await conn.reached("connected", 2);
  });

  it("takes the certificate of an authority that it is given", async (context: TestContext) => {
    const certificates = makeCertificates(context);
    const conn = new BenchRun("conn", await startTlsBroker(certificates), { ...TWO, ssl: "true", cacertfile: certificates.ca.certFile });
    await conn.reached("connected", 2);
  });

  it("says that it is of another, counts that, and ends with 1", async (context: TestContext) => {
    const certificates = makeCertificates(context);
    const flags = { ...TWO, ssl: "true", cacertfile: certificates.stranger.certFile, duration: "2" };
    const conn = new BenchRun("conn", await startTlsBroker(certificates), flags);
    await conn.reached("connect_fail", 2);
    expect(await conn.ended).toBe(1);
    for (const client of [1, 2]) expect(conn.err).toMatch(new RegExp(`^client\\(${client}\\): connect error - .*certificate`, "m"));
    expect(conn.summary.counts).toMatchObject({ connect_succ: 0, connect_fail: 2, disconnected: 0 });
  });

  it("shows a certificate to a broker that asks for one, and is turned away without", async (context: TestContext) => {
    const certificates = makeCertificates(context);
    const { client } = certificates;
    const port = await startTlsBroker(certificates, { clientCertificate: "require" });
    const shown = { certfile: client.certFile, keyfile: client.keyFile, cacertfile: certificates.ca.certFile };
    const known = new BenchRun("conn", port, { ...TWO, ssl: "true", ...shown });
    await known.reached("connected", 2);
    const unknown = new BenchRun("conn", port, { ...TWO, ssl: "true" });
    await unknown.reached("connect_fail", 2);
    expect(unknown.err).toMatch(/^client\(1\): connect error - ./m);
  });

  it.for(["tlsv1.2", "tlsv1.3", "tlsv1.3_nocompat"])("--ssl-version %s is TLS without --ssl too", async (version, context: TestContext) => {
    const conn = new BenchRun("conn", await startTlsBroker(makeCertificates(context)), { ...TWO, "ssl-version": version });
    await conn.reached("connected", 2);
  });

  it("offers the version and ciphers that it is told to, with commas between them, and no others", async (context: TestContext) => {
    const port = await startTlsBroker(makeCertificates(context), { minVersion: "TLSv1.3" });
    const old = new BenchRun("conn", port, { ...TWO, "ssl-version": "tlsv1.2" });
    await old.reached("connect_fail", 2);
    const ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384,ECDHE-ECDSA-AES128-GCM-SHA256";
    const two = new BenchRun("conn", await startTlsBroker(makeCertificates(context)), { ...TWO, "ssl-version": "tlsv1.2", ciphers });
    await two.reached("connected", 2);
  });
});
