import { expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { TestClient } from "../support/test-client.js";
import { publishPacket, subscribePacket } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

/** Larger and smaller than what receivers share one copy of (16 KiB), and than one read of a socket (64 KiB). */
const SIZES = [16_383, 16_384, 70_000, 900_000, 10, 20_000];

it.each([0, 1] as const)(
  "hands large and small payloads to every subscriber whole and in order, at QoS %i and in each version",
  async (qos) => {
    const { port } = await withBroker();
    const subscribers = await Promise.all(([3, 4, 5, 4, 5] as const).map((version) => TestClient.connect(port, { version })));
    for (const subscriber of subscribers) {
      subscriber.send(subscribePacket([{ topicFilter: "big", qos }]));
      await subscriber.receive(PacketType.Suback);
    }
    const publisher = await TestClient.connect(port, { version: 4 });
    const payloads = SIZES.map((size, index) => Buffer.alloc(size, `${index}-`));
    payloads.forEach((payload, index) => {
      publisher.send(publishPacket("big", { qos, packetId: qos === 0 ? 0 : index + 1, payload }));
    });

    for (const subscriber of subscribers) {
      for (const payload of payloads) {
        const got = await subscriber.receive(PacketType.Publish);
        expect(Buffer.from(got.payload).equals(payload)).toBe(true);
      }
    }
  },
);
