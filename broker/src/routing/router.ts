import type { Clock } from "../clock.js";
import type { Backplane } from "../cluster/backplane.js";
import type { Qos } from "../codec/packet.js";
import type { Message } from "../message.js";
import { both } from "../persistence/both.js";
import type { MessageStore } from "../persistence/message-store.js";
import { Publication } from "../publication/publication.js";
import { Topic } from "../publication/topic.js";
import type { TopicTable } from "../publication/topic-table.js";
import type { RetainedStore } from "../retained/retained-store.js";
import { type Delivery, DeliveryState } from "../session/delivery.js";
import type { Session } from "../session/session.js";
import type { Subscription } from "../session/subscription.js";
import { type Counters, DropCause } from "../sys/counters.js";
import type { SharedGroup, ShareStrategy } from "../topics/shared-group.js";
import { SharedSubscriptions } from "../topics/shared-subscription.js";
import { SubscriptionTrie } from "../topics/subscription-trie.js";
import { Routes } from "./routes.js";

export interface RouterOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly retained: RetainedStore;
  readonly messages: MessageStore;
  readonly backplane: Backplane;
  readonly topics: TopicTable<Routes>;
  readonly shareStrategy: ShareStrategy;
  /** At least 0, less than 1; for shared subscriptions. */
  readonly random: () => number;
  readonly hashSeed: number;
}

/** Routes remembered over all topics: 8 bytes each, and the topics' own. Beyond that all are forgotten and looked up again. */
const MAX_REMEMBERED_ROUTES = 1_000_000;

/** Where nobody subscribed: one for all such topics, as there may be many. */
const NO_ROUTES = new Routes();

