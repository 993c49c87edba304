import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { IClientOptions } from "mqtt";
import { describe, expect, it, type TestContext } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { type Certificates, type KeyPair, makeCertificates } from "../support/certificates.js";
import { eventually } from "../support/foreign-inbox.js";
import { Mosquitto } from "../support/foreign-mosquitto.js";
import { MqttJs } from "../support/foreign-mqttjs.js";
import { passwordFile } from "../support/password-files.js";
import { startBroker, type TestBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket } from "../support/test-client-packets.js";
import { startHaproxy } from "../transport/haproxy.js";
import { sslTlv, tlv, v2Header } from "../transport/proxy-bytes.js";

/** The topic that tells who a client is for the broker; only an authoriser sees it. */
const WHO = "who";

/** A broker that keeps under which name each client publishes to `who`. */
async function startKeeping(settings: Readonly<Record<string, unknown>>) {
  const names: (string | undefined)[] = [];
  const authorizer = {
    mayPublish: ({ clientId, userName }: { clientId: string; userName: string | undefined }, topic: string) => {
      if (topic === WHO) names.push(userName, clientId);
      return true;
    },
    maySubscribe: () => true,
  };
  return { broker: await startBroker({ settings, authorizer }), names };
}

function listenerWith({ server, ca }: Certificates, authentication: readonly object[], clientCertificate = "require") {
  const tls = { certFile: server.certFile, keyFile: server.keyFile, caFile: ca.certFile, clientCertificate };
  return { listeners: [{ name: "tls", transport: "tls", port: 0, tls, authentication }] };
}

async function connect({ port }: TestBroker, { ca }: Certificates, identity: KeyPair | undefined, options: IClientOptions = {}) {
  const keys = identity && { cert: identity.cert, key: identity.key };
  const client = MqttJs.open(`mqtts://127.0.0.1:${port}`, { protocolVersion: 5, ca: ca.cert, ...keys, ...options });
  const outcome = await Promise.race([client.connacks.next().then(() => "in" as const), client.closed.then(() => "out" as const)]);
  return { client, outcome };
}

async function publishesAs(broker: TestBroker, certificates: Certificates, identity: KeyPair, options?: IClientOptions) {
  const { client, outcome } = await connect(broker, certificates, identity, options);
  if (outcome === "in") await client.publish(WHO, "", { qos: 1 });
  return outcome;
}

