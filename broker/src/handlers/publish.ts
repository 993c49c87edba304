import { type AckType, PacketType, type Qos } from "../codec/packet.js";
import { ProtocolError, violation } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import { Publication } from "../publication/publication.js";
import type { Topic } from "../publication/topic.js";
import type { Routes } from "../routing/routes.js";
import { DropCause } from "../sys/counters.js";
import type { Core } from "./core.js";
import { mayPublish } from "./may-publish.js";
import { refuseOverQuota } from "./over-quota.js";

/** Topics that only the broker writes. */
const SYS_PREFIX = "$SYS/";
const DOLLAR = 0x24;

/** A PUBLISH whose variable header begins at `body`. Runs for every message: no allocation at QoS 0 but what the receivers need. */
export function handlePublish(
  core: Core,
  connection: Connection,
  bytes: Uint8Array,
  start: number,
  body: number,
  end: number,
): Promise<void> | undefined {
  const { frame, publication, counters } = core;
  const { version, offer } = connection;
  const session = connection.session!;
  frame.readTopic(bytes, bytes[start]! & 0x0f, body, end);
  const { topicStart, topicEnd, qos } = frame;
  let topic = topicStart === topicEnd ? undefined : core.topics.find(bytes, topicStart, topicEnd);
  frame.readRest(bytes, end, version);
  if (version === 5) topic = resolveAlias(core, connection, topic);

  counters.publishReceived[qos]!++;
  counters.publishBytesReceived += end - frame.payloadStart;
  if (qos > offer.maxQos) throw new ProtocolError(ReasonCode.QosNotSupported, `QoS ${qos} is above the maximum of ${offer.maxQos}`); // [MQTT-3.2.2-11]
  if (frame.retain && !offer.retainAvailable) throw new ProtocolError(ReasonCode.RetainNotSupported, "retained messages are not available"); // [MQTT-3.2.2-14]

  if (qos > 0 && !takes(core, connection, qos, frame.packetId, frame.dup)) return undefined;
  publication.receive(frame, topic!, bytes, start, end, version, session.clientId, core.clock.now());
  if (session.refused !== null && qos === 2 && comesAgain(core, connection)) return undefined;
  if (topic!.wire[2] === DOLLAR && topic!.name.startsWith(SYS_PREFIX)) {
    refuse(connection, qos, frame.packetId, core);
    return undefined;
  }
  const allowed = mayPublish(core, connection, topic!.name, qos, publication.retain);
  if (allowed === true) {
    accept(core, connection, publication, qos, frame.packetId);
    return undefined;
  }
  if (allowed === false) {
    refuse(connection, qos, frame.packetId, core);
    return undefined;
  }
  return whenAuthorized(core, connection, qos, frame.packetId, allowed);
}

/** What waits for the authoriser's answer has to leave the receive buffer, and the client's next packets wait too. */
function whenAuthorized(core: Core, connection: Connection, qos: Qos, packetId: number, answer: Promise<boolean>): Promise<void> {
  const { publication } = core;
  const { topic } = publication;
  const message = publication.message();
  return answer.then((allowed) => {
    if (connection.session === null) return;
    if (!allowed) {
      refuse(connection, qos, packetId, core);
      return;
    }
    const own = new Publication<Routes>();
    own.load(message, topic, core.clock.now());
    accept(core, connection, own, qos, packetId);
  });
}

function accept(core: Core, connection: Connection, publication: Publication<Routes>, qos: Qos, packetId: number): void {
  const session = connection.session!;
  const type = qos === 1 ? PacketType.Puback : PacketType.Pubrec;
  if (qos > 0 && refuseOverQuota(core, connection, publication, type, packetId)) return;
  if (qos === 2) {
    session.received ??= new Map();
    session.received.set(packetId, session.isPersistent ? publication.mark : 0); // [MQTT-4.3.3-10]
    if (session.isPersistent) core.router.received(session.clientId, packetId);
  }
  const accepted = core.router.refusal(publication) ?? core.router.publish(publication, session);
  if (qos === 0) {
    accepted?.catch(core.reportFailure);
    return;
  }

  // 3.4.2.1: a client of 5.0 may be told that nobody was there to get it
  const reasonCode = core.router.hasMatched ? ReasonCode.Success : ReasonCode.NoMatchingSubscribers;
  acknowledge(connection, accepted, type, packetId, reasonCode);
}

