import { describe, expect, it } from "vitest";
import { encodedLength } from "../../src/codec/codec.js";
import { type Packet, PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { TestClient } from "../support/test-client.js";
import { ack, publishPacket, subscribePacket, unsubscribePacket } from "../support/test-client-packets.js";
import { withBroker } from "./support.js";

const authorizer = { mayPublish: (_: unknown, topic: string) => topic !== "secret", maySubscribe: () => false };

/** Packets that are answered by PUBACK, PUBREC, PUBCOMP, PUBREL, SUBACK and UNSUBACK, each with something to complain about. */
const PROVOCATIONS: readonly Packet[] = [
  publishPacket("secret", { qos: 1, packetId: 1 }),
  publishPacket("secret", { qos: 2, packetId: 2 }),
  ack(PacketType.Pubrel, 3),
  ack(PacketType.Pubrec, 3),
  subscribePacket(["a#", "b"], 4),
  unsubscribePacket(["c#"], 5),
];

describe("reason strings and user properties of answers", () => {
  it("are not sent to a client that wants none [MQTT-3.1.2-29]", async () => {
    const { port } = await withBroker({}, { authorizer });
    const client = await TestClient.connect(port, { properties: { requestProblemInformation: false } });
    client.send(...PROVOCATIONS);
    for (let i = 0; i < PROVOCATIONS.length; i++) expect(await client.receive()).toHaveProperty("properties", {});
    client.publish("a", { properties: { userProperties: [["kept", "in PUBLISH"]] } });
    await client.expectNothing();
  });

  it(
    "do not make an answer larger than the client accepts [MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] " +
      "[MQTT-3.6.2-2] [MQTT-3.6.2-3] [MQTT-3.7.2-2] [MQTT-3.7.2-3] [MQTT-3.9.2-1] [MQTT-3.9.2-2] [MQTT-3.11.2-1] [MQTT-3.11.2-2] " +
      "[MQTT-3.2.2-20]",
    async () => {
      const { port } = await withBroker({}, { authorizer });
      const client = await TestClient.connect(port, { properties: { maximumPacketSizeBytes: 64 } });
      client.send(...PROVOCATIONS);
      for (let i = 0; i < PROVOCATIONS.length; i++) expect(encodedLength(await client.receive(), 5)).toBeLessThanOrEqual(64);
    },
  );

  it(
    "use the codes of their tables " + "[MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1] [MQTT-3.9.3-2] [MQTT-3.11.3-2]",
    async () => {
      const { port } = await withBroker({}, { authorizer });
      const client = await TestClient.connect(port);
      client.send(...PROVOCATIONS);
      const answers: unknown[] = [];
      for (let i = 0; i < PROVOCATIONS.length; i++) answers.push(await client.receive());
      expect(answers).toEqual([
        ack(PacketType.Puback, 1, ReasonCode.NotAuthorized),
        ack(PacketType.Pubrec, 2, ReasonCode.NotAuthorized),
        ack(PacketType.Pubcomp, 3, ReasonCode.PacketIdentifierNotFound),
        ack(PacketType.Pubrel, 3, ReasonCode.PacketIdentifierNotFound),
        { type: PacketType.Suback, packetId: 4, properties: {}, reasonCodes: [ReasonCode.TopicFilterInvalid, ReasonCode.NotAuthorized] },
        { type: PacketType.Unsuback, packetId: 5, properties: {}, reasonCodes: [ReasonCode.NoSubscriptionExisted] },
      ]);
    },
  );
});
