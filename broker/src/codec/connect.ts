import { type ConnectPacket, type ConnectProperties, PacketType, type ProtocolVersion, type Qos, type Will } from "./packet.js";
import { NO_PROPERTIES, propertiesLength, readProperties, writeProperties } from "./properties.js";
import { WILL } from "./property-table.js";
import { malformed, ProtocolError, violation } from "./protocol-error.js";
import type { Reader } from "./reader.js";
import { ReasonCode } from "./reason-code.js";
import { binaryLength, requireInteger, stringLength, topicLength, type Writer } from "./writer.js";

const RESERVED = 0x01;
const CLEAN_START = 0x02;
const WILL_FLAG = 0x04;
const WILL_QOS_SHIFT = 3;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USER_NAME = 0x80;

const PROTOCOL_NAMES: Readonly<Record<ProtocolVersion, string>> = { 3: "MQIsdp", 4: "MQTT", 5: "MQTT" };

/** Decodes any version: protocol name and level say which. */
export function decodeConnect(reader: Reader): ConnectPacket {
  const version = readVersion(reader);
  const flags = reader.u8("connect flags");
  checkFlags(flags, version);

  const keepAliveSeconds = reader.u16("keep alive");
  const properties: ConnectProperties = version === 5 ? readProperties(reader, PacketType.Connect) : NO_PROPERTIES;
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw violation("authenticationData without authenticationMethod"); // 3.1.2.11.10
  }
  const clientId = reader.utf8("client identifier"); // [MQTT-3.1.3-3]
  const will = flags & WILL_FLAG ? readWill(reader, flags, version) : undefined;
  const userName = flags & USER_NAME && !isLeftOut(reader, version) ? reader.utf8("user name") : undefined;
  const password = flags & PASSWORD && !isLeftOut(reader, version) ? reader.binary("password") : undefined;
  reader.finish("CONNECT");

  const cleanStart = (flags & CLEAN_START) !== 0;
  return { type: PacketType.Connect, version, cleanStart, keepAliveSeconds, clientId, will, userName, password, properties };
}

/** The protocol level that a CONNECT claims, whatever it is: how to answer one that does not decode. Undefined if it does not say. */
export function connectLevel(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start + 1;
  while (at < end && bytes[at]! >= 0x80) at++;
  at++;
  if (at + 2 > end) return undefined;
  at += 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
  return at < end ? bytes[at] : undefined;
}

export function connectLength(packet: ConnectPacket): number {
  const { version, will, userName, password } = packet;
  let length = stringLength(PROTOCOL_NAMES[version], "protocol name") + 1 + 1 + 2;
  if (version === 5) length += propertiesLength(packet.properties, PacketType.Connect);
  length += stringLength(packet.clientId, "clientId");
  if (will !== undefined) {
    if (version === 5) length += propertiesLength(will.properties, WILL);
    length += topicLength(will.topic, "will.topic") + binaryLength(will.payload, "will.payload");
  }
  if (userName !== undefined) length += stringLength(userName, "userName");
  if (password !== undefined) length += binaryLength(password, "password");
  return length;
}

export function writeConnect(writer: Writer, packet: ConnectPacket): void {
  const { version, will, userName, password } = packet;
  writer.utf8(PROTOCOL_NAMES[version]);
  writer.u8(version, "version");
  writer.u8(flagsOf(packet), "connect flags");
  writer.u16(packet.keepAliveSeconds, "keepAliveSeconds");
  if (version === 5) writeProperties(writer, packet.properties, PacketType.Connect);
  writer.utf8(packet.clientId);
  if (will !== undefined) {
    if (version === 5) writeProperties(writer, will.properties, WILL);
    writer.utf8(will.topic);
    writer.binary(will.payload);
  }
  if (userName !== undefined) writer.utf8(userName);
  if (password !== undefined) writer.binary(password);
}

function readVersion(reader: Reader): ProtocolVersion {
  const name = reader.utf8("protocol name");
  const level = reader.u8("protocol level");
  if (name === "MQTT" && (level === 4 || level === 5)) return level;
  if (name === "MQIsdp" && level === 3) return level;
  // [MQTT-3.1.2-1] [MQTT-3.1.2-2]
  throw new ProtocolError(ReasonCode.UnsupportedProtocolVersion, `protocol name ${JSON.stringify(name.slice(0, 16))} with level ${level}`);
}

function checkFlags(flags: number, version: ProtocolVersion): void {
  if (flags & RESERVED && version !== 3) throw malformed("reserved connect flag is set"); // [MQTT-3.1.2-3]; 3.1 leaves the bit unused
  const willQos = (flags >> WILL_QOS_SHIFT) & 0x03;
  if (willQos === 3) throw malformed("will QoS is 3"); // [MQTT-3.1.2-12], 3.1.1 [MQTT-3.1.2-14]
  if (!(flags & WILL_FLAG)) {
    if (willQos !== 0) throw malformed("will QoS without a will"); // [MQTT-3.1.2-11], 3.1.1 [MQTT-3.1.2-13]
    if (flags & WILL_RETAIN) throw malformed("will retain without a will"); // [MQTT-3.1.2-13], 3.1.1 [MQTT-3.1.2-15]
  }
  if (version !== 5 && flags & PASSWORD && !(flags & USER_NAME)) {
    throw malformed("password without a user name"); // 3.1.1 [MQTT-3.1.2-22]; 5.0 allows it, 3.1.2.9
  }
}

/** In 3.1 the remaining length takes precedence over the user name and password flags: a field may be announced and missing. */
function isLeftOut(reader: Reader, version: ProtocolVersion): boolean {
  return version === 3 && reader.remaining === 0;
}

function readWill(reader: Reader, flags: number, version: ProtocolVersion): Will {
  const properties = version === 5 ? readProperties(reader, WILL) : NO_PROPERTIES;
  const topic = reader.topicName("will topic");
  const payload = reader.binary("will payload");
  const qos = ((flags >> WILL_QOS_SHIFT) & 0x03) as Qos; // not 3, see checkFlags
  return { topic, payload, qos, retain: (flags & WILL_RETAIN) !== 0, properties };
}

function flagsOf(packet: ConnectPacket): number {
  const { will, userName, password } = packet;
  if (packet.version !== 5 && password !== undefined && userName === undefined) {
    throw new RangeError("'password' needs a 'userName' before MQTT 5.0");
  }
  let flags = packet.cleanStart ? CLEAN_START : 0;
  if (userName !== undefined) flags |= USER_NAME;
  if (password !== undefined) flags |= PASSWORD;
  if (will !== undefined) {
    requireInteger(will.qos, 0, 2, "will.qos");
    flags |= WILL_FLAG | (will.qos << WILL_QOS_SHIFT) | (will.retain ? WILL_RETAIN : 0);
  }
  return flags;
}