/** Now, or when what has to be accepted before is. */
function acknowledge(
  connection: Connection,
  accepted: Promise<void> | undefined,
  type: AckType,
  packetId: number,
  reasonCode: ReasonCode,
): void {
  if (accepted === undefined && connection.inbound === null) connection.acknowledge(type, packetId, reasonCode);
  else connection.inboundState().acks.add(connection, accepted, type, packetId, reasonCode);
}

/** QoS 1 and 2: whether the message is a new one within the window. A QoS 2 message that is here already is acknowledged again. */
function takes(core: Core, connection: Connection, qos: Qos, packetId: number, dup: boolean): boolean {
  const session = connection.session!;
  const { received } = session;
  const { inbound } = connection;
  if (qos === 2 && received?.has(packetId)) {
    // [MQTT-4.3.3-10]: not delivered twice. Its PUBREC may still wait to be sent for the first time.
    if (dup || inbound === null || inbound.acks.size === 0)
      acknowledge(connection, core.router.commit(), PacketType.Pubrec, packetId, ReasonCode.Success);
    return false;
  }
  if (connection.version !== 5) return true;
  const open = (received?.size ?? 0) + (inbound === null ? 0 : inbound.acks.pubacks);
  if (open < connection.offer.receiveMaximum) return true;
  throw new ProtocolError(ReasonCode.ReceiveMaximumExceeded, `more than ${connection.offer.receiveMaximum} messages are unacknowledged`); // [MQTT-3.3.4-7]
}

/**
 * Whether the message was refused, and comes again as the client has not heard of that: subscribers have it, and now it may become durable
 * [MQTT-4.3.3-10]. With another under the identifier the client shows that it has heard.
 */
function comesAgain({ frame, publication, router }: Core, connection: Connection): boolean {
  const session = connection.session!;
  const { packetId, dup } = frame;
  const refused = session.takeRefused(packetId);
  if (refused === undefined || !dup || refused !== publication.mark) return false;
  session.received ??= new Map();
  session.received.set(packetId, refused);
  if (session.isPersistent) router.received(session.clientId, packetId);
  acknowledge(connection, router.commit(), PacketType.Pubrec, packetId, ReasonCode.Success);
  return true;
}

/** 3.1.1 has no way to say no but to close; it acknowledges instead, as the standard allows: 3.1.1 [MQTT-3.3.5-2]. */
function refuse(connection: Connection, qos: Qos, packetId: number, core: Core): void {
  core.counters.publishDropped[DropCause.NotAuthorized]!++;
  if (core.authorization.denyAction === "disconnect") {
    connection.close(ReasonCode.NotAuthorized, "a message may not be published to its topic");
    return;
  }
  if (qos === 0) return;
  acknowledge(connection, undefined, qos === 1 ? PacketType.Puback : PacketType.Pubrec, packetId, ReasonCode.NotAuthorized);
}

function resolveAlias(core: Core, connection: Connection, topic: Topic<Routes> | undefined): Topic<Routes> | undefined {
  const { topicAlias, subscriptionIdentifiers } = core.frame.properties;
  if (subscriptionIdentifiers !== undefined) throw violation("a client's PUBLISH has a subscription identifier"); // [MQTT-3.3.4-6]
  if (topicAlias === undefined) return topic;
  const { topicAliasMaximum } = connection.offer;
  if (topicAlias > topicAliasMaximum) {
    throw new ProtocolError(ReasonCode.TopicAliasInvalid, `topic alias ${topicAlias} is above the maximum of ${topicAliasMaximum}`); // [MQTT-3.3.2-9]
  }
  const { aliases } = connection.inboundState();
  if (topic !== undefined) {
    aliases.set(topicAlias, topic);
    return topic;
  }
  const known = aliases.get(topicAlias);
  if (known === undefined) throw violation(`topic alias ${topicAlias} stands for no topic yet`); // 3.3.2.3.4
  return known;
}
