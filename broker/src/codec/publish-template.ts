import { encode } from "./codec.js";
import { PacketType, type ProtocolVersion, type PublishPacket } from "./packet.js";

/**
 * A PUBLISH encoded once for all receivers that get the same bytes but for the first byte and the packet identifier.
 *
 * That is one template per protocol version and for QoS 0 or QoS 1 and 2, since QoS 0 has no packet identifier.
 * In 5.0 these differ per receiver as well and change the length, so they need a template (or an `encode`) of their own:
 * - the subscription identifiers of the receiver's matching subscriptions,
 * - a topic alias, which is a number of the one connection and may replace the topic.
 * The message expiry interval is the same for everybody served at the same time; a message that has waited needs
 * a new template with the seconds that remain [MQTT-3.3.2-6].
 */
export interface PublishTemplate {
  /** A whole packet: valid as it is at QoS 0, where all receivers that see the same RETAIN can share it. */
  readonly bytes: Uint8Array;
  /** Where the packet identifier goes, or 0 at QoS 0. */
  readonly packetIdOffset: number;
}

/** `packet.packetId` and `dup` play no part; QoS 1 and 2 make the same template but for the first byte. */
export function publishTemplate(packet: PublishPacket, version: ProtocolVersion): PublishTemplate {
  if (packet.qos === 0) return { bytes: encode(packet, version), packetIdOffset: 0 };

  const bytes = encode({ ...packet, packetId: 1 }, version);
  let topic = 1;
  while (bytes[topic]! >= 0x80) topic++;
  topic++;
  return { bytes, packetIdOffset: topic + 2 + ((bytes[topic]! << 8) | bytes[topic + 1]!) };
}

/**
 * Copies the template to `target` at `offset` for one receiver, and returns where it ends.
 *
 * Runs for every delivery, so it takes plain numbers and allocates nothing. `flags` come from `publishFlags`, their QoS on
 * the template's side of 0; `packetId` is 0 at QoS 0. Throws RangeError when the two do not go together, or do not fit.
 */
export function copyPublish(template: PublishTemplate, target: Uint8Array, offset: number, flags: number, packetId: number): number {
  const { bytes, packetIdOffset } = template;
  const hasPacketId = packetIdOffset !== 0;
  if (((flags & 0x06) !== 0) !== hasPacketId || packetId > 0 !== hasPacketId || packetId > 0xffff) {
    throw new RangeError(`'packetId' ${packetId} and 'flags' ${flags} do not go with ${hasPacketId ? "QoS 1 or 2" : "QoS 0"}`);
  }
  target.set(bytes, offset);
  target[offset] = (PacketType.Publish << 4) | flags;
  if (hasPacketId) {
    target[offset + packetIdOffset] = packetId >>> 8;
    target[offset + packetIdOffset + 1] = packetId & 0xff;
  }
  return offset + bytes.length;
}