describe("the name in a client's certificate", () => {
  it.for([
    ["common-name", "device-7"],
    ["dns", "a.example"],
    ["email", "a@example"],
    ["uri", "urn:x, DNS:admin"],
  ])("becomes its user name: %s", async ([userName, expected], context) => {
    const certificates = makeCertificates(context);
    const names = "subjectAltName=@alt\n[alt]\nURI.1=urn:x\\, DNS:admin\nDNS.1=a.example\nDNS.2=b.example\nemail.1=a@example\n";
    const identity = certificates.sign("device", "device-7", names);
    const { broker, names: seen } = await startKeeping(listenerWith(certificates, [{ type: "certificate", userName }]));
    expect(await publishesAs(broker, certificates, identity)).toBe("in");
    expect(seen).toEqual([expected, "mqttjs"]);
    expect(broker.broker.counters.authenticationsSucceeded).toBe(1);
  });

  it("becomes or has to be its client identifier, where that is wanted", async (context) => {
    const certificates = makeCertificates(context);
    const replaced = await startKeeping(listenerWith(certificates, [{ type: "certificate", clientId: "replaced" }]));
    expect(await publishesAs(replaced.broker, certificates, certificates.client)).toBe("in");
    expect(replaced.names).toEqual(["device-1", "device-1"]);
    const { broker } = await startKeeping(listenerWith(certificates, [{ type: "certificate", clientId: "must-match" }]));
    expect(await publishesAs(broker, certificates, certificates.client)).toBe("out");
    expect(broker.broker.counters.connectsRefused[ReasonCode.ClientIdentifierNotValid]).toBe(1);
    expect(await publishesAs(broker, certificates, certificates.client, { clientId: "device-1" })).toBe("in");
  });

  it("has to be the user name that the client gives", async (context) => {
    const certificates = makeCertificates(context);
    const { broker } = await startKeeping(listenerWith(certificates, [{ type: "certificate" }]));
    expect(await publishesAs(broker, certificates, certificates.client, { username: "device-2" })).toBe("out");
    expect(broker.broker.counters.connectsRefused[ReasonCode.BadUserNameOrPassword]).toBe(1);
    expect(await publishesAs(broker, certificates, certificates.client, { username: "device-1" })).toBe("in");
  });

  it("is worth nothing once the certificate is over, or if another authority signed it", async (context) => {
    const certificates = makeCertificates(context);
    const { broker } = await startKeeping(listenerWith(certificates, [{ type: "certificate" }], "request"));
    const expired = certificates.sign("expired", "device-1", "keyUsage=digitalSignature", -1);
    for (const identity of [expired, certificates.stranger]) {
      expect((await connect(broker, certificates, identity)).outcome).toBe("out");
    }
    await eventually(() => broker.broker.counters.handshakesFailed === 2, "the broker did not count the refusals");
    expect(broker.broker.counters.connectionsAccepted).toBe(0);
  });

  it("may be missing where others are asked after it", async (context) => {
    const certificates = makeCertificates(context);
    const file = await passwordFile({ users: { alice: "secret" } });
    const entries = [{ type: "certificate" }, { type: "password-file", file }];
    const { broker, names } = await startKeeping(listenerWith(certificates, entries, "request"));
    expect((await connect(broker, certificates, undefined)).outcome).toBe("out");
    expect((await connect(broker, certificates, undefined, { username: "alice", password: "secret" })).outcome).toBe("in");
    expect((await connect(broker, certificates, undefined, { username: "alice", password: "wrong" })).outcome).toBe("out");
    expect(await publishesAs(broker, certificates, certificates.client)).toBe("in");
    expect(names).toEqual(["device-1", "mqttjs"]);
  });

  it("lets mosquitto's client in", async (context) => {
    const certificates = makeCertificates(context);
    const { broker, names } = await startKeeping(listenerWith(certificates, [{ type: "certificate", userName: "dns" }]));
    const { ca, client } = certificates;
    const keys = ["--cafile", ca.certFile, "--cert", client.certFile, "--key", client.keyFile];
    await new Mosquitto(context, broker, [...keys, "-i", "m", "-q", "1"]).publish(["-t", WHO, "-m", "x"]);
    expect(names).toEqual(["a.example", "m"]);
  });
});

describe("the name that a proxy tells", () => {
  const settings = { listeners: [{ name: "tcp", port: 0, proxyProtocol: true, authentication: [{ type: "certificate" }] }] };
  const CLIENT_SSL = 1;
  const CLIENT_CERT_CONN = 2;
  const COMMON_NAME = 0x22;

  it.each([
    ["verified", 0, ReasonCode.Success],
    ["not verified", 1, ReasonCode.NotAuthorized],
  ])("counts if the certificate was %s", async (_, verify, reasonCode) => {
    const { broker } = await startKeeping(settings);
    const client = await TestClient.open(broker.port);
    const ssl = sslTlv(CLIENT_SSL | CLIENT_CERT_CONN, verify, [tlv(COMMON_NAME, "device-9")]);
    client.sendBytes(v2Header({ tlvs: [ssl] }));
    client.send(connectPacket(5));
    expect((await client.receive(PacketType.Connack)).reasonCode).toBe(reasonCode);
  });

  it("becomes the user name, behind a real haproxy", async (context: TestContext) => {
    const { ca, server, client } = makeCertificates(context);
    const { broker, names } = await startKeeping(settings);
    const pem = join(dirname(server.certFile), "haproxy.pem");
    writeFileSync(pem, `${server.cert}${server.key}`);
    const bindOptions = `ssl crt ${pem} ca-file ${ca.certFile} verify required`;
    const port = await startHaproxy(context, { serverPort: broker.port, serverOptions: "send-proxy-v2-ssl-cn", bindOptions });
    const keys = ["--cafile", ca.certFile, "--cert", client.certFile, "--key", client.keyFile];
    await new Mosquitto(context, broker, [...keys, "-i", "m", "-q", "1"], port).publish(["-t", WHO, "-m", "x"]);
    expect(names).toEqual(["device-1", "m"]);
  });
});
