import type { ConnectProperties } from "../codec/packet.js";

/** What a client asked us to keep to, in its CONNECT. */
export interface ClientLimits {
  readonly receiveMaximum: number;
  /** Bytes of the longest packet it takes. */
  readonly maximumPacketBytes: number;
  /** Topic aliases that we may use towards it. */
  readonly topicAliasMaximum: number;
  /** False: no reason strings and user properties but in CONNACK, PUBLISH and DISCONNECT [MQTT-3.1.2-29]. */
  readonly wantsProblemInformation: boolean;
}

/** What a CONNECT without properties means (3.1.2.11); one object for all such clients. */
export const DEFAULT_CLIENT_LIMITS: ClientLimits = Object.freeze({
  receiveMaximum: 65_535,
  maximumPacketBytes: Number.POSITIVE_INFINITY,
  topicAliasMaximum: 0,
  wantsProblemInformation: true,
});

export function clientLimits(properties: ConnectProperties): ClientLimits {
  const limits: ClientLimits = {
    receiveMaximum: properties.receiveMaximum ?? DEFAULT_CLIENT_LIMITS.receiveMaximum,
    maximumPacketBytes: properties.maximumPacketSizeBytes ?? DEFAULT_CLIENT_LIMITS.maximumPacketBytes,
    topicAliasMaximum: properties.topicAliasMaximum ?? DEFAULT_CLIENT_LIMITS.topicAliasMaximum,
    wantsProblemInformation: properties.requestProblemInformation ?? DEFAULT_CLIENT_LIMITS.wantsProblemInformation,
  };
  const isDefault = (Object.keys(limits) as (keyof ClientLimits)[]).every((key) => limits[key] === DEFAULT_CLIENT_LIMITS[key]);
  return isDefault ? DEFAULT_CLIENT_LIMITS : limits;
}
