import { PacketType, type ProtocolVersion, type PublishPacket, type Qos } from "../codec/packet.js";
import { NO_PROPERTIES, propertiesLength, writeProperties } from "../codec/properties.js";
import type { PublishFrame } from "../codec/publish-frame.js";
import { Writer } from "../codec/writer.js";
import { type Message, type MessageProperties, NEVER } from "../message.js";
import { copyBytes } from "./copy-bytes.js";
import { hashOf } from "./hash-of.js";
import { Topic } from "./topic.js";

const { Publish } = PacketType;
const EMPTY = new Uint8Array(0);
/** Of each end of a payload, for its mark. */
const MARKED_BYTES = 128;

/**
 * One application message on its way to its receivers: where its parts lie, and its encoded forms once they are asked for.
 *
 * One object serves one received message after the other, so that passing a message on allocates nothing; only whoever keeps it
 * asks for `message()`, which owns its bytes.
 */
export class Publication<R = unknown> {
  topic: Topic<R> = EMPTY_TOPIC as Topic<R>;
  qos: Qos = 0;
  retain = false;
  publisher = "";
  properties: MessageProperties = NO_PROPERTIES;
  expiresAtMs = NEVER;

  /** The whole packet as it was received, where a receiver of that version may get the very same bytes at QoS 0; else both 0. */
  frameStart = 0;
  frameEnd = 0;
  frameVersion: ProtocolVersion = 4;

  bytes: Uint8Array = EMPTY;
  #payloadStart = 0;
  #payloadEnd = 0;
  /** Properties with their length, encoded: in `bytes` as received, or made here. */
  #properties: Uint8Array = EMPTY;
  #propertiesStart = 0;
  #propertiesEnd = 0;
  #message: Message | undefined;

  /** Fills this from a received packet: `bytes[start, end)`, read into `frame`. */
  receive(
    frame: PublishFrame,
    topic: Topic<R>,
    bytes: Uint8Array,
    start: number,
    end: number,
    version: ProtocolVersion,
    publisher: string,
    nowMs: number,
  ): void {
    const { properties } = frame;
    this.topic = topic;
    this.qos = frame.qos;
    this.retain = frame.retain;
    this.publisher = publisher;
    this.bytes = bytes;
    this.#payloadStart = frame.payloadStart;
    this.#payloadEnd = end;
    this.#message = undefined;
    this.frameVersion = version;
    if (properties === NO_PROPERTIES) {
      this.properties = NO_PROPERTIES;
      this.expiresAtMs = NEVER;
      this.#properties = NONE;
      this.#propertiesStart = 0;
      this.#propertiesEnd = 1;
      this.#setFrame(frame, start, end);
      return;
    }

    const { topicAlias, subscriptionIdentifiers: _, ...own } = properties;
    this.properties = own;
    this.expiresAtMs = expiryOf(own, nowMs);
    if (topicAlias === undefined) {
      this.#properties = bytes;
      this.#propertiesStart = frame.propertiesStart;
      this.#propertiesEnd = frame.payloadStart;
      this.#setFrame(frame, start, end);
    } else {
      this.#encodeProperties(own);
      this.frameStart = 0;
      this.frameEnd = 0;
    }
  }

  /** Fills this from a message that was kept: a will, a retained or a queued one. Expiry is what remains at `nowMs` [MQTT-3.3.2-6]. */
  load(message: Message, topic: Topic<R>, nowMs: number): void {
    this.topic = topic;
    this.qos = message.qos;
    this.retain = message.retain;
    this.publisher = message.publisher;
    this.bytes = message.payload;
    this.#payloadStart = 0;
    this.#payloadEnd = message.payload.length;
    this.#message = message;
    this.frameStart = 0;
    this.frameEnd = 0;
    this.properties = remainingProperties(message, nowMs);
    this.expiresAtMs = message.expiresAtMs;
    this.#encodeProperties(this.properties);
  }

  get payloadLength(): number {
    return this.#payloadEnd - this.#payloadStart;
  }

