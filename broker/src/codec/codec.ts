import { ackLength, decodeAck, writeAck } from "./acks.js";
import { authLength, decodeAuth, writeAuth } from "./auth.js";
import { connackLength, decodeConnack, writeConnack } from "./connack.js";
import { connectLength, decodeConnect, writeConnect } from "./connect.js";
import { decodeDisconnect, disconnectLength, writeDisconnect } from "./disconnect.js";
import { INCOMPLETE, MAX_REMAINING_LENGTH, packetLength } from "./frame.js";
import { type Packet, PacketType, type ProtocolVersion } from "./packet.js";
import { decodePing } from "./ping.js";
import { malformed } from "./protocol-error.js";
import { decodePublish, publishFlags, publishLength, writePublish } from "./publish.js";
import { Reader } from "./reader.js";
import { decodeSuback, subackLength, writeSuback } from "./suback.js";
import { decodeSubscribe, subscribeLength, writeSubscribe } from "./subscribe.js";
import { decodeUnsuback, unsubackLength, writeUnsuback } from "./unsuback.js";
import { decodeUnsubscribe, unsubscribeLength, writeUnsubscribe } from "./unsubscribe.js";
import { varintLength, Writer } from "./writer.js";

/** The low four bits of PUBREL, SUBSCRIBE and UNSUBSCRIBE; the others but PUBLISH have 0. */
const RESERVED_FLAGS = 0x02;

/**
 * The packet in `bytes[start, end)`, which has to be exactly one; `packetLength` finds its end.
 *
 * `version` is what the connection's CONNECT said. CONNECT itself ignores it, and nothing else may come before.
 * Payloads and other binary fields are views of `bytes`. Throws ProtocolError and nothing else.
 */
export function decode(bytes: Uint8Array, start: number, end: number, version: ProtocolVersion): Packet {
  const length = packetLength(bytes, start, end);
  if (length === INCOMPLETE || length !== end - start)
    throw malformed(`remaining length does not agree with the ${end - start} bytes of the packet`);

  let body = start + 1;
  while (bytes[body]! >= 0x80) body++;
  body++;

  const first = bytes[start]!;
  const type = first >> 4;
  const flags = first & 0x0f;
  if (type === PacketType.Publish) return decodePublish(bytes, flags, body, end, version);

  checkFlags(type, flags, version);
  return decodeBody(new Reader(bytes, body, end), type, version);
}

/** The packet's bytes. Throws RangeError for a value that `version` cannot put on the wire. */
export function encode(packet: Packet, version: ProtocolVersion): Uint8Array {
  const bodyLength = measure(packet, version);
  const bytes = Buffer.allocUnsafe(1 + varintLength(bodyLength, "remaining length") + bodyLength);
  write(new Writer(bytes, 0), packet, bodyLength, version);
  return bytes;
}

/** Bytes that `encode` would return, which a receiver's Maximum Packet Size is compared with. */
export function encodedLength(packet: Packet, version: ProtocolVersion): number {
  const bodyLength = measure(packet, version);
  return 1 + varintLength(bodyLength, "remaining length") + bodyLength;
}

/**
 * Encodes into `target` from `offset`, and returns where the packet ends: for packets that leave in one batch.
 * Throws RangeError, as `encode` does, and when the packet does not fit; then the bytes behind `offset` are undefined.
 */
export function encodeInto(packet: Packet, version: ProtocolVersion, target: Uint8Array, offset: number): number {
  const bodyLength = measure(packet, version);
  const end = offset + 1 + varintLength(bodyLength, "remaining length") + bodyLength;
  if (end > target.length) throw new RangeError(`packet needs ${end - offset} bytes, 'target' has ${target.length - offset} left`);
  write(new Writer(target, offset), packet, bodyLength, version);
  return end;
}

/**
 * Reserved flags: [MQTT-2.1.3-1], 3.1.1 [MQTT-2.2.2-1] [MQTT-2.2.2-2]. In 3.1 they mean nothing, but that a PUBREL,
 * SUBSCRIBE or UNSUBSCRIBE sent again has DUP, so there they are not looked at.
 */
