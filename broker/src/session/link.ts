import type { AckType, ProtocolVersion, Qos } from "../codec/packet.js";
import type { ReasonCode } from "../codec/reason-code.js";
import type { Publication } from "../publication/publication.js";

/** What a session needs of the network connection that serves it. */
export interface Link {
  readonly version: ProtocolVersion;
  /** QoS 1 and 2 messages that may be unacknowledged at a time: the client's Receive Maximum, and ours. */
  readonly maxInflight: number;
  /** False while the socket does not take what it has; QoS 1 and 2 messages wait in the session then. */
  readonly isWritable: boolean;

  /** Whether the client takes a packet of that many bytes [MQTT-3.1.2-24]. */
  accepts(publication: Publication, qos: Qos, identifiers: readonly number[] | undefined): boolean;

  /** Sends at QoS 0, or drops and counts the message if the client is too slow or takes no packet of this size. */
  forward(publication: Publication, retain: boolean, identifiers: readonly number[] | undefined): void;

  /** Sends at QoS 1 or 2. */
  publish(
    publication: Publication,
    qos: Qos,
    dup: boolean,
    retain: boolean,
    packetId: number,
    identifiers: readonly number[] | undefined,
  ): void;

  acknowledge(type: AckType, packetId: number, reasonCode: ReasonCode): void;

  /** A message was dropped because the client's queue is full, and that is to end its connection: once what is under way is done. */
  overflowed(): void;

  /** Ends the connection, with the reason where the version has a packet for it. */
  disconnect(reasonCode: ReasonCode, reason: string, serverReference?: string): void;
}
