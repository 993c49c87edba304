import type { IClientOptions } from "mqtt";
import { describe, expect, it, type TestContext } from "vitest";
import type { KeyPair } from "../support/certificates.js";
import { RecordingAuthenticator } from "../support/foreign-authenticator.js";
import { eventually } from "../support/foreign-inbox.js";
import { Mosquitto } from "../support/foreign-mosquitto.js";
import { MqttJs } from "../support/foreign-mqttjs.js";
import { startOnAllTransports, type Transport, urlOf } from "../support/foreign-transports.js";

const SECURE = ["tls", "wss"] as const satisfies readonly Transport[];

/** A broker that asks for certificates. */
async function startAsking(context: TestContext, clientCertificate: "request" | "require") {
  const authenticator = new RecordingAuthenticator();
  const broker = await startOnAllTransports(context, { authenticator, clientCertificate });
  return { broker, certificates: broker.certificates, requests: authenticator.requests };
}

function options(ca: KeyPair, identity?: KeyPair): IClientOptions {
  return { protocolVersion: 5, ca: ca.cert, ...(identity && { cert: identity.cert, key: identity.key }) };
}

describe.each(SECURE)("certificates of clients, by MQTT.js over %s", (transport) => {
  it("reach the authenticator once they are verified", async (context) => {
    const { broker, certificates, requests } = await startAsking(context, "require");
    const client = await MqttJs.connect(urlOf(broker, transport), options(certificates.ca, certificates.client));
    const { peer, listener } = await requests.next();
    expect(listener).toBe(transport);
    expect(peer.tls).toMatchObject({
      version: "TLSv1.3",
      certificate: { commonName: "device-1", subjectAltNames: "DNS:a.example, IP Address:10.0.0.1" },
    });
    await client.subscribe("a", 1);
    await client.publish("a", "x", { qos: 1 });
    expect(await client.texts(1)).toEqual(["a=x"]);
  });

  it("are refused without an authority that signed them, and missed where they are required", async (context) => {
    const { broker, certificates } = await startAsking(context, "require");
    for (const identity of [certificates.stranger, undefined]) {
      const refused = MqttJs.open(urlOf(broker, transport), options(certificates.ca, identity));
      await refused.closed;
      expect(refused.client.connected).toBe(false);
    }
    const { counters } = broker.broker;
    await eventually(() => counters.handshakesFailed === 2, "the broker did not count the refusals");
    expect(counters.connectionsAccepted).toBe(0);
  });

  it("may be left out where they are only requested, and are refused if they are a stranger's", async (context) => {
    const { broker, certificates, requests } = await startAsking(context, "request");
    await MqttJs.connect(urlOf(broker, transport), options(certificates.ca));
    expect((await requests.next()).peer.tls).not.toHaveProperty("certificate");
    const refused = MqttJs.open(urlOf(broker, transport), options(certificates.ca, certificates.stranger));
    await refused.closed;
    await eventually(() => broker.broker.counters.handshakesFailed === 1, "the broker did not count the refusal");
  });
});

describe("certificates of clients, by mosquitto's clients", () => {
  it("reach the authenticator", async (context) => {
    const { broker, certificates, requests } = await startAsking(context, "require");
    const { ca, client } = certificates;
    const keys = ["--cafile", ca.certFile, "--cert", client.certFile, "--key", client.keyFile];
    const mosquitto = new Mosquitto(context, broker, [...keys, "-V", "mqttv5", "-q", "1"], broker.ports.tls);
    const subscriber = await mosquitto.subscribe(["-t", "a"]);
    await mosquitto.publish(["-t", "a", "-m", "x"]);
    expect(await subscriber.lines.next()).toBe("x");
    for (const { peer } of await requests.take(2)) {
      expect(peer.tls).toMatchObject({ version: "TLSv1.3", certificate: { commonName: "device-1" } });
    }
  });

  it("are refused if they are a stranger's, or missing", async (context) => {
    const { broker, certificates } = await startAsking(context, "require");
    const { ca, stranger } = certificates;
    for (const keys of [["--cert", stranger.certFile, "--key", stranger.keyFile], []]) {
      const mosquitto = new Mosquitto(context, broker, ["--cafile", ca.certFile, ...keys], broker.ports.tls);
      expect((await mosquitto.tryToPublish(["-t", "a", "-m", "x", "-q", "1"])).exitCode).not.toBe(0);
    }
    expect(broker.broker.counters.connectionsAccepted).toBe(0);
  });

  it("are not shown to a broker that the client does not trust", async (context) => {
    const { broker, certificates } = await startAsking(context, "require");
    const { stranger, client } = certificates;
    const keys = ["--cafile", stranger.certFile, "--cert", client.certFile, "--key", client.keyFile];
    const { exitCode } = await new Mosquitto(context, broker, keys, broker.ports.tls).tryToPublish(["-t", "a", "-m", "x", "-q", "1"]);
    expect(exitCode).not.toBe(0);
    expect(broker.broker.counters.connectionsAccepted).toBe(0);
  });
});
