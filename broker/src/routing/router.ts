import type { Clock } from "../clock.js";
import type { Backplane, PeerDelivery, PeerOrigin } from "../cluster/backplane.js";
import type { Qos } from "../codec/packet.js";
import type { Message } from "../message.js";
import { both } from "../persistence/both.js";
import type { MessageStore } from "../persistence/message-store.js";
import type { Place } from "../persistence/taken-numbers.js";
import { Publication } from "../publication/publication.js";
import { Topic } from "../publication/topic.js";
import type { TopicTable } from "../publication/topic-table.js";
import type { RetainedBounds } from "../retained/retained-bounds.js";
import type { RetainedStore } from "../retained/retained-store.js";
import type { Commits } from "../session/commits.js";
import { type Delivery, DeliveryState } from "../session/delivery.js";
import type { Session } from "../session/session.js";
import type { Subscription } from "../session/subscription.js";
import { type Counters, DropCause } from "../sys/counters.js";
import { SharedGroup, type SharedGroupOptions, type ShareStrategy } from "../topics/shared-group.js";
import { SharedSubscriptions } from "../topics/shared-subscription.js";
import { SubscriptionTrie } from "../topics/subscription-trie.js";
import type { SharedFilter } from "../topics/topic-filter.js";
import { isFor } from "./is-for.js";
import { Routes } from "./routes.js";

export interface RouterOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly retained: RetainedStore;
  /** What clients may put there. */
  readonly retainedBounds: RetainedBounds;
  readonly messages: MessageStore;
  readonly commits: Commits;
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
const NO_GROUPS: readonly SharedFilter[] = [];

