import type { Qos } from "../../src/codec/packet.js";

/** One message that a client published, or left as its will. Times are positions in the history. */
export interface Published {
  /** Unique; its payload begins with it. */
  readonly id: string;
  readonly publisher: string;
  readonly topic: string;
  readonly qos: Qos;
  readonly retain: boolean;
  /** Counts a publisher's messages to one topic at one QoS. To a topic that retains they are all at one QoS. */
  readonly number: number;
  /** Takes away what is retained. */
  readonly isEmpty: boolean;
  readonly sentAt: number;
  /** When it was sent again, with DUP, each time. */
  sentAgainAt?: number[];
  /** When the broker took it over, by PUBACK or PUBREC. */
  ackedAt?: number;
  /** When it said that it does not. */
  refusedAt?: number;
}

/** From SUBSCRIBE to UNSUBACK. What is not acknowledged yet has no time. */
export interface SubscriptionPeriod {
  readonly filter: string;
  readonly qos: Qos;
  /** Members of a group get each message once between them. */
  readonly group: string | undefined;
  readonly askedAt: number;
  heldAt?: number;
  givenUpAt?: number;
  endedAt?: number;
}

export interface Receipt {
  readonly id: string;
  readonly qos: Qos;
  readonly at: number;
}

/** A client whose session outlives its connections. */
export interface SubscriberRecord {
  readonly name: string;
  readonly periods: SubscriptionPeriod[];
  readonly receipts: Receipt[];
}

/** A member of a shared group whose session ends with its connection. */
export interface CleanMember {
  readonly name: string;
  readonly group: string;
  readonly receipts: readonly Receipt[];
  /** Whether it may have been sent a message that it has not had when its connection ended, and that nobody else gets therefore [MQTT-4.8.2-5]. */
  mayLack(message: Published): boolean;
}

/** A will whose connection ended without DISCONNECT, and whose client stayed away for longer than its delay. */
export interface WillRecord {
  readonly id: string;
  readonly qos: Qos;
  readonly topic: string;
  /** Whether the broker has to have published it, or must not have. Without either it may have. */
  fate?: "due" | "withdrawn";
}

/**
 * Everything that the clients sent and were told, in the order in which it happened to them. Nothing the broker says about itself is in it.
 */
export class History {
  readonly published = new Map<string, Published>();
  readonly subscribers: SubscriberRecord[] = [];
  readonly wills = new Map<string, WillRecord>();
  /** Of groups that may have subscribers, too. */
  get cleanMembers(): readonly CleanMember[] {
    return [];
  }
  /** What clients of the broker saw that must not happen at all, such as a session that has gone. */
  readonly violations: string[] = [];
  #now = 0;

  /** A time later than all before. */
  next(): number {
    return ++this.#now;
  }

  subscriber(name: string): SubscriberRecord {
    const record: SubscriberRecord = { name, periods: [], receipts: [] };
    this.subscribers.push(record);
    return record;
  }
}
