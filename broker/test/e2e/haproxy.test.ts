import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { type KeyPair, makeCertificates } from "../support/certificates.js";
import { RecordingAuthenticator } from "../support/foreign-authenticator.js";
import { Mosquitto } from "../support/foreign-mosquitto.js";
import { MqttJs } from "../support/foreign-mqttjs.js";
import type { Transport } from "../support/foreign-transports.js";
import { startBroker } from "../support/start-broker.js";
import { startHaproxy } from "../transport/haproxy.js";

/** Where mosquitto's client connects from, so that it cannot be taken for haproxy. */
const CLIENT_ADDRESS = "127.0.0.77";

/** A broker behind haproxy: every connection begins with a PROXY header. */
async function startBehind(transport: Transport, tls?: KeyPair) {
  const authenticator = new RecordingAuthenticator();
  const listener = { name: transport, host: "127.0.0.1", port: 0, transport, proxyProtocol: true };
  const settings = { listeners: [{ ...listener, ...(tls && { tls: { certFile: tls.certFile, keyFile: tls.keyFile } }) }] };
  return { broker: await startBroker({ settings, authenticator }), requests: authenticator.requests };
}

/** Certificate and key in one file, as haproxy wants them. */
function joined({ cert, key, certFile }: KeyPair): string {
  const file = join(dirname(certFile), "haproxy.pem");
  writeFileSync(file, `${cert}${key}`);
  return file;
}

describe("behind a real haproxy", () => {
  it.for(["send-proxy", "send-proxy-v2"])("the broker sees the client's address, by %s", async (serverOptions, context) => {
    const { broker, requests } = await startBehind("tcp");
    const port = await startHaproxy(context, { serverPort: broker.port, serverOptions });
    const mosquitto = new Mosquitto(context, broker, ["-A", CLIENT_ADDRESS, "-q", "2"], port);
    const subscriber = await mosquitto.subscribe(["-t", "a"]);
    await mosquitto.publish(["-t", "a", "-l"], "1\n2\n3\n");
    expect(await subscriber.lines.take(3)).toEqual(["1", "2", "3"]);
    for (const { peer } of await requests.take(2)) {
      expect(peer).toMatchObject({ address: CLIENT_ADDRESS, localAddress: "127.0.0.1", localPort: port });
      expect(peer).not.toHaveProperty("tls");
    }
  });

  it("the broker sees the name in the certificate of a client whose TLS ends there", async (context) => {
    const { ca, server, client, stranger } = makeCertificates(context);
    const { broker, requests } = await startBehind("tcp");
    const bindOptions = `ssl crt ${joined(server)} ca-file ${ca.certFile} verify required`;
    const proxyOptions = "send-proxy-v2-ssl-cn proxy-v2-options ssl-cipher";
    const port = await startHaproxy(context, { serverPort: broker.port, serverOptions: proxyOptions, bindOptions });
    const mosquittoWith = ({ certFile, keyFile }: KeyPair) => {
      const keys = ["--cafile", ca.certFile, "--cert", certFile, "--key", keyFile];
      return new Mosquitto(context, broker, ["-A", CLIENT_ADDRESS, "-q", "1", ...keys], port);
    };
    await mosquittoWith(client).publish(["-t", "a", "-m", "x"]);
    expect((await requests.next()).peer).toMatchObject({
      address: CLIENT_ADDRESS,
      tls: { version: "TLSv1.3", cipher: expect.stringMatching(/^TLS_/), certificate: { commonName: "device-1" } },
    });
    expect((await mosquittoWith(stranger).tryToPublish(["-t", "a", "-m", "x"])).exitCode).not.toBe(0);
  });

  it("the broker sees the client's address also when TLS passes through", async (context) => {
    const { ca, server } = makeCertificates(context);
    const { broker, requests } = await startBehind("tls", server);
    const port = await startHaproxy(context, { serverPort: broker.port, serverOptions: "send-proxy-v2" });
    const mosquitto = new Mosquitto(context, broker, ["-A", CLIENT_ADDRESS, "--cafile", ca.certFile, "-q", "1"], port);
    await mosquitto.publish(["-t", "a", "-m", "x"]);
    expect((await requests.next()).peer).toMatchObject({ address: CLIENT_ADDRESS, tls: { version: "TLSv1.3" } });
  });

  it("WebSockets whose TLS ends there reach the broker", async (context) => {
    const { ca, server } = makeCertificates(context);
    const { broker, requests } = await startBehind("ws");
    const bindOptions = `ssl crt ${joined(server)}`;
    const port = await startHaproxy(context, { serverPort: broker.port, serverOptions: "send-proxy-v2-ssl", bindOptions });
    const client = await MqttJs.connect(`wss://127.0.0.1:${port}/mqtt`, { protocolVersion: 5, ca: ca.cert });
    await client.subscribe("a", 2);
    await client.publish("a", "x", { qos: 2 });
    expect(await client.texts(1)).toEqual(["a=x"]);
    const { peer } = await requests.next();
    expect(peer).toMatchObject({ address: "127.0.0.1", localPort: port, tls: { version: expect.stringMatching(/^TLSv1\.[23]$/) } });
    expect(peer.port).not.toBe(0);
  });

  it("a client that comes without the proxy is not let in", async (context) => {
    const { broker } = await startBehind("tcp");
    const { exitCode } = await new Mosquitto(context, broker).tryToPublish(["-t", "a", "-m", "x", "-q", "1"]);
    expect(exitCode).not.toBe(0);
    expect(broker.broker.counters).toMatchObject({ connectionsAccepted: 0, handshakesFailed: 1 });
  });
});
