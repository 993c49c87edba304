import type { ProtocolVersion, PublishProperties, Qos } from "./packet.js";
import { PacketType } from "./packet.js";
import { NO_PROPERTIES, readProperties } from "./properties.js";
import { malformed, violation } from "./protocol-error.js";
import { Reader } from "./reader.js";

const RETAIN = 0x01;
const QOS_SHIFT = 1;
const DUP = 0x08;

/**
 * Where the parts of a received PUBLISH lie: one object that a server fills again for each message, so that forwarding one
 * allocates nothing. `readTopic` comes first, then whoever knows topics looks at the bytes of this one, then `readRest`.
 */
export class PublishFrame {
  qos: Qos = 0;
  dup = false;
  retain = false;
  /** 0 at QoS 0, which has none. */
  packetId = 0;
  topicStart = 0;
  topicEnd = 0;
  /** From the property length on; the payload follows, in 3.x at once. */
  propertiesStart = 0;
  payloadStart = 0;
  properties: PublishProperties = NO_PROPERTIES;

  /** The packet's variable header starts at `start` and its payload stops at `end`; `flags` are the low four bits of its first byte. */
  readTopic(bytes: Uint8Array, flags: number, start: number, end: number): void {
    const qos = (flags >> QOS_SHIFT) & 0x03;
    this.dup = (flags & DUP) !== 0;
    if (qos === 3) throw malformed("QoS is 3"); // [MQTT-3.3.1-4]
    if (this.dup && qos === 0) throw malformed("DUP is set at QoS 0"); // [MQTT-3.3.1-2]
    this.qos = qos as Qos;
    this.retain = (flags & RETAIN) !== 0;

    const topicStart = start + 2;
    if (topicStart > end) throw malformed("topic name is cut off");
    const topicEnd = topicStart + ((bytes[start]! << 8) | bytes[start + 1]!);
    if (topicEnd > end) throw malformed("topic name is cut off");
    this.topicStart = topicStart;
    this.topicEnd = topicEnd;
  }

  /** Packet identifier and properties, up to the payload. */
  readRest(bytes: Uint8Array, end: number, version: ProtocolVersion): void {
    let at = this.topicEnd;
    this.packetId = 0;
    if (this.qos > 0) {
      if (at + 2 > end) throw malformed("packet identifier is cut off");
      this.packetId = (bytes[at]! << 8) | bytes[at + 1]!;
      if (this.packetId === 0) throw violation("packet identifier is 0"); // [MQTT-2.2.1-3], 3.1.1 [MQTT-2.3.1-1]
      at += 2;
    }

    this.propertiesStart = at;
    this.properties = NO_PROPERTIES;
    if (version === 5) {
      if (at < end && bytes[at] === 0) at++;
      else {
        const reader = new Reader(bytes, at, end);
        this.properties = readProperties(reader, PacketType.Publish);
        at = reader.position;
      }
    }
    this.payloadStart = at;
    if (this.topicStart === this.topicEnd && this.properties.topicAlias === undefined) {
      throw violation("topic name is empty and no topic alias stands for it"); // 3.3.2.1, [MQTT-4.7.3-1]
    }
  }
}
