import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { TurnedOutCause } from "../../src/sys/counters.js";
import { makeCertificates } from "../support/certificates.js";
import { eventually } from "../support/foreign-inbox.js";
import { MqttJs } from "../support/foreign-mqttjs.js";
import { startBroker } from "../support/start-broker.js";
import { answer, expectNoWord, tcp, turnedOut } from "./entrance-support.js";

describe("address lists", () => {
  it("keep out at once who is denied, without a word, and let in all others", async () => {
    const broker = await startBroker({ settings: { limits: { denyAddresses: ["127.0.0.2", "10.0.0.0/8"] } } });
    expect(await answer(broker.port)).toBe(0);
    await expectEnd(broker.port, "127.0.0.2");
    expect(turnedOut(broker, TurnedOutCause.Address)).toBe(1);
    expect(broker.broker.counters.connectionsAccepted).toBe(1);
  });

  it("let in who is allowed alone, if any are", async () => {
    const broker = await startBroker({ settings: { limits: { allowAddresses: ["127.0.0.2/31"] } } });
    await expectEnd(broker.port, "127.0.0.1");
    await expectNoWord(broker.port);
    expect(turnedOut(broker, TurnedOutCause.Address)).toBe(2);
  });

  it("of a listener hold there, besides those of all", async () => {
    const listeners = [tcp("open"), tcp("closed", { denyAddresses: ["127.0.0.0/8"] })];
    const { ports } = await startBroker({ settings: { listeners, limits: { allowAddresses: ["127.0.0.1"] } } });
    expect(await answer(ports.open!)).toBe(0);
    await expectEnd(ports.open!, "127.0.0.2");
    await expectEnd(ports.closed!, "127.0.0.1");
  });

  it("know an IPv4 client on an IPv6 socket", async () => {
    const listeners = [tcp("dual", { host: "::", allowAnonymous: true })];
    const denying = await startBroker({ settings: { listeners, limits: { denyAddresses: ["127.0.0.0/8"] } } });
    await expectNoWord(denying.port);
    const allowing = await startBroker({ settings: { listeners, limits: { allowAddresses: ["127.0.0.0/8"] } } });
    expect(await answer(allowing.port)).toBe(0);
  });

  it("go by the client behind a proxy", async () => {
    const listeners = [tcp("tcp", { proxyProtocol: true })];
    const denyAddresses = ["10.1.0.0/16", "2001:db8:bad::/48", "127.0.0.0/8"];
    const broker = await startBroker({ settings: { listeners, limits: { denyAddresses } } });
    expect(await answer(broker.port, 5, {}, "10.2.0.1")).toBe(0);
    expect(await answer(broker.port, 5, {}, "2001:db8::1")).toBe(0);
    for (const address of ["10.1.0.1", "::ffff:10.1.0.1", "2001:db8:bad::1"]) await expectNoWord(broker.port, address);
    expect(turnedOut(broker, TurnedOutCause.Address)).toBe(3);
  });

  it.for(["tls", "wss", "ws", "tls behind a proxy"])("hold before any handshake: %s", async (name, context) => {
    const [transport = ""] = name.split(" ");
    const { ca, server } = makeCertificates(context);
    const tls = transport === "ws" ? {} : { tls: { certFile: server.certFile, keyFile: server.keyFile } };
    const proxyProtocol = name.includes("proxy");
    const listeners = [tcp("denied", { transport, proxyProtocol, ...tls, denyAddresses: ["127.0.0.2", "192.0.2.1"] })];
    const broker = await startBroker({ settings: { listeners } });
    await expectEnd(broker.port, proxyProtocol ? "127.0.0.1" : "127.0.0.2", proxyProtocol ? "PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n" : "");
    const { counters } = broker.broker;
    expect([turnedOut(broker, TurnedOutCause.Address), counters.connectionsAccepted]).toEqual([1, 0]);
    expect(counters.handshakesFailed).toBe(0);
    if (proxyProtocol) return;
    await MqttJs.connect(`${{ tls: "mqtts", wss: "wss", ws: "ws" }[transport]}://127.0.0.1:${broker.port}/mqtt`, { ca: ca.cert });
    await eventually(() => counters.clientsConnected === 1, "others are let in");
  });
});

/** Connects from an address of this machine, and is closed without having received anything. */
async function expectEnd(port: number, localAddress: string, first = ""): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  onTestFinished(() => void socket.destroy());
  const received: Buffer[] = [];
  socket.on("data", (chunk) => received.push(chunk));
  socket.on("error", () => {}); // a reset is one of the ways to be closed
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  if (first !== "") socket.write(first);
  await closed;
  expect(Buffer.concat(received).length).toBe(0);
}
