import type { Backplane } from "../../src/cluster/backplane.js";
import { type Message, NEVER } from "../../src/message.js";
import type { Place, Source } from "../../src/persistence/taken-numbers.js";
import { Publication } from "../../src/publication/publication.js";
import { TopicTable } from "../../src/publication/topic-table.js";
import { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import { RetainedBounds, type RetainedLimits } from "../../src/retained/retained-bounds.js";
import { Router } from "../../src/routing/router.js";
import type { Routes } from "../../src/routing/routes.js";
import { Commits } from "../../src/session/commits.js";
import type { Session } from "../../src/session/session.js";
import { Subscription, type SubscriptionOptions } from "../../src/session/subscription.js";
import type { ShareStrategy } from "../../src/topics/shared-group.js";
import type { SharedFilter } from "../../src/topics/topic-filter.js";
import { messageOf, optionsOf, RecordingLink, sessionContext, sessionOf } from "../session/support.js";

/** A backplane that notes what it is told, and says what the test has it say. */
export class RecordingBackplane implements Backplane {
  readonly isReady = true;
  readonly movesSessions = true;
  isOutOfReach = false;
  readonly calls: string[] = [];
  readonly published: Message[] = [];
  readonly keptGroups: (readonly SharedFilter[])[] = [];
  readonly handedOn: [Message, SharedFilter][] = [];
  kept = (_group: SharedFilter) => true;
  wanted = (_topic: string) => false;
  answer = (): Promise<void> | undefined => undefined;
  nextSource?: NonNullable<Backplane["nextSource"]>;
  publishOnce?: NonNullable<Backplane["publishOnce"]>;
  nextPlace?: NonNullable<Backplane["nextPlace"]>;
  readonly places: (Place | undefined)[] = [];

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  claim(): undefined {}
  async handOver(): Promise<void> {}
  release(): void {}

  wants(topic: string): boolean {
    return this.wanted(topic);
  }

  keeps(group: SharedFilter): boolean {
    return this.kept(group);
  }

  handOn(message: Message, group: SharedFilter): boolean {
    this.handedOn.push([message, group]);
    return true;
  }

  refuse(): Promise<void> | undefined {
    return this.answer();
  }

  publish(message: Message, kept: readonly SharedFilter[], _source?: Source, place?: Place): Promise<void> | undefined {
    this.published.push(message);
    this.places.push(place);
    this.keptGroups.push(kept);
    return this.answer();
  }

  subscribed(filter: string, shareName?: string): undefined {
    this.calls.push(`+${shareName === undefined ? "" : `${shareName}:`}${filter}`);
  }

  unsubscribed(filter: string, shareName?: string): void {
    this.calls.push(`-${shareName === undefined ? "" : `${shareName}:`}${filter}`);
  }
}

const NO_RETAINED_LIMITS: RetainedLimits = {
  ...{ maxRetainedMessages: Number.POSITIVE_INFINITY, maxRetainedBytes: Number.POSITIVE_INFINITY },
  maxRetainedPayloadBytes: Number.POSITIVE_INFINITY,
};

/** A router with sessions whose links note what they get. */
export class TestRouter {
  readonly context = sessionContext();
  readonly backplane = new RecordingBackplane();
  readonly topics = new TopicTable<Routes>({ maxTopicLevels: 128, hashSeed: 1 });
  readonly retained = new MemoryRetainedStore({ clock: this.context.clock });
  readonly router: Router;
  readonly #sessions = new Map<string, { session: Session; link: RecordingLink }>();

  constructor(shareStrategy: ShareStrategy = "round-robin") {
    const { clock, counters, messages } = this.context;
    const commits = new Commits({ stores: [messages, this.retained], onFailure: () => {} });
    const { context } = this;
    this.router = new Router({
      ...{ clock, counters, messages, commits, shareStrategy },
      retainedBounds: new RetainedBounds({ store: this.retained, limits: NO_RETAINED_LIMITS, overload: context.overload, counters }),
      ...{ retained: this.retained, backplane: this.backplane, topics: this.topics },
      random: () => 0,
      hashSeed: 1,
    });
  }

  session(clientId: string): Session {
    return this.#client(clientId).session;
  }

  link(clientId: string): RecordingLink {
    return this.#client(clientId).link;
  }

  subscribe(clientId: string, topicFilter: string, options: Partial<SubscriptionOptions> = {}): Subscription {
    const subscription = new Subscription(this.session(clientId), optionsOf(topicFilter, options));
    this.router.subscribe(subscription);
    return subscription;
  }

  /** A message to a topic as the broker finds it in a packet: one object for all messages to one topic. */
  publication(topic: string, fields: Partial<Message> = {}): Publication<Routes> {
    const wire = Buffer.from(`  ${topic}`);
    wire.writeUInt16BE(wire.length - 2);
    const publication = new Publication<Routes>();
    const message = messageOf(fields.payload === undefined ? topic : "", { topic, expiresAtMs: NEVER, ...fields });
    publication.load(message, this.topics.find(wire, 2, wire.length), this.context.clock.nowMs);
    return publication;
  }

  publish(topic: string, fields: Partial<Message> = {}, from: string | null = null): Promise<void> | undefined {
    return this.router.publish(this.publication(topic, fields), from === null ? null : this.session(from));
  }

  /** How many messages each client has got so far. */
  counts(...clientIds: string[]): number[] {
    return clientIds.map((clientId) => this.link(clientId).published.length + this.link(clientId).forwarded.length);
  }

  #client(clientId: string): { session: Session; link: RecordingLink } {
    let client = this.#sessions.get(clientId);
    if (client === undefined) {
      client = { session: sessionOf(this.context, clientId), link: new RecordingLink() };
      client.session.link = client.link;
      this.#sessions.set(clientId, client);
    }
    return client;
  }
}
