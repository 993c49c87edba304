import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { decode, encode } from "../../src/codec/codec.js";
import { type Packet, PacketType } from "../../src/codec/packet.js";
import { publishPacket } from "../support/test-client-packets.js";
import { ChaosHistory } from "./chaos-history.js";
import { lostToConnections } from "./check-chaos.js";
import { Witness } from "./witness.js";

/** A broker that has one message retained for the first to subscribe, and another for whoever does so later. */
async function broker(topic: string, ...retained: readonly string[]): Promise<number> {
  let subscriptions = 0;
  const server = createServer((socket) =>
    socket.on("data", (chunk) => {
      const packet = decode(chunk, 0, chunk.length, 5);
      const send = (answer: Packet) => void socket.write(encode(answer, 5));
      if (packet.type === PacketType.Connect) send({ type: PacketType.Connack, sessionPresent: false, reasonCode: 0, properties: {} });
      if (packet.type !== PacketType.Subscribe) return;
      send({ type: PacketType.Suback, packetId: packet.packetId, properties: {}, reasonCodes: [1] });
      send(publishPacket(topic, { qos: 0, retain: true, packetId: 0, payload: retained[subscriptions++] ?? retained.at(-1)! }));
    }),
  ).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

it("a witness asks once more for what is retained if that is not the last, and is owed what is published after its SUBACK as anyone is", async () => {
  const history = new ChaosHistory();
  const publish = (number: number) => {
    const id = `m${number}`;
    const sentAt = history.next();
    history.published.set(id, { id, publisher: "p", topic: "kept/0", qos: 2, retain: true, number, isEmpty: false, sentAt });
    history.published.get(id)!.ackedAt = history.next();
  };
  publish(1);
  publish(2);
  const port = await broker("kept/0", "m1", "m2");
  const witness = new Witness(history, "w", "kept/#");
  onTestFinished(() => witness.client.drop());
  witness.look(port);
  await vi.waitFor(() => expect([...witness.retained.values()]).toEqual(["m1"]));
  await vi.waitFor(() => {
    witness.look(port);
    expect([...witness.retained.values()]).toEqual(["m2"]);
  });
  expect(lostToConnections(history)).toEqual([]);
  publish(3);
  expect(lostToConnections(history)).toEqual(["m3 (QoS 2, to kept/0) never came to w, connection 1,"]);
});
