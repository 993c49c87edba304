import { ClientMap } from "../client-map.js";
import type { Clock } from "../clock.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Message } from "../message.js";
import { both } from "../persistence/both.js";
import type { StoredMessages } from "../persistence/message-store.js";
import type { OwedToGroups } from "../persistence/owed-to-groups.js";
import type { OnDealt, SessionStore, StoredSession, StoredSessionEntry, StoredWill } from "../persistence/session-store.js";
import { expiryOf } from "../publication/publication.js";
import type { Counters } from "../sys/counters.js";
import type { TimerWheel } from "../timer-wheel.js";
import type { Delivery } from "./delivery.js";
import { restoreBefore } from "./merging.js";
import { Outbox } from "./outbox.js";
import { inCluster, NEVER_EXPIRES, Session } from "./session.js";
import type { SessionContext } from "./session-context.js";
import { type AbsenceEvents, DelayedWill, SessionExpiry } from "./session-timers.js";
import { Subscription, type SubscriptionOptions } from "./subscription.js";

export interface SessionRegistryOptions {
  readonly context: SessionContext;
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly wheel: TimerWheel;
  /** Adds a subscription to the router. */
  readonly subscribe: (subscription: Subscription) => Promise<void> | undefined;
  /** Takes one away again. */
  readonly unsubscribe: (subscription: Subscription) => void;
  /** Finds another member for what a session of a shared subscription still owed. */
  readonly redeliver: (delivery: Delivery) => void;
  readonly publishWill: (message: Message, session: Session) => void;
  /** The client is this broker's no more. */
  readonly released: (clientId: string) => void;
}

export interface OpenedSession {
  readonly session: Session;
  /** Whether there was one already, to go on with. */
  readonly isPresent: boolean;
}

/** For what was on its way to other brokers that a session may have moved to, or from, to have come. */
const ORDERS_MS = 120_000;

