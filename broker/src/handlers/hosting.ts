import type { HostedSessions } from "../cluster/hosted-sessions.js";
import { both } from "../persistence/both.js";
import type { OwedToGroups } from "../persistence/owed-to-groups.js";
import type { SessionOutline, WholeSession } from "../persistence/session-records.js";
import type { OnDealt, StoredSession } from "../persistence/session-store.js";
import { adopt } from "../session/adopting.js";
import type { Gate } from "../session/gate.js";
import { addBehind, raise, sortBySource } from "../session/merging.js";
import { inCluster, type Session } from "../session/session.js";
import type { SessionRegistry } from "../session/session-registry.js";
import type { Core } from "./core.js";

/** More messages than come for a session while it moves. */
const SEQUENCES_BETWEEN = 1_000_000;
/** For what has come of an adopted session elsewhere, on its way from the dead broker, to be put together with it. */
const COMPARES_MS = 120_000;
/** Sessions taken over before others get their turn. */
const ADOPTED_AT_A_TIME = 256;

/** The sessions of this broker's registry that outlive their connections, for the link to other brokers. */
export class Hosting implements HostedSessions {
  readonly #core: Core;
  readonly #registry: SessionRegistry;
  /** Sessions of dead brokers, while it is not settled who publishes to them by which way. */
  readonly #estates = new Map<Gate, Session[]>();

  constructor(core: Core) {
    this.#core = core;
    this.#registry = core.registry;
  }

