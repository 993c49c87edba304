import { PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import type { NotAdmittedCause, TurnedOutCause } from "../../src/sys/counters.js";
import type { TestBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket } from "../support/test-client-packets.js";

/** A TCP listener of the loopback address. */
export const tcp = (name: string, settings: object = {}) => ({ name, host: "127.0.0.1", port: 0, transport: "tcp", ...settings });

/** What a client is answered that sends a CONNECT; 0 if it is let in. Behind a proxy, for the client at `from`. */
export async function answer(port: number, version: ProtocolVersion = 5, fields: object = {}, from?: string): Promise<number> {
  const client = await TestClient.open(port, version);
  if (from !== undefined) client.sendBytes(Buffer.from(proxyHeader(from), "latin1"));
  client.send(connectPacket(version, fields));
  const { reasonCode } = await client.receive(PacketType.Connack);
  if (reasonCode !== 0) await client.expectClosed();
  return reasonCode;
}

/** A client at `address` sends a CONNECT and is closed without a word. */
export async function expectNoWord(port: number, address?: string): Promise<void> {
  const client = await TestClient.open(port);
  if (address !== undefined) client.sendBytes(Buffer.from(proxyHeader(address), "latin1"));
  client.send(connectPacket(5));
  await client.expectClosed();
}

/** How many connections were closed for a cause, and how many CONNECTs were refused. */
export const turnedOut = ({ broker }: TestBroker, cause: TurnedOutCause) => broker.counters.turnedOut[cause];
export const notAdmitted = ({ broker }: TestBroker, cause: NotAdmittedCause) => broker.counters.notAdmitted[cause];

function proxyHeader(address: string): string {
  const [protocol, local] = address.includes(":") ? ["TCP6", "::1"] : ["TCP4", "127.0.0.1"];
  return `PROXY ${protocol} ${address} ${local} 4000 1883\r\n`;
}
