import type { PublishProperties, Qos } from "./codec/packet.js";

/** What an application message carries through the broker, apart from the packet it came in. */
export type MessageProperties = Omit<PublishProperties, "topicAlias" | "subscriptionIdentifiers">;

/** Never expires. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * An application message: what was published, by whom, until when it is worth delivering.
 *
 * Immutable, and owns its bytes: whoever makes one from a received packet copies them out of the receive buffer.
 */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly properties: MessageProperties;
  /** Milliseconds since 1970 at which it expires [MQTT-3.3.2-5]; NEVER without a Message Expiry Interval. */
  readonly expiresAtMs: number;
  /** Client identifier of the publisher, which No Local compares; empty if the broker itself publishes. */
  readonly publisher: string;
}

/** Whether two messages say the same to the same topic. */
export function isSameMessage({ topic, payload }: Message, other: Message | undefined): boolean {
  return other !== undefined && topic === other.topic && Buffer.compare(payload, other.payload) === 0;
}