/** All sessions of this broker by client identifier: at most one each, and each with at most one connection. */
export class SessionRegistry implements AbsenceEvents {
  readonly #options: SessionRegistryOptions;
  readonly #sessions = new ClientMap<Session>();
  /** Client whose session ends because its next one is about to begin: it stays ours. */
  #opening: string | undefined;
  /** Peers that are being told of subscriptions since the last commit. */
  #announced: Promise<void> | undefined;
  /** Whether anything has changed that is stored since the last commit: clients with clean sessions wait for no store. */
  #isChanged = false;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(clientId: string): Session | undefined {
    return this.#sessions.get(clientId);
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#sessions.values();
  }

  /**
   * The session of a client that connects. A connection that has it is told so and closed [MQTT-3.1.4-3]; a clean start ends what was
   * there [MQTT-3.1.2-4]; otherwise it goes on if there is one [MQTT-3.1.2-5]. The caller gives it its link, and then saves it.
   */
  open(clientId: string, userName: string | undefined, cleanStart: boolean, expirySeconds: number): OpenedSession {
    const { counters, context } = this.#options;
    const taken = this.#sessions.get(clientId);
    this.#opening = clientId;
    if (taken?.link) {
      counters.sessionsTakenOver++;
      taken.link.disconnect(ReasonCode.SessionTakenOver, "another connection has taken over the session");
    }

    const existing = this.#sessions.get(clientId);
    if (existing !== undefined && cleanStart) this.end(existing);
    this.#opening = undefined;
    if (existing !== undefined && !cleanStart) {
      this.#cancelTimers(existing);
      existing.userName = userName;
      existing.expirySeconds = expirySeconds;
      existing.outbox?.resume();
      counters.sessionsResumed++;
      if (!existing.isPersistent) this.becomeClean(existing);
      return { session: existing, isPresent: true };
    }

    const session = new Session(clientId, userName, expirySeconds, context);
    this.#sessions.set(clientId, session);
    counters.sessionsCreated++;
    return { session, isPresent: false };
  }

  /**
   * The session's connection has gone. Its will, if there is one to publish, waits for its delay, unless the session ends first; the
   * session ends when its expiry interval has passed, at once if that is 0.
   */
  leave(session: Session, will: Message | undefined, willDelaySeconds: number): void {
    const { wheel, clock } = this.#options;
    session.link = null;
    session.changedAtSeconds = Math.floor(clock.now() / 1_000);
    session.outbox?.dropRetained();
    if (will !== undefined && willDelaySeconds > 0 && session.isPersistent) {
      session.delayedWill = new DelayedWill(session, will, willDelaySeconds, clock.now() + willDelaySeconds * 1000, this);
      wheel.arm(session.delayedWill, willDelaySeconds * 1000);
    } else if (will !== undefined) this.#options.publishWill(will, session);

    if (!session.isPersistent) this.end(session);
    else {
      this.#watchExpiry(session, clock.now(), session.expirySeconds * 1000);
      this.save(session);
      this.#commitChanges(); // nobody is told, but a will that was taken back is not to come from a crash
    }
  }

  /** Ends a session: a will that still waits is published, its subscriptions go, and what it owed is forgotten [MQTT-4.1.0-2]. */
  end(session: Session): void {
    if (session.hasEnded) return;
    session.hasEnded = true;
    const { clientId, delayedWill, subscriptions, outbox } = session;
    const { unsubscribe, redeliver, released, context } = this.#options;
    this.#cancelTimers(session);
    this.#sessions.delete(clientId);
    if (subscriptions !== null) for (const subscription of subscriptions.values()) unsubscribe(subscription);
    if (session.isPersistent) this.#forget(session);
    else if (outbox !== null && context.keepsGroupMessages) context.messages.clear(clientId);
    if (delayedWill !== null) this.#publishDelayed(session, delayedWill.message);
    if (outbox !== null) {
      outbox.letGo();
      for (const delivery of [...outbox.inflight.inOrder(), ...outbox.queue]) if (delivery.shared) redeliver(delivery);
    }
    if (outbox !== null || this.#isChanged) context.commits.commit(); // for what nobody waits for
    // Remembered routes may hold the session until their topic is published to again; they are not to hold its messages as well.
    session.subscriptions = session.outbox = session.received = session.refused = null;
    if (clientId !== this.#opening) released(clientId);
  }

  /** Adds or replaces a subscription; true if it is new. */
  subscribe(session: Session, options: SubscriptionOptions): boolean {
    const subscription = new Subscription(session, options);
    session.subscriptions ??= new Map();
    const isNew = !session.subscriptions.has(options.topicFilter);
    session.subscriptions.set(options.topicFilter, subscription);
    this.#announced = both(this.#announced, this.#options.subscribe(subscription));
    if (session.isPersistent) {
      this.#isChanged = true;
      this.#options.sessions.subscribe(session.clientId, options);
    }
    return isNew;
  }

  /** False if there was no such subscription. */
  unsubscribe(session: Session, topicFilter: string): boolean {
    const subscription = session.subscriptions?.get(topicFilter);
    if (subscription === undefined) return false;
    session.subscriptions!.delete(topicFilter);
    session.outbox?.endReplay(topicFilter);
    this.#options.unsubscribe(subscription);
    if (session.isPersistent) {
      this.#isChanged = true;
      this.#options.sessions.unsubscribe(session.clientId, topicFilter);
    }
    return true;
  }

  /**
   * Undefined if all that was changed so far is stored, and known to the peers, as it has to be before the client is told; else a promise
   * of that, for all changes since the last call.
   */
  commit(): Promise<void> | undefined {
    const announced = this.#announced;
    this.#announced = undefined;
    return both(announced, this.#commitChanges());
  }

  /** For whoever waits; others need not look at what it returns. */
  #commitChanges(): Promise<void> | undefined {
    if (!this.#isChanged) return undefined;
    this.#isChanged = false;
    return this.#options.context.commits.commit();
  }

  /**
   * Writes what outlives the connection to the store, for a client that has one. Its will is stored with it: that the broker crashes ends
   * the connection without DISCONNECT, so whoever starts it again has the will to publish [MQTT-3.1.2-8]. That of a session that ends with
   * its connection is in memory only, as all of that session, and a crash loses it.
   */
  saveConnected(session: Session, will: Message | undefined, willDelaySeconds: number): void {
    this.#save(session, undefined, will && { message: will, delaySeconds: willDelaySeconds, dueAtMs: undefined });
  }

  /** The same for a client that is away. */
  save(session: Session): void {
    const { expiry, delayedWill } = session;
    this.#save(session, expiry?.sinceMs ?? this.#options.clock.now(), delayedWill?.stored());
  }

  #save(session: Session, disconnectedAtMs: number | undefined, will: StoredWill | undefined): void {
    if (!session.isPersistent) return;
    this.#isChanged = true;
    const { clientId, userName, expirySeconds } = session;
    this.#options.sessions.save({ clientId, userName, expirySeconds, disconnectedAtMs, will, ...inCluster(session) });
  }

  /** The session will end with its connection. */
  becomeClean(session: Session): void {
    this.#forget(session);
    session.outbox?.storeGroupMessages();
  }

  /** Takes a session out of the store. */
  #forget({ clientId }: Session): void {
    this.#isChanged = true;
    this.#options.sessions.remove(clientId);
    this.#options.context.messages.clear(clientId);
  }

  /** Takes in the stored sessions, for a broker that starts: their clocks have gone on meanwhile. */
  async restore(): Promise<void> {
    const { sessions, context, clock, wheel } = this.#options;
    const now = clock.now();
    const connected: Session[] = [];
    const expired: Session[] = [];
    for await (const { session: stored, subscriptions } of sessions.all()) {
      if (this.#sessions.has(stored.clientId)) continue; // it has come from another broker meanwhile
      const session = new Session(stored.clientId, stored.userName, stored.expirySeconds, context);
      this.#sessions.set(stored.clientId, session);
      for (const options of subscriptions) this.#restoreSubscription(session, options);
      this.#restoreMessages(session, await context.messages.load(stored.clientId));
      if (stored.disconnectedAtMs === undefined) connected.push(session);
      if (this.#restoreTimers(session, stored, now)) expired.push(session);
    }
    if (this.#sessions.size === 0) return;
    for (const session of connected) this.save(session);
    // What is over or due already does not wait for the next tick, before which its client may be back. All that subscribe are there now.
    for (const session of expired) this.onExpired(session);
    for (const { delayedWill } of [...this.#sessions.values()]) {
      if (delayedWill === null || delayedWill.dueAtMs > now) continue;
      wheel.cancel(delayedWill);
      delayedWill.onTimeout();
    }
    await this.commit();
  }

  /** Makes a place for a session that another broker still has; what comes for it is kept here. */
  place({ session: stored, subscriptions }: StoredSessionEntry, from: string | undefined, firstSequence: number, moves: number): Session {
    const { clientId, userName, expirySeconds } = stored;
    const { context } = this.#options;
    const session = new Session(clientId, userName, expirySeconds, context);
    session.arrivingFrom = from;
    session.moves = moves;
    session.outbox = new Outbox(context, clientId);
    session.ownFrom = session.outbox.nextSequence = firstSequence;
    session.ordersUntilMs = this.#options.clock.now() + ORDERS_MS;
    if (stored.mayLack) session.mayLack(ORDERS_MS, undefined);
    this.#sessions.set(clientId, session);
    this.save(session);
    for (const options of subscriptions) this.subscribe(session, options);
    return session;
  }

  /** The rest of a session has come to its place: messages from before, and when its time is up. */
  complete(session: Session, whole: { readonly session: StoredSession; readonly messages: StoredMessages } | undefined): void {
    const { clock } = this.#options;
    session.arrivingFrom = undefined;
    session.ownFrom = Number.POSITIVE_INFINITY;
    if (whole !== undefined) {
      const { session: stored, messages } = whole;
      session.userName = stored.userName;
      session.expirySeconds = stored.expirySeconds;
      this.#cancelTimers(session);
      restoreBefore(session, messages);
      session.addTaken(messages.taken);
      session.addUnreleased(messages);
      this.#restoreTimers(session, stored, clock.now());
    } else if (session.expiry === null) this.#watchExpiry(session, clock.now(), session.expirySeconds * 1000);
    this.save(session);
  }

  /** Other members of shared groups get what another broker had. */
  dealOut({ clientId, deliveries }: OwedToGroups, dealt?: OnDealt): void {
    for (const delivery of deliveries) {
      this.#options.redeliver(delivery);
      dealt?.(clientId, delivery.sequence);
    }
  }

  /**
   * Another broker has the session now. Nothing of it ends, and nothing is left here: what the other has not of shared groups, others get. Gives what it has not of the
   * session's own, which has come from a dead broker since.
   */
  letGo(session: Session): readonly Delivery[] {
    const { link, subscriptions, outbox, ownFrom } = session;
    session.hasEnded = true;
    session.link = null;
    link?.disconnect(ReasonCode.SessionTakenOver, "the session is on another broker");
    this.#cancelTimers(session);
    this.#sessions.delete(session.clientId);
    if (subscriptions !== null) for (const subscription of subscriptions.values()) this.#options.unsubscribe(subscription);
    this.#forget(session);
    const late = [...(outbox?.queue ?? [])].filter(({ sequence }) => sequence >= ownFrom);
    outbox?.letGo();
    for (const delivery of late) if (delivery.shared) this.#options.redeliver(delivery);
    session.subscriptions = session.outbox = session.received = session.refused = null;
    this.#commitChanges()?.catch(() => {}); // reported, and tried again
    return late.filter(({ shared }) => shared === undefined);
  }

  onExpired(session: Session): void {
    this.#options.counters.sessionsExpired++;
    this.end(session);
  }

  onWillDue(session: Session, message: Message): void {
    this.#publishDelayed(session, message);
    this.save(session);
    this.#commitChanges(); // together, so that it is published once
  }

  /** The lifetime of a will begins when it is published (3.1.3.2.4). */
  #publishDelayed(session: Session, message: Message): void {
    const { clock, publishWill } = this.#options;
    publishWill({ ...message, expiresAtMs: expiryOf(message.properties, clock.now()) }, session);
  }

  #watchExpiry(session: Session, sinceMs: number, milliseconds: number): void {
    if (session.expirySeconds === NEVER_EXPIRES) return;
    session.expiry = new SessionExpiry(session, sinceMs, this);
    this.#options.wheel.arm(session.expiry, milliseconds);
  }

  #cancelTimers(session: Session): void {
    const { wheel } = this.#options;
    if (session.expiry !== null) wheel.cancel(session.expiry);
    if (session.delayedWill !== null) wheel.cancel(session.delayedWill);
    session.expiry = session.delayedWill = null;
  }

  #restoreSubscription(session: Session, options: SubscriptionOptions): void {
    const subscription = new Subscription(session, options);
    session.subscriptions ??= new Map();
    session.subscriptions.set(options.topicFilter, subscription);
    this.#announced = both(this.#announced, this.#options.subscribe(subscription));
  }

  /** Whether it has expired already. A session that had a connection when the broker stopped begins its absence now. */
  #restoreTimers(session: Session, { disconnectedAtMs, expirySeconds, will }: StoredSession, now: number): boolean {
    const sinceMs = disconnectedAtMs ?? now;
    const remainingMs = expirySeconds * 1000 - Math.max(0, now - sinceMs);
    this.#watchExpiry(session, sinceMs, Math.max(0, remainingMs));
    if (will !== undefined) {
      const { message, delaySeconds, dueAtMs = now + delaySeconds * 1000 } = will;
      session.delayedWill = new DelayedWill(session, message, delaySeconds, dueAtMs, this);
      this.#options.wheel.arm(session.delayedWill, Math.max(0, dueAtMs - now));
    }
    return session.expiry !== null && remainingMs <= 0;
  }

  #restoreMessages(session: Session, messages: StoredMessages): void {
    session.restoreUnreleased(messages);
    if (messages.deliveries.length === 0) return;
    session.outbox = new Outbox(this.#options.context, session.clientId);
    session.outbox.restore(messages.deliveries);
  }
}
