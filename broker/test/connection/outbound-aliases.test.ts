import { expect, it } from "vitest";
import { decode } from "../../src/codec/codec.js";
import { PacketType, type PublishPacket } from "../../src/codec/packet.js";
import { OutboundAliases } from "../../src/connection/outbound-aliases.js";
import { endOfTurn, packetsIn, publicationTo, TestConnections } from "./support.js";

it("gives the first topics an alias each, from 1 to the client's maximum, and no other [MQTT-3.1.2-26]", () => {
  const aliases = new OutboundAliases(2);
  expect(["a", "b", "c"].map((topic) => aliases.assign(topic))).toEqual([1, 2, 0]);
  expect(["a", "b", "c"].map((topic) => aliases.known(topic))).toEqual([1, 2, 0]);
});

it("gives none where the client takes none [MQTT-3.1.2-27]", () => {
  expect(new OutboundAliases(0).assign("a")).toBe(0);
});

function publishes(bytes: Uint8Array): [topic: string, alias: number | undefined, payload: string][] {
  return packetsIn(bytes).map((hex) => {
    const frame = Buffer.from(hex, "hex");
    const { type, topic, properties, payload } = decode(frame, 0, frame.length, 5) as PublishPacket;
    expect(type).toBe(PacketType.Publish);
    return [topic, properties.topicAlias, Buffer.from(payload).toString()];
  });
}

it("sends a topic with its alias first, and by its alias alone after that, at every QoS", async () => {
  const { connection, socket } = new TestConnections().connect();
  connection.aliases = new OutboundAliases(1);
  connection.forward(publicationTo("a", "1"), false, undefined);
  connection.publish(publicationTo("b", "2"), 1, false, false, 1, undefined);
  connection.publish(publicationTo("a", "3"), 1, false, false, 2, [7]);
  connection.forward(publicationTo("a", "4"), false, undefined);
  await endOfTurn();
  expect(publishes(socket.written)).toEqual([
    ["a", 1, "1"],
    ["b", undefined, "2"],
    ["", 1, "3"],
    ["", 1, "4"],
  ]);
});

it("gives no alias where the packet would become longer than the client takes [MQTT-3.1.2-24]", async () => {
  const { connection, socket } = new TestConnections().connect();
  connection.aliases = new OutboundAliases(1_000);
  for (let payload = 0; payload < 140; payload++) {
    connection.limits = { ...connection.limits, maximumPacketBytes: 130 };
    const publication = publicationTo(`topic ${payload}`, "x".repeat(payload));
    if (connection.accepts(publication, 0, undefined)) connection.forward(publication, false, undefined);
  }
  await endOfTurn();
  const lengths = packetsIn(socket.written).map((hex) => hex.length / 2);
  expect([Math.max(...lengths) <= 130, lengths.length > 100]).toEqual([true, true]);
});
