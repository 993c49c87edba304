import { type ConnackPacket, type ConnackProperties, PacketType } from "../codec/packet.js";
import { NO_PROPERTIES } from "../codec/properties.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Session } from "../session/session.js";
import type { Connecting } from "./connect.js";
import type { Core } from "./core.js";

/** The longest packet there can be; a maximum that forbids nothing is not told. */
const LONGEST_PACKET_BYTES = 268_435_460;

export function connack(
  core: Core,
  connecting: Connecting,
  session: Session,
  sessionPresent: boolean,
  keepAliveSeconds: number,
  data: Uint8Array | undefined,
): ConnackPacket {
  const properties = connecting.packet.version === 5 ? propertiesOf(core, connecting, session, keepAliveSeconds, data) : NO_PROPERTIES;
  return { type: PacketType.Connack, sessionPresent, reasonCode: ReasonCode.Success, properties };
}

/** What the client could not know by itself: each property only where it says something else than its absence. */
function propertiesOf(
  { settings }: Core,
  { packet, isAssigned }: Connecting,
  session: Session,
  keepAliveSeconds: number,
  authenticationData: Uint8Array | undefined,
): ConnackProperties {
  const { properties } = packet;
  const told: { -readonly [K in keyof ConnackProperties]: ConnackProperties[K] } = {};
  if (session.expirySeconds !== (properties.sessionExpiryIntervalSeconds ?? 0)) told.sessionExpiryIntervalSeconds = session.expirySeconds;
  if (settings.receiveMaximum < 65_535) told.receiveMaximum = settings.receiveMaximum;
  if (settings.maxQos < 2) told.maximumQos = settings.maxQos as 0 | 1; // [MQTT-3.2.2-9]
  if (!settings.retainAvailable) told.retainAvailable = false;
  if (settings.maxPacketBytes < LONGEST_PACKET_BYTES) told.maximumPacketSizeBytes = settings.maxPacketBytes;
  if (isAssigned) told.assignedClientIdentifier = session.clientId; // [MQTT-3.2.2-16]
  if (settings.topicAliasMaximum > 0) told.topicAliasMaximum = settings.topicAliasMaximum;
  if (!settings.wildcardSubscriptions) told.wildcardSubscriptionAvailable = false;
  if (!settings.subscriptionIdentifiers) told.subscriptionIdentifiersAvailable = false;
  if (!settings.sharedSubscriptions) told.sharedSubscriptionAvailable = false;
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