  /** By which its client's message is told from another under the same identifier: of its topic, how long it is, and both ends. */
  get mark(): number {
    const { bytes, topic } = this;
    const [start, end] = [this.#payloadStart, this.#payloadEnd];
    let hash = hashOf(topic.wire, 0, topic.wire.length, end - start);
    hash = hashOf(bytes, start, Math.min(end, start + MARKED_BYTES), hash);
    return hashOf(bytes, Math.max(start, end - MARKED_BYTES), end, hash);
  }

  /** The message with bytes of its own, for whoever keeps it; the same one for all. */
  message(): Message {
    this.#message ??= {
      topic: this.topic.name,
      payload: this.payloadLength === 0 ? EMPTY : copyOf(this.bytes, this.#payloadStart, this.#payloadEnd),
      qos: this.qos,
      retain: this.retain,
      properties: owned(this.properties),
      expiresAtMs: this.expiresAtMs,
      publisher: this.publisher,
    };
    return this.#message;
  }

  /** Bytes behind the fixed header, for a receiver of this version, without a packet identifier. */
  bodyLength(version: ProtocolVersion): number {
    const length = this.topic.wire.length + this.payloadLength;
    return version === 5 ? length + this.#propertiesEnd - this.#propertiesStart : length;
  }

  /** Writes a whole packet whose `bodyLength` (with the identifier's two bytes if there is one) the caller has made room for; returns its end. */
  write(target: Uint8Array, offset: number, version: ProtocolVersion, flags: number, bodyLength: number, packetId: number): number {
    const at = this.writeHead(target, offset, version, flags, bodyLength, packetId);
    return copyBytes(this.bytes, this.#payloadStart, this.#payloadEnd, target, at);
  }

  /** The packet up to its payload, which follows by itself; returns where that begins. */
  writeHead(target: Uint8Array, offset: number, version: ProtocolVersion, flags: number, bodyLength: number, packetId: number): number {
    let at = offset;
    target[at++] = (Publish << 4) | flags;
    let rest = bodyLength;
    while (rest >= 0x80) {
      target[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    target[at++] = rest;

    const { wire } = this.topic;
    at = copyBytes(wire, 0, wire.length, target, at);
    if (packetId !== 0) {
      target[at++] = packetId >>> 8;
      target[at++] = packetId & 0xff;
    }
    return version === 5 ? copyBytes(this.#properties, this.#propertiesStart, this.#propertiesEnd, target, at) : at;
  }

  /** The packet as an object, for the receivers that need more than `write` can do. Its payload is a view. */
  packet(qos: Qos, dup: boolean, retain: boolean, packetId: number): PublishPacket {
    const payload = this.bytes.subarray(this.#payloadStart, this.#payloadEnd);
    return { type: Publish, dup, qos, retain, topic: this.topic.name, packetId, properties: this.properties, payload };
  }

  #setFrame(frame: PublishFrame, start: number, end: number): void {
    const asReceived = frame.qos === 0 && !frame.retain;
    this.frameStart = asReceived ? start : 0;
    this.frameEnd = asReceived ? end : 0;
  }

  #encodeProperties(properties: MessageProperties): void {
    const length = properties === NO_PROPERTIES ? 1 : propertiesLength(properties, Publish);
    this.#properties = length === 1 ? NONE : new Uint8Array(length);
    if (length > 1) writeProperties(new Writer(this.#properties, 0), properties, Publish);
    this.#propertiesStart = 0;
    this.#propertiesEnd = length;
  }
}

/** The encoded form of no properties. */
const NONE = new Uint8Array(1);
const EMPTY_TOPIC = new Topic("", new Uint8Array(2));

/** The properties that a receiver gets at `nowMs`: the expiry interval is what remains of it. */
export function remainingProperties({ properties, expiresAtMs }: Message, nowMs: number): MessageProperties {
  if (expiresAtMs === NEVER) return properties;
  return { ...properties, messageExpiryIntervalSeconds: Math.max(0, Math.ceil((expiresAtMs - nowMs) / 1000)) };
}

export function expiryOf(properties: MessageProperties, nowMs: number): number {
  const seconds = properties.messageExpiryIntervalSeconds;
  return seconds === undefined ? NEVER : nowMs + seconds * 1000;
}

/** Properties whose binary parts do not lie in the receive buffer. */
function owned(properties: MessageProperties): MessageProperties {
  const { correlationData } = properties;
  return correlationData === undefined
    ? properties
    : { ...properties, correlationData: copyOf(correlationData, 0, correlationData.length) };
}

function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = Buffer.allocUnsafe(end - start);
  copyBytes(bytes, start, end, copy, 0);
  return copy;
}
