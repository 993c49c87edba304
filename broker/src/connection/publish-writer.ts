import { encodedLength, encodeInto } from "../codec/codec.js";
import { PacketType, type PublishPacket, type PublishProperties, type Qos } from "../codec/packet.js";
import { NO_PROPERTIES } from "../codec/properties.js";
import type { Publication } from "../publication/publication.js";
import type { Connection } from "./connection.js";

const DUP = 0x08;
const RETAIN = 0x01;
/** What a topic alias adds to a packet that has its topic too: three bytes, and one in each of two lengths. */
const ALIAS_BYTES = 5;

/** From this size on, all receivers of a message send the same copy of its payload: a thousand of them would need a thousand. */
const SHARED_PAYLOAD_BYTES = 16_384;

/** Bytes that a message takes as a PUBLISH to this client, at most: a topic alias may make it shorter. */
export function publishLengthFor(
  connection: Connection,
  publication: Publication,
  qos: Qos,
  identifiers: readonly number[] | undefined,
): number {
  if (identifiers !== undefined && connection.version === 5) {
    return encodedLength(withIdentifiers(publication, qos, false, false, 1, identifiers), 5);
  }
  return packetBytes(bodyLength(connection, publication, qos));
}

/** Sends at QoS 0: the received bytes as they are wherever the receiver may have them so. */
export function forwardPublish(
  connection: Connection,
  publication: Publication,
  retain: boolean,
  identifiers: readonly number[] | undefined,
): void {
  const { version, aliases } = connection;
  if (
    publication.frameEnd !== 0 &&
    publication.payloadLength < SHARED_PAYLOAD_BYTES &&
    !retain &&
    identifiers === undefined &&
    aliases === null
  ) {
    if ((publication.frameVersion === 5) === (version === 5)) {
      const { counters, turn } = connection.context;
      counters.packetsSent[PacketType.Publish]!++;
      counters.publishSent[0]!++;
      counters.publishBytesSent += publication.payloadLength;
      turn.forward(connection, publication.bytes, publication.frameStart, publication.frameEnd);
      return;
    }
  }
  sendPublish(connection, publication, 0, false, retain, 0, identifiers);
}

export function sendPublish(
  connection: Connection,
  publication: Publication,
  qos: Qos,
  dup: boolean,
  retain: boolean,
  packetId: number,
  identifiers: readonly number[] | undefined,
): void {
  const { version, aliases, context } = connection;
  context.counters.packetsSent[PacketType.Publish]!++;
  context.counters.publishSent[qos]!++;
  context.counters.publishBytesSent += publication.payloadLength;
  if (version === 5 && (identifiers !== undefined || aliases !== null)) {
    sendWithProperties(connection, publication, qos, dup, retain, packetId, identifiers);
    return;
  }
  const length = bodyLength(connection, publication, qos);
  const flags = (dup ? DUP : 0) | (qos << 1) | (retain ? RETAIN : 0);
  const { payloadLength } = publication;
  if (payloadLength < SHARED_PAYLOAD_BYTES) {
    const at = connection.reserve(packetBytes(length));
    publication.write(connection.outputBytes(), at, version, flags, length, packetId);
    return;
  }
  const at = connection.reserve(packetBytes(length) - payloadLength);
  publication.writeHead(connection.outputBytes(), at, version, flags, length, packetId);
  connection.appendShared(publication.message().payload);
}

function sendWithProperties(
  connection: Connection,
  publication: Publication,
  qos: Qos,
  dup: boolean,
  retain: boolean,
  packetId: number,
  identifiers: readonly number[] | undefined,
): void {
  const { aliases } = connection;
  const { name } = publication.topic;
  let packet = withIdentifiers(publication, qos, dup, retain, packetId, identifiers);
  if (aliases !== null) {
    const known = aliases.known(name);
    const topicAlias = known !== 0 ? known : hasRoomForAlias(connection, packet) ? aliases.assign(name) : 0;
    if (topicAlias !== 0) packet = { ...packet, topic: known === 0 ? name : "", properties: { ...packet.properties, topicAlias } };
  }
  const at = connection.reserve(encodedLength(packet, 5));
  encodeInto(packet, 5, connection.outputBytes(), at);
}

/** Whether a topic and its alias fit in what the client takes [MQTT-3.1.2-24]. */
function hasRoomForAlias({ limits }: Connection, packet: PublishPacket): boolean {
  return encodedLength(packet, 5) + ALIAS_BYTES <= limits.maximumPacketBytes;
}

function withIdentifiers(
  publication: Publication,
  qos: Qos,
  dup: boolean,
  retain: boolean,
  packetId: number,
  identifiers: readonly number[] | undefined,
): PublishPacket {
  const packet = publication.packet(qos, dup, retain, packetId);
  if (identifiers === undefined) return packet;
  const own: PublishProperties = packet.properties === NO_PROPERTIES ? {} : packet.properties;
  return { ...packet, properties: { ...own, subscriptionIdentifiers: identifiers } };
}

function bodyLength(connection: Connection, publication: Publication, qos: Qos): number {
  const length = publication.bodyLength(connection.version);
  return qos === 0 ? length : length + 2;
}

function packetBytes(bodyBytes: number): number {
  return bodyBytes + (bodyBytes < 0x80 ? 2 : bodyBytes < 0x4000 ? 3 : bodyBytes < 0x20_0000 ? 4 : 5);
}
