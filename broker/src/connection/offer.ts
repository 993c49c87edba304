/**
 * What CONNACK tells a client that it may use. A connection keeps the offer that it was welcomed with: settings that are read again make
 * another object for those who come later, and nobody is held to what it was not told.
 */
export interface Offer {
  readonly maxPacketBytes: number;
  readonly maxQos: 0 | 1 | 2;
  readonly retainAvailable: boolean;
  readonly wildcardSubscriptions: boolean;
  readonly sharedSubscriptions: boolean;
  readonly subscriptionIdentifiers: boolean;
  /** QoS 1 and 2 messages that the client may have unacknowledged. */
  readonly receiveMaximum: number;
  /** Topic aliases that the client may use. */
  readonly topicAliasMaximum: number;
}
