import { PacketType, type Qos } from "../codec/packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "../codec/properties.js";
import { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import { type ByteReader, copyOf } from "../journal/byte-reader.js";
import type { ByteWriter } from "../journal/byte-writer.js";
import { type Message, type MessageProperties, NEVER } from "../message.js";

const { Publish } = PacketType;
const RETAIN = 4;
const HAS_PROPERTIES = 8;
const EXPIRES = 16;

/**
 * A message: flags (QoS in the low two bits), topic, publisher, expiry in milliseconds since 1970, properties as MQTT 5 has them in PUBLISH,
 * payload. What the flags deny is left out.
 */
export function writeMessage(out: ByteWriter, { topic, publisher, payload, qos, retain, properties, expiresAtMs }: Message): void {
  const length = properties === NO_PROPERTIES ? 1 : propertiesLength(properties, Publish);
  out.u8(qos | (retain ? RETAIN : 0) | (length > 1 ? HAS_PROPERTIES : 0) | (expiresAtMs === NEVER ? 0 : EXPIRES));
  out.text(topic);
  out.text(publisher);
  if (expiresAtMs !== NEVER) out.varint(Math.ceil(expiresAtMs));
  if (length > 1) {
    out.varint(length);
    const at = out.take(length);
    writeProperties(new Writer(out.bytes, at), properties, Publish);
  }
  out.binary(payload);
}

/** A message that owns its bytes. */
export function readMessage(from: ByteReader): Message {
  const flags = from.u8();
  const topic = from.text();
  const publisher = from.text();
  const expiresAtMs = flags & EXPIRES ? from.varint() : NEVER;
  const properties = flags & HAS_PROPERTIES ? readOwnProperties(from) : NO_PROPERTIES;
  return { topic, payload: from.binary(), qos: (flags & 3) as Qos, retain: (flags & RETAIN) !== 0, properties, expiresAtMs, publisher };
}

function readOwnProperties(from: ByteReader): MessageProperties {
  const length = from.varint();
  const start = from.take(length);
  const properties: MessageProperties = readProperties(new Reader(from.bytes, start, start + length), Publish);
  const { correlationData } = properties;
  return correlationData === undefined ? properties : { ...properties, correlationData: copyOf(correlationData) };
}