/** One message in, deliveries out. */
export class Router {
  readonly #options: RouterOptions;
  readonly #trie: SubscriptionTrie<Subscription | SharedGroup<Subscription>>;
  readonly #shared: SharedSubscriptions<Subscription>;
  readonly #sharing: SharedGroupOptions<Subscription>;
  /** What `deliver` has just given to sessions that change over to this broker is not to be acknowledged before that. */
  #changing: Promise<void> | undefined;
  /** Filters, shared or not, that peers are being told of. */
  readonly #announcing = new Map<string, Promise<void>>();
  #rememberedRoutes = 0;
  #sharedCount = 0;
  #matched = false;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#trie = new SubscriptionTrie({ hashSeed: options.hashSeed });
    this.#sharing = {
      strategy: options.shareStrategy,
      isOnline: ({ session }) => session.link !== null,
      isPassedOver: ({ session }) => session.isHandedOver && session.link === null,
      inflightCount: ({ session }) => session.inflightCount + session.queuedCount,
      random: options.random,
    };
    this.#shared = new SharedSubscriptions(this.#trie, this.#sharing);
  }

  /** Takes other settings, from the next message on. */
  configure({ shareStrategy, maxTopicLevels }: { readonly shareStrategy: ShareStrategy; readonly maxTopicLevels: number }): void {
    this.#sharing.strategy = shareStrategy;
    if (this.#options.topics.setMaxLevels(maxTopicLevels)) this.#rememberedRoutes = 0;
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

  /** Whether anyone here has subscribed to this very filter, shared or not. */
  hasFilter(filter: string): boolean {
    return this.#trie.countOf(filter) > 0;
  }

  /** Whether a subscription stands for all to its filter: true of one of them at a time, so that whoever walks all meets each filter once. */
  standsForFilter(subscription: Subscription): boolean {
    const first = this.#trie.firstOf(subscription.shared?.filter ?? subscription.topicFilter);
    return first === subscription || (first instanceof SharedGroup && first.first === subscription);
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
      const isFirst = replaced === undefined && this.#ordinaryCount(topicFilter) === 1;
      return isFirst ? this.#announce(topicFilter, backplane.subscribed(topicFilter)) : this.#announcing.get(topicFilter);
    }
    const groups = this.#shared.size;
    if (this.#shared.subscribe(shared, session.clientId, subscription) === undefined) this.#sharedCount++;
    const isFirst = this.#shared.size > groups;
    return isFirst ? this.#announce(topicFilter, backplane.subscribed(shared.filter, shared.shareName)) : this.#announcing.get(topicFilter);
  }

  /** Whoever subscribes to the same before peers know of it waits as well. */
  #announce(topicFilter: string, known: Promise<void> | undefined): Promise<void> | undefined {
    if (known === undefined) return undefined;
    this.#announcing.set(topicFilter, known);
    const forget = () => void (this.#announcing.get(topicFilter) === known && this.#announcing.delete(topicFilter));
    known.then(forget, forget);
    return known;
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
    if (publication.retain) {
      const isOwn = from === null && publication.topic.name.startsWith("$");
      if (isOwn) this.#options.retainedBounds.noteOwn(publication.topic.name);
      if (isOwn || this.mayRetain(publication)) this.#retain(publication);
    }
    const isWanted = backplane.wants(publication.topic.name);
    const kept = isWanted ? this.#keep(publication.topic) : undefined;
    const isKept = from?.isPersistent === true && backplane.publishOnce !== undefined;
    const source = kept !== undefined && publication.qos === 2 ? backplane.nextSource?.(isKept) : undefined;
    const place = kept !== undefined && publication.qos === 1 ? backplane.nextPlace?.() : undefined;
    this.#deliver(publication, from, true, kept, source && { broker: undefined, source }, place);
    const changing = this.#takeChanging();
    if (kept !== undefined && source !== undefined && isKept) {
      this.#matched = true;
      return both(both(backplane.publishOnce!(publication.message(), kept, source), this.commit()), changing);
    }
    let accepted = publication.qos > 0 || publication.retain ? both(this.commit(), changing) : undefined;
    if (publication.qos === 0) accepted = undefined; // what is retained gets durable, and nobody waits for it
    if (kept !== undefined) {
      this.#matched = true;
      accepted = both(accepted, backplane.publish(publication.message(), kept, source, place));
    }
    return accepted;
  }

  /**
   * A promise that rejects: a client's QoS 2 message is for peers too, which are out of reach, and so for nobody. Subscribers here would have it
   * again, under no number that they know, when the client sends it by another broker.
   */
  refusal(publication: Publication<Routes>): Promise<void> | undefined {
    const { backplane } = this.#options;
    if (publication.qos !== 2 || backplane.isOutOfReach !== true || !backplane.wants(publication.topic.name)) return undefined;
    return backplane.refuse?.(publication.message());
  }

  /** Whether there is room for a message of a client among the retained ones; counted if not. */
  mayRetain({ topic, payloadLength }: Publication<Routes>): boolean {
    return this.mayRetainBytes(topic.name, payloadLength);
  }

  mayRetainBytes(topic: string, payloadLength: number): boolean {
    return this.#options.retainedBounds.admits(topic, payloadLength);
  }

  /** Lets go of routes that subscriptions have made useless since; called now and then, a part of them each time. */
  dropStaleRoutes(limit: number): void {
    this.#options.topics.dropStaleRoutes(this.#trie.generation, limit, (stale) => {
      this.#rememberedRoutes -= stale.routes.length;
    });
  }

  /** Undefined if all that was accepted so far is where it has to be; as `publish` otherwise. */
  commit(): Promise<void> | undefined {
    return this.#options.commits.commit();
  }

  /** Stores that a QoS 2 message of the client was taken; the commit of `publish`, which follows, covers it. */
  received(clientId: string, packetId: number): void {
    this.#options.messages.addReceived(clientId, packetId);
  }

  /** Stores that it has been released; `commit` is the caller's. */
  released(clientId: string, packetId: number): void {
    this.#options.messages.removeReceived(clientId, packetId);
  }

  /** Publishes a message of the broker's own, or a will. */
  publishMessage(message: Message, from: Session | null = null): Promise<void> | undefined {
    return this.publish(this.#load(message), from);
  }

  /** Publishes what the broker says of itself: to its own clients only, as its peers say the same of themselves. */
  publishHere(message: Message): void {
    const publication = this.#load(message);
    if (publication.retain) this.#retain(publication);
    this.#deliver(publication, null, true);
    this.#changing = undefined;
    if (publication.qos > 0 || publication.retain) this.commit(); // nobody waits for it
  }

  /** Delivers what a peer's client has published, and hands it to no other peer. A promise as `publish` gives one, for the peer. */
  publishFromPeer(message: Message, { toSubscribers, groups }: PeerDelivery, origin?: PeerOrigin): Promise<void> | undefined {
    const { retained, backplane } = this.#options;
    const publication = this.#load(message);
    if (publication.retain && retained.isShared !== true) this.#retain(publication);
    this.#deliver(publication, null, toSubscribers, groups, origin, publication.qos === 1 ? origin?.place : undefined);
    for (const group of groups) if (!this.#shared.group(group)?.hasAnyone) backplane.handOn(message, group); // the last member has just gone
    const changing = this.#takeChanging();
    const accepted = publication.qos > 0 || publication.retain ? this.commit() : undefined;
    return publication.qos > 0 ? both(accepted, changing) : undefined;
  }

  /**
   * Finds other members for what a session of shared subscriptions still owes when it ends: what was queued, and QoS 1 in flight
   * (MQTT 5, 4.8.2). QoS 2 in flight goes to nobody else [MQTT-4.8.2-5]. The caller commits.
   */
  redeliver({ message, shared, qos, state, wasSent, source }: Delivery): void {
    const { clock, counters, backplane } = this.#options;
    if (shared?.shared === undefined || (qos === 2 && (wasSent || state === DeliveryState.Released))) return;
    if (message.expiresAtMs <= clock.now()) {
      counters.publishDropped[DropCause.Expired]!++; // [MQTT-3.3.2-5]
      return;
    }
    const member = this.#shared.group(shared.shared)?.pick();
    if (member === undefined) {
      backplane.handOn(message, shared.shared);
      return;
    }
    const granted = Math.min(message.qos, member.qos) as Qos;
    this.#send(this.#load(message), member, granted, member.retainAsPublished && message.retain, member.identifiers, member, source);
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
    if (publication.payloadLength === 0) retained.delete(publication.topic.name, publication.publisher);
    else retained.set(publication.message());
  }

  /** Which of the topic's groups are served here this time; the others' message goes to a peer. */
  #keep(topic: Topic<Routes>): readonly SharedFilter[] {
    const { groups } = this.#routesOf(topic);
    if (groups.length === 0) return NO_GROUPS;
    return groups.flatMap(({ shared, hasAnyone }) =>
      shared !== undefined && hasAnyone && this.#options.backplane.keeps(shared) ? shared : [],
    );
  }

  #routesOf(topic: Topic<Routes>): Routes {
    return topic.generation === this.#trie.generation ? topic.routes! : this.#resolve(topic);
  }

  #takeChanging(): Promise<void> | undefined {
    const changing = this.#changing;
    this.#changing = undefined;
    return changing;
  }

  /** To ordinary subscriptions if told so, and to one member of each of `shared`; undefined stands for all groups. */
  #deliver(
    publication: Publication<Routes>,
    from: Session | null,
    toSubscribers: boolean,
    shared?: readonly SharedFilter[],
    origin?: PeerOrigin,
    place?: Place,
  ): void {
    const { topic } = publication;
    const found = this.#routesOf(topic);
    const { groups } = found;
    const routes = toSubscribers ? found.routes : NO_ROUTES.routes;
    this.#matched = !found.isEmpty;
    // What the broker tells of itself is not lost on anyone.
    if (!this.#matched && !topic.name.startsWith("$SYS/")) this.#options.counters.publishUnmatched++;

    for (let i = 0; i < routes.length; i++) {
      let route = routes[i]!;
      if (route.session === from) {
        const own = route.forOwn;
        if (own === undefined) continue;
        route = own;
      }
      const qos = route.qos < publication.qos ? route.qos : publication.qos; // [MQTT-3.8.4-8]
      const { gate } = route.session;
      if ((gate !== null || origin !== undefined) && !isFor(route.session, origin, qos)) continue;
      if (gate !== null && qos > 0) this.#changing = both(this.#changing, gate.changingOver?.(origin?.broker));
      const retain = route.retainAsPublished && publication.retain; // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
      const source = place === undefined || qos === 0 ? origin?.source : route.session.placeOf(place);
      this.#send(publication, route, qos, retain, route.identifiers, undefined, source);
    }
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i]!;
      if (shared !== undefined && !isNamed(group, shared)) continue;
      const member = group.pick();
      if (member === undefined) continue;
      const qos = member.qos < publication.qos ? member.qos : publication.qos;
      const retain = member.retainAsPublished && publication.retain;
      this.#send(publication, member, qos, retain, member.identifiers, member, origin?.source);
    }
  }

  #send(
    publication: Publication<Routes>,
    { session }: { readonly session: Session },
    qos: Qos,
    retain: boolean,
    identifiers: readonly number[] | undefined,
    shared: Subscription | undefined,
    source?: Place,
  ): void {
    if (qos === 0) {
      // Nothing is there to be overtaken. Without the call between, as this runs for every message.
      if (session.link !== null && session.outbox === null) session.link.forward(publication, retain, identifiers);
      else session.forward(publication, retain, identifiers, shared);
    } else session.deliver(publication, qos, retain, identifiers, shared, source);
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

function isNamed({ shared: own }: SharedGroup<Subscription>, shared: readonly SharedFilter[]): boolean {
  return shared.some(({ shareName, filter }) => shareName === own?.shareName && filter === own.filter);
}

function addTo(found: Subscription | SharedGroup<Subscription>, routes: Routes): void {
  routes.add(found);
}
