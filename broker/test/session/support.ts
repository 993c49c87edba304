import type { AckType, ProtocolVersion, Qos } from "../../src/codec/packet.js";
import type { ReasonCode } from "../../src/codec/reason-code.js";
import { NO_OVERLOAD, type Overload } from "../../src/limits/overload.js";
import { type Message, NEVER } from "../../src/message.js";
import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { Publication } from "../../src/publication/publication.js";
import { Topic } from "../../src/publication/topic.js";
import { Commits } from "../../src/session/commits.js";
import type { Link } from "../../src/session/link.js";
import { Session } from "../../src/session/session.js";
import type { SessionContext, SessionLimits } from "../../src/session/session-context.js";
import type { SubscriptionOptions } from "../../src/session/subscription.js";
import { Counters } from "../../src/sys/counters.js";
import { parseSharedFilter } from "../../src/topics/topic-filter.js";
import { SettableClock } from "../support/settable-clock.js";

/** A packet that a session sent, as far as it decides what is in it. */
export interface SentPublish {
  readonly text: string;
  readonly qos: Qos;
  readonly dup: boolean;
  readonly retain: boolean;
  readonly packetId: number;
  readonly identifiers: readonly number[] | undefined;
}

/** A network connection that notes what it is given. */
export class RecordingLink implements Link {
  version: ProtocolVersion = 5;
  maxInflight = 100;
  isWritable = true;
  /** Payloads longer than this are refused. */
  maxPayloadBytes = Number.POSITIVE_INFINITY;
  readonly published: SentPublish[] = [];
  readonly forwarded: SentPublish[] = [];
  readonly acknowledged: (readonly [type: AckType, packetId: number, reasonCode: ReasonCode])[] = [];
  readonly disconnects: ReasonCode[] = [];
  overflows = 0;
  /** What happens when the session ends the connection. */
  onDisconnect: () => void = () => {};

  /** Everything sent so far, each as one short text. */
  get texts(): string[] {
    return this.published.map(({ text }) => text);
  }

  accepts(publication: Publication): boolean {
    return publication.payloadLength <= this.maxPayloadBytes;
  }

  forward(publication: Publication, retain: boolean, identifiers: readonly number[] | undefined): void {
    this.forwarded.push({ text: textOfPublication(publication), qos: 0, dup: false, retain, packetId: 0, identifiers });
  }

  publish(
    publication: Publication,
    qos: Qos,
    dup: boolean,
    retain: boolean,
    packetId: number,
    identifiers: readonly number[] | undefined,
  ): void {
    this.published.push({ text: textOfPublication(publication), qos, dup, retain, packetId, identifiers });
  }

  acknowledge(type: AckType, packetId: number, reasonCode: ReasonCode): void {
    this.acknowledged.push([type, packetId, reasonCode]);
  }

  overflowed(): void {
    this.overflows++;
  }

  disconnect(reasonCode: ReasonCode): void {
    this.disconnects.push(reasonCode);
    this.onDisconnect();
  }
}

export interface TestContext extends SessionContext {
  readonly clock: SettableClock;
  readonly messages: MemoryMessageStore;
}

type Settings = Partial<SessionLimits> & { readonly overload?: Overload; readonly keepsGroupMessages?: boolean };

export function sessionContext(settings: Settings = {}): TestContext {
  const messages = new MemoryMessageStore();
  return {
    clock: new SettableClock(),
    counters: new Counters(),
    messages,
    commits: new Commits({ stores: [messages], onFailure: () => {} }),
    held: { messages: 0, bytes: 0 },
    overload: NO_OVERLOAD,
    keepsGroupMessages: false,
    ...{ maxQueuedMessages: 1_000, maxQueuedBytes: 1_000_000, queueOverflow: "drop-newest", queueQos0: false },
    ...{ maxInflightBytes: 16_000_000, maxHeldBytes: Number.POSITIVE_INFINITY },
    ...settings,
  };
}

/** A session that outlives its connection. */
export function sessionOf(context: SessionContext, clientId = "c", expirySeconds = 60): Session {
  return new Session(clientId, undefined, expirySeconds, context);
}

/** A message at QoS 1 to the topic "t" that says `text`. */
export function messageOf(text: string, fields: Partial<Message> = {}): Message {
  return {
    topic: "t",
    payload: Buffer.from(text),
    qos: 1,
    retain: false,
    properties: {},
    expiresAtMs: NEVER,
    publisher: "p",
    ...fields,
  };
}

export function publicationOf<R = unknown>(message: Message, nowMs = 0): Publication<R> {
  const publication = new Publication<R>();
  publication.load(message, Topic.named<R>(message.topic), nowMs);
  return publication;
}

export function textOfPublication(publication: Publication): string {
  return Buffer.from(publication.message().payload).toString();
}

/** A subscription at QoS 1, or with the options given. */
export function optionsOf(topicFilter: string, options: Partial<SubscriptionOptions> = {}): SubscriptionOptions {
  const shared = parseSharedFilter(topicFilter);
  return { topicFilter, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0, shared, ...options };
}

/** Gives the session messages with these texts, at this QoS. */
export function deliverAll(session: Session, texts: readonly string[], qos: Qos = 1, fields: Partial<Message> = {}): void {
  for (const text of texts) session.deliver(publicationOf(messageOf(text, { qos, ...fields })), qos, false, undefined, undefined);
}