  get(clientId: string): WholeSession | undefined {
    const session = this.#find(clientId);
    if (session === undefined) return undefined;
    const messages = {
      deliveries: session.outbox?.stored() ?? [],
      received: [...(session.received?.keys() ?? [])],
      refused: session.refused ?? undefined,
      taken: session.taken ?? undefined,
    };
    return { session: this.#stored(session), subscriptions: subscriptionsOf(session), messages };
  }

  outline(clientId: string): SessionOutline | undefined {
    const session = this.#find(clientId);
    if (session === undefined) return undefined;
    return { session: this.#stored(session), subscriptions: subscriptionsOf(session), nextSequence: session.outbox?.nextSequence ?? 1 };
  }

  isChanging(clientId: string): boolean {
    const session = this.#registry.get(clientId);
    return session !== undefined && (session.gate !== null || (session.estates?.size ?? 0) > 0 || session.arrivingFrom !== undefined);
  }

  mayLack(clientId: string): boolean {
    return (this.#registry.get(clientId)?.mayLackUntilMs ?? 0) > this.#core.clock.now();
  }

  isPublishing(clientId: string): boolean {
    return (this.#registry.get(clientId)?.received?.size ?? 0) > 0;
  }

  isInherited(clientId: string): boolean {
    return (this.#registry.get(clientId)?.comparesUntilMs ?? 0) > 0;
  }

  expect(outline: SessionOutline, from: string, gate: Gate): Promise<void> | undefined {
    const { clientId } = outline.session;
    const known = this.#registry.get(clientId);
    const firstSequence = outline.nextSequence + SEQUENCES_BETWEEN;
    if (known?.arrivingFrom !== undefined) {
      raise(known, firstSequence);
      if (known.arrivingFrom !== from) known.comparesUntilMs = this.#core.clock.now() + COMPARES_MS;
      known.arrivingFrom = from;
      known.mayLack(COMPARES_MS, undefined); // before the rest has come
      known.moves = Math.max(known.moves, (outline.session.moves ?? 0) + 1);
      known.gate = known.gate === null ? null : either(known.gate, gate);
      this.#registry.save(known);
    } else {
      const late = known === undefined ? [] : this.#registry.letGo(known);
      const place = this.#registry.place(outline, from, firstSequence, (outline.session.moves ?? 0) + 1);
      addBehind(place, late);
      place.gate = gate;
      place.estates = known?.estates ?? null;
    }
    return this.#registry.commit();
  }

  takeIn(clientId: string, whole: WholeSession | undefined): Promise<void> | undefined {
    const session = this.#registry.get(clientId);
    // Without a place for it, it has to be somewhere all the same.
    if (session === undefined && whole !== undefined) adopt(this.#registry, whole, whole.messages);
    const isOlder = whole !== undefined && session !== undefined && (whole.session.moves ?? 0) + 1 < session.moves;
    if (session?.arrivingFrom !== undefined && !isOlder) {
      if (session.mayLackUntilMs > 0) session.mayLack(COMPARES_MS, hadBy(whole));
      this.#registry.complete(session, whole);
    }
    return this.#registry.commit();
  }

  open(clientId: string): void {
    const session = this.#registry.get(clientId);
    if (session !== undefined) session.gate = null;
  }

  close(clientId: string, gate: Gate): void {
    const session = this.#registry.get(clientId);
    if (session !== undefined) session.gate = gate;
  }

  leaveGroups(clientId: string): void {
    const session = this.#find(clientId);
    if (session === undefined) return;
    session.isHandedOver = true;
    session.ownFrom = session.outbox?.nextSequence ?? 1;
  }

  rejoinGroups(clientId: string): void {
    const session = this.#find(clientId);
    if (session !== undefined) session.isHandedOver = false;
  }

  letGo(clientId: string): void {
    const session = this.#find(clientId);
    if (session !== undefined) this.#registry.letGo(session);
  }

  async adopt(
    sessions: Iterable<WholeSession>,
    estate: string,
    gate: Gate,
    dealt?: OnDealt,
    underWay: (clientId: string) => Promise<void> | undefined = () => undefined,
  ): Promise<void> {
    const adopted = this.#estates.get(gate) ?? [];
    this.#estates.set(gate, adopted);
    let left = ADOPTED_AT_A_TIME;
    for (const whole of sessions) {
      for (let way = underWay(whole.session.clientId); way !== undefined; way = underWay(whole.session.clientId)) await way;
      const known = this.#registry.get(whole.session.clientId);
      if (known !== undefined) known.mayLack(COMPARES_MS, known.arrivingFrom === undefined ? known.taken : hadBy(whole));
      const session = adopt(this.#registry, whole, whole.messages, dealt);
      if (session !== undefined) {
        session.isGathering = known !== undefined;
        if (known !== undefined && session.link === null) this.#registry.save(session); // that it may lack something is for its next broker, too
        // What is open stays so: what comes by both ways is known by its number.
        if (session !== known) session.gate = gate;
        else if (session.gate !== null) session.gate = either(gate, session.gate);
        session.ordersUntilMs = this.#core.clock.now() + COMPARES_MS;
        session.estates ??= new Set();
        session.estates.add(estate);
        session.comparesUntilMs = this.#core.clock.now() + COMPARES_MS;
        adopted.push(session);
      }
      if (--left > 0) continue;
      left = ADOPTED_AT_A_TIME;
      await new Promise(setImmediate);
    }
    await this.#registry.commit();
  }

  dealOut(owed: Iterable<OwedToGroups>, dealt?: OnDealt): void {
    for (const each of owed) this.#registry.dealOut(each, dealt);
    this.commit()?.catch(() => {}); // it is tried again, and reported
  }

  settled(estate: string, gate: Gate): readonly string[] {
    const sessions = this.#estates.get(gate) ?? [];
    this.#estates.delete(gate);
    for (const session of sessions) {
      session.estates?.delete(estate);
      if (session.estates?.size !== 0) continue;
      session.estates = null;
      session.gate = null;
      if (!session.isGathering) continue;
      session.isGathering = false;
      sortBySource(session);
      session.sendQueued();
    }
    return sessions.filter(({ arrivingFrom }) => arrivingFrom !== undefined).map(({ clientId }) => clientId);
  }

  commit(): Promise<void> | undefined {
    return this.#core.router.commit();
  }

  forgetTaken(origin: string): void {
    for (const session of this.#registry) session.forgetTaken(origin);
  }

  #find(clientId: string): Session | undefined {
    const session = this.#registry.get(clientId);
    return session?.isPersistent ? session : undefined;
  }

  #stored(session: Session): StoredSession {
    const { clientId, userName, expirySeconds, expiry, delayedWill } = session;
    const disconnectedAtMs = expiry?.sinceMs ?? this.#core.clock.now();
    return { clientId, userName, expirySeconds, disconnectedAtMs, will: delayedWill?.stored(), ...inCluster(session) };
  }
}

function subscriptionsOf({ subscriptions }: Session) {
  return Array.from(
    subscriptions?.values() ?? [],
    ({ topicFilter, qos, noLocal, retainAsPublished, retainHandling, identifiers, shared }) => ({
      topicFilter,
      qos,
      noLocal,
      retainAsPublished,
      retainHandling,
      identifier: identifiers?.[0],
      shared,
    }),
  );
}

/** Of these messages it lacks none that came before the last of them; undefined if that is not known. */
function hadBy(whole: WholeSession | undefined): WholeSession["messages"]["taken"] {
  return whole?.session.mayLack ? undefined : whole?.messages.taken;
}

function either(a: Gate, b: Gate): Gate {
  return {
    admits: (broker) => a.admits(broker) || b.admits(broker),
    changingOver: (broker) => both(a.changingOver?.(broker), b.changingOver?.(broker)),
  };
}