/** One message in, deliveries out. */
export class Router {
  readonly #options: RouterOptions;
  readonly #trie: SubscriptionTrie<Subscription | SharedGroup<Subscription>>;
  readonly #shared: SharedSubscriptions<Subscription>;
  #rememberedRoutes = 0;
  #sharedCount = 0;
  #matched = false;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#trie = new SubscriptionTrie({ hashSeed: options.hashSeed });
    this.#shared = new SharedSubscriptions(this.#trie, {
      strategy: options.shareStrategy,
      isOnline: ({ session }) => session.link !== null,
      inflightCount: ({ session }) => session.inflightCount + session.queuedCount,
      random: options.random,
    });
  }

  /** Subscriptions, members of shared ones included. */
  get subscriptionCount(): number {
    return this.#trie.size - this.#shared.size + this.#sharedCount;
  }

  get sharedSubscriptionCount(): number {
    return this.#sharedCount;
  }

  get filterCount(): number {
    return this.#trie.filterCount;
  }

  /** Whether the last message that was published had any subscriber here or on a peer. */
  get hasMatched(): boolean {
    return this.#matched;
  }

  /** A promise: peers will know of it when that is settled, and the client is not to be told before. */
  subscribe(subscription: Subscription): Promise<void> | undefined {
    const { shared, session, topicFilter } = subscription;
    const { backplane } = this.#options;
    if (shared === undefined) {
      const replaced = this.#trie.subscribe(topicFilter, session.clientId, subscription);
      return replaced === undefined && this.#ordinaryCount(topicFilter) === 1 ? backplane.subscribed(topicFilter) : undefined;
    }
    const groups = this.#shared.size;
    if (this.#shared.subscribe(shared, session.clientId, subscription) === undefined) this.#sharedCount++;
    return this.#shared.size > groups ? backplane.subscribed(shared.filter, shared.shareName) : undefined;
  }

  unsubscribe(subscription: Subscription): void {
    const { shared, session, topicFilter } = subscription;
    const { backplane } = this.#options;
    if (shared === undefined) {
      const removed = this.#trie.unsubscribe(topicFilter, session.clientId);
      if (removed !== undefined && this.#ordinaryCount(topicFilter) === 0) backplane.unsubscribed(topicFilter);
      return;
    }
    const groups = this.#shared.size;
    if (this.#shared.unsubscribe(shared, session.clientId) !== undefined) this.#sharedCount--;
    if (this.#shared.size < groups) backplane.unsubscribed(shared.filter, shared.shareName);
  }

  /**
   * Delivers a message to everyone who wants it. Undefined: it is where it has to be. A promise: it will be when that is settled, and is
   * not to be acknowledged before; many messages share one.
   */
  publish(publication: Publication<Routes>, from: Session | null): Promise<void> | undefined {
    const { backplane } = this.#options;
    if (publication.retain) this.#retain(publication);
    this.#deliver(publication, from);
    let accepted = publication.qos === 0 ? undefined : this.commit();
    if (backplane.wants(publication.topic.name)) {
      this.#matched = true;
      accepted = both(accepted, backplane.publish(publication.message()));
    }
    return accepted;
  }

  /** Lets go of routes that subscriptions have made useless since; called now and then, a part of them each time. */
  dropStaleRoutes(limit: number): void {
    this.#options.topics.dropStaleRoutes(this.#trie.generation, limit, (stale) => {
      this.#rememberedRoutes -= stale.routes.length;
    });
  }

  /** Undefined if all that was accepted so far is where it has to be; as `publish` otherwise. */
  commit(): Promise<void> | undefined {
    const { messages, retained } = this.#options;
    return both(messages.commit(), retained.commit());
  }

  /** Stores that a QoS 2 message of the client was taken; the commit of `publish`, which follows, covers it. */
  received(clientId: string, packetId: number): void {
    this.#options.messages.addReceived(clientId, packetId);
  }

  /** Stores that it has been released; as `publish` says. */
  released(clientId: string, packetId: number): Promise<void> | undefined {
    this.#options.messages.removeReceived(clientId, packetId);
    return this.#options.messages.commit();
  }

  /** Publishes a message of the broker's own, or a will. */
  publishMessage(message: Message, from: Session | null = null): Promise<void> | undefined {
    return this.publish(this.#load(message), from);
  }

  /** Delivers what a peer's client has published, and hands it to no other peer. */
  publishFromPeer(message: Message): void {
    const publication = this.#load(message);
    if (publication.retain) this.#retain(publication);
    this.#deliver(publication, null);
  }

  /**
   * Finds other members for what a session of shared subscriptions still owes when it ends: what was queued, and QoS 1 in flight
   * (MQTT 5, 4.8.2). QoS 2 in flight goes to nobody else [MQTT-4.8.2-5].
   */
  redeliver({ message, shared, qos, state }: Delivery): void {
    const { clock, counters } = this.#options;
    const group = shared?.shared && this.#shared.group(shared.shared);
    if (shared === undefined || group === undefined || (state !== DeliveryState.Queued && qos === 2)) return;
    if (message.expiresAtMs <= clock.now()) {
      counters.publishDropped[DropCause.Expired]!++; // [MQTT-3.3.2-5]
      return;
    }
    const member = group.pick();
    if (member === undefined) return;
    const granted = Math.min(message.qos, member.qos) as Qos;
    this.#send(this.#load(message), member, granted, member.retainAsPublished && message.retain, member.identifiers, member);
  }

  /** Subscriptions to a filter that are not shared. */
  #ordinaryCount(filter: string): number {
    return this.#trie.countOf(filter) - this.#shared.groupsOn(filter);
  }

  #load(message: Message): Publication<Routes> {
    const publication = new Publication<Routes>();
    publication.load(message, Topic.named<Routes>(message.topic), this.#options.clock.now());
    return publication;
  }

  /** [MQTT-3.3.1-5] [MQTT-3.3.1-6]. */
  #retain(publication: Publication<Routes>): void {
    const { retained } = this.#options;
    if (publication.payloadLength === 0) retained.delete(publication.topic.name);
    else retained.set(publication.message());
  }

  #deliver(publication: Publication<Routes>, from: Session | null): void {
    const { topic } = publication;
    const found = topic.generation === this.#trie.generation ? topic.routes! : this.#resolve(topic);
    const { routes, groups } = found;
    this.#matched = !found.isEmpty;
    if (!this.#matched) this.#options.counters.publishUnmatched++;

    for (let i = 0; i < routes.length; i++) {
      let route = routes[i]!;
      if (route.session === from) {
        const own = route.forOwn;
        if (own === undefined) continue;
        route = own;
      }
      const qos = route.qos < publication.qos ? route.qos : publication.qos; // [MQTT-3.8.4-8]
      const retain = route.retainAsPublished && publication.retain; // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
      this.#send(publication, route, qos, retain, route.identifiers, undefined);
    }
    for (let i = 0; i < groups.length; i++) {
      const member = groups[i]!.pick();
      if (member === undefined) continue;
      const qos = member.qos < publication.qos ? member.qos : publication.qos;
      this.#send(publication, member, qos, member.retainAsPublished && publication.retain, member.identifiers, member);
    }
  }

  #send(
    publication: Publication<Routes>,
    { session }: { readonly session: Session },
    qos: Qos,
    retain: boolean,
    identifiers: readonly number[] | undefined,
    shared: Subscription | undefined,
  ): void {
    if (qos === 0) session.link?.forward(publication, retain, identifiers);
    else session.deliver(publication, qos, retain, identifiers, shared);
  }

  #resolve(topic: Topic<Routes>): Routes {
    const found = new Routes();
    this.#trie.match(topic.name, addTo, found);
    const routes = found.isEmpty ? NO_ROUTES : found.close();
    if (topic.isRemembered) {
      this.#rememberedRoutes += routes.routes.length - (topic.routes?.routes.length ?? 0);
      if (this.#rememberedRoutes > MAX_REMEMBERED_ROUTES) {
        this.#rememberedRoutes = 0;
        this.#options.topics.clear();
      }
    }
    topic.routes = routes;
    topic.generation = this.#trie.generation;
    return routes;
  }
}

function addTo(found: Subscription | SharedGroup<Subscription>, routes: Routes): void {
  routes.add(found);
}
