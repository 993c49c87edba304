import { type ConnackPacket, type ConnackProperties, PacketType } from "../codec/packet.js";
import { NO_PROPERTIES } from "../codec/properties.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Offer } from "../connection/offer.js";
import type { Session } from "../session/session.js";
import type { Connecting } from "./connect.js";
import type { Core } from "./core.js";

/** The longest packet there can be; a maximum that forbids nothing is not told. */
const LONGEST_PACKET_BYTES = 268_435_460;

export function connack(
  core: Core,
  offer: Offer,
  connecting: Connecting,
  session: Session,
  sessionPresent: boolean,
  keepAliveSeconds: number,
  data: Uint8Array | undefined,
): ConnackPacket {
  const properties =
    connecting.packet.version === 5 ? propertiesOf(core, offer, connecting, session, keepAliveSeconds, data) : NO_PROPERTIES;
  return { type: PacketType.Connack, sessionPresent, reasonCode: ReasonCode.Success, properties };
}

/** What the client could not know by itself: each property only where it says something else than its absence. */
function propertiesOf(
  { settings }: Core,
  offer: Offer,
  { packet, isAssigned }: Connecting,
  session: Session,
  keepAliveSeconds: number,
  authenticationData: Uint8Array | undefined,
): ConnackProperties {
  const { properties } = packet;
  const told: { -readonly [K in keyof ConnackProperties]: ConnackProperties[K] } = {};
  if (session.expirySeconds !== (properties.sessionExpiryIntervalSeconds ?? 0)) told.sessionExpiryIntervalSeconds = session.expirySeconds;
  if (offer.receiveMaximum < 65_535) told.receiveMaximum = offer.receiveMaximum;
  if (offer.maxQos < 2) told.maximumQos = offer.maxQos as 0 | 1; // [MQTT-3.2.2-9]
  if (!offer.retainAvailable) told.retainAvailable = false;
  if (offer.maxPacketBytes < LONGEST_PACKET_BYTES) told.maximumPacketSizeBytes = offer.maxPacketBytes;
  if (isAssigned) told.assignedClientIdentifier = session.clientId; // [MQTT-3.2.2-16]
  if (offer.topicAliasMaximum > 0) told.topicAliasMaximum = offer.topicAliasMaximum;
  if (!offer.wildcardSubscriptions) told.wildcardSubscriptionAvailable = false;
  if (!offer.subscriptionIdentifiers) told.subscriptionIdentifiersAvailable = false;
  if (!offer.sharedSubscriptions) told.sharedSubscriptionAvailable = false;
  if (keepAliveSeconds !== packet.keepAliveSeconds) told.serverKeepAliveSeconds = keepAliveSeconds;
  if (properties.requestResponseInformation && settings.responseTopicPrefix !== "") {
    told.responseInformation = `${settings.responseTopicPrefix}${session.clientId}`; // 3.2.2.3.15
  }
  if (properties.authenticationMethod !== undefined) {
    told.authenticationMethod = properties.authenticationMethod;
    if (authenticationData !== undefined) told.authenticationData = authenticationData;
  }
  return told;
}
