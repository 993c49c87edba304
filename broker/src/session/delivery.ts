import type { Qos } from "../codec/packet.js";
import type { Message } from "../message.js";
import type { Place } from "../persistence/taken-numbers.js";
import type { Subscription } from "./subscription.js";

export const DeliveryState = {
  /** Not sent yet. */
  Queued: 0,
  /** PUBLISH sent; PUBACK or PUBREC is awaited. */
  Sent: 1,
  /** PUBREL sent; PUBCOMP is awaited. The message itself is not needed any more [MQTT-4.3.3-6]. */
  Released: 2,
  /** Acknowledged. */
  Done: 3,
} as const;

export type DeliveryState = (typeof DeliveryState)[keyof typeof DeliveryState];

/** What has to be known of a shared subscription when its session ends; the subscription itself may be gone by then. */
export type SharedMember = Pick<Subscription, "topicFilter" | "shared">;

/** One message for one session, at QoS 1 or 2, until it is acknowledged. */
export class Delivery {
  /** The order of a session's messages; also their key in the message store. */
  readonly sequence: number;
  readonly message: Message;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly identifiers: readonly number[] | undefined;
  /** The shared subscription it was picked for: if its session ends, another member may get it. */
  readonly shared: SharedMember | undefined;
  /** In a cluster: at QoS 2 by which it is known when it comes again, or is in two copies of its session, at QoS 1 where its place is while the session moves. */
  readonly source: Place | undefined;
  packetId = 0;
  state: DeliveryState = DeliveryState.Queued;
  /** Whether PUBLISH has left, or may have. */
  wasSent = false;
  /** The group commit that its next packet waits for; see `Commits`. */
  group = 0;

  constructor(
    sequence: number,
    message: Message,
    qos: Qos,
    retain: boolean,
    identifiers: readonly number[] | undefined,
    shared: SharedMember | undefined,
    source?: Place,
  ) {
    this.sequence = sequence;
    this.message = message;
    this.qos = qos;
    this.retain = retain;
    this.identifiers = identifiers;
    this.shared = shared;
    this.source = source;
  }

  /** The same message in another place, not sent yet. */
  at(sequence: number): Delivery {
    const { message, qos, retain, identifiers, shared, source } = this;
    return new Delivery(sequence, message, qos, retain, identifiers, shared, source);
  }
}

/** What a queued message counts for against the limit of bytes: its payload, its topic, and what its objects take. */
export function queuedBytes({ message }: Delivery): number {
  return message.payload.length + message.topic.length + OVERHEAD_BYTES;
}

/** Two objects and a typed array of V8; an estimate, so that empty messages are not free. */
const OVERHEAD_BYTES = 300;