function checkFlags(type: number, flags: number, version: ProtocolVersion): void {
  if (version === 3 && type !== PacketType.Connect) return;
  const isNumbered = type === PacketType.Pubrel || type === PacketType.Subscribe || type === PacketType.Unsubscribe;
  if (flags !== (isNumbered ? RESERVED_FLAGS : 0)) throw malformed(`flags ${flags} are not valid for packet type ${type}`);
}

function decodeBody(reader: Reader, type: number, version: ProtocolVersion): Packet {
  switch (type) {
    case PacketType.Connect:
      return decodeConnect(reader);
    case PacketType.Connack:
      return decodeConnack(reader, version);
    case PacketType.Puback:
    case PacketType.Pubrec:
    case PacketType.Pubrel:
    case PacketType.Pubcomp:
      return decodeAck(reader, type, version);
    case PacketType.Subscribe:
      return decodeSubscribe(reader, version);
    case PacketType.Suback:
      return decodeSuback(reader, version);
    case PacketType.Unsubscribe:
      return decodeUnsubscribe(reader, version);
    case PacketType.Unsuback:
      return decodeUnsuback(reader, version);
    case PacketType.Pingreq:
    case PacketType.Pingresp:
      return decodePing(reader, type);
    case PacketType.Disconnect:
      return decodeDisconnect(reader, version);
    case PacketType.Auth:
      if (version === 5) return decodeAuth(reader);
  }
  throw malformed(`packet type ${type} is reserved`); // table 2-1
}

/** The remaining length. Refuses, on the way, strings and lists that do not fit; `write` relies on it. */
function measure(packet: Packet, version: ProtocolVersion): number {
  const length = bodyLengthOf(packet, version);
  if (length > MAX_REMAINING_LENGTH) throw new RangeError(`packet takes ${length} bytes, at most ${MAX_REMAINING_LENGTH} fit`);
  return length;
}

function bodyLengthOf(packet: Packet, version: ProtocolVersion): number {
  switch (packet.type) {
    case PacketType.Publish:
      return publishLength(packet, version);
    case PacketType.Puback:
    case PacketType.Pubrec:
    case PacketType.Pubrel:
    case PacketType.Pubcomp:
      return ackLength(packet, version);
    case PacketType.Connect:
      return connectLength(packet);
    case PacketType.Connack:
      return connackLength(packet, version);
    case PacketType.Subscribe:
      return subscribeLength(packet, version);
    case PacketType.Suback:
      return subackLength(packet, version);
    case PacketType.Unsubscribe:
      return unsubscribeLength(packet, version);
    case PacketType.Unsuback:
      return unsubackLength(packet, version);
    case PacketType.Pingreq:
    case PacketType.Pingresp:
      return 0;
    case PacketType.Disconnect:
      return disconnectLength(packet, version);
    case PacketType.Auth:
      if (version !== 5) throw new RangeError("AUTH exists in MQTT 5.0 only");
      return authLength(packet);
  }
}

function write(writer: Writer, packet: Packet, bodyLength: number, version: ProtocolVersion): void {
  writer.u8((packet.type << 4) | flagsOf(packet), "type");
  writer.varint(bodyLength);
  switch (packet.type) {
    case PacketType.Publish:
      writePublish(writer, packet, version);
      break;
    case PacketType.Puback:
    case PacketType.Pubrec:
    case PacketType.Pubrel:
    case PacketType.Pubcomp:
      writeAck(writer, packet, version);
      break;
    case PacketType.Connect:
      writeConnect(writer, packet);
      break;
    case PacketType.Connack:
      writeConnack(writer, packet, version);
      break;
    case PacketType.Subscribe:
      writeSubscribe(writer, packet, version);
      break;
    case PacketType.Suback:
      writeSuback(writer, packet, version);
      break;
    case PacketType.Unsubscribe:
      writeUnsubscribe(writer, packet, version);
      break;
    case PacketType.Unsuback:
      writeUnsuback(writer, packet, version);
      break;
    case PacketType.Disconnect:
      writeDisconnect(writer, packet, version);
      break;
    case PacketType.Auth:
      writeAuth(writer, packet);
      break;
  }
}

function flagsOf(packet: Packet): number {
  switch (packet.type) {
    case PacketType.Publish:
      return publishFlags(packet.qos, packet.dup, packet.retain);
    case PacketType.Pubrel:
    case PacketType.Subscribe:
    case PacketType.Unsubscribe:
      return RESERVED_FLAGS;
    default:
      return 0;
  }
}
