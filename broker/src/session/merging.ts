import { isSameMessage } from "../message.js";
import type { StoredMessages } from "../persistence/message-store.js";
import { type Delivery, DeliveryState } from "./delivery.js";
import { hasHad, hasLater, nameOf, waitingAmong } from "./had.js";
import { Outbox } from "./outbox.js";
import type { Session } from "./session.js";
import { sortedBySource } from "./sorted-by-source.js";

/** What another copy of the session has and this one has not is owed too. One that it comes from itself has the same in the same place. */
export function merge(session: Session, { deliveries, taken }: StoredMessages, isSame: boolean): Session {
  const outbox = outboxOf(session);
  const here = new Map(outbox.stored().map(({ sequence, message }) => [sequence, message]));
  append(session, isSame ? deliveries.filter(({ sequence, message }) => !isSameMessage(message, here.get(sequence))) : deliveries);
  session.addTaken(taken);
  return session;
}

/**
 * The session was to go to a broker that has died: what had come for it there follows what is here, or goes between. What has come here too since
 * then is in order there.
 */
export function mergePlace(session: Session, messages: StoredMessages, moves: number): Session {
  const { isPersistent } = session;
  const outbox = outboxOf(session);
  const here = outbox.takeAll();
  const there = waitingAmong(messages.deliveries, here);
  const repeated = waitingAmong(here, there);
  for (const delivery of here) {
    if (repeated.has(delivery)) outbox.drop(delivery, isPersistent);
    else outbox.queue.push(delivery);
  }
  session.moves = moves;
  append(session, messages.deliveries, there);
  session.addTaken(messages.taken);
  return session;
}

/** A dead broker had made a place for the session before this one was made, and nothing else has what had come to that. */
export function mergeOlderPlace(session: Session, { deliveries, taken }: StoredMessages): Session {
  const here = outboxOf(session).takeAll();
  append(session, deliveries);
  putBack(session, here);
  sortBySource(session);
  session.addTaken(taken);
  return session;
}

/**
 * Takes in what another broker has had before anything that has come here, and says what of it is the session's. What it has had of that too goes, as does
 * what came from a dead broker's heir and was taken before something that it has had: it has subscribed since. What waits there and here is in order here.
 */
export function restoreBefore(session: Session, { deliveries, taken }: StoredMessages): readonly Delivery[] {
  const outbox = outboxOf(session);
  const here = outbox.takeAll();
  const repeated = waitingAmong(deliveries, here);
  const again = waitingAmong(here, repeated);
  const own = deliveries.filter((delivery) => !repeated.has(delivery));
  outbox.restore(own);
  const isForOthers = (delivery: Delivery) => session.comesLate?.has(nameOf(delivery)!) === true && hasLater(taken, delivery);
  for (const delivery of here) {
    if (!again.has(delivery) && (hasHad(taken, delivery) || isForOthers(delivery))) outbox.drop(delivery, session.isPersistent);
    else outbox.queue.push(delivery);
  }
  session.comesLate = null;
  return own;
}

/** Gives what waits sequences from that on: another broker has used lower ones for what goes before it. */
export function raise(session: Session, firstSequence: number): void {
  const { outbox } = session;
  if (outbox === null) return;
  const waiting = outbox.takeAll();
  outbox.nextSequence = Math.max(outbox.nextSequence, firstSequence);
  putBack(session, waiting);
}

/** Puts what waits, of each broker, in the order in which that took it, and lets go of what is there twice. */
export function sortBySource(session: Session): void {
  const { clientId, context, isPersistent } = session;
  const outbox = outboxOf(session);
  const all = outbox.takeAll();
  const waiting = all.filter(({ qos }) => qos > 0);
  const sorted = sortedBySource(waiting);
  const places = waiting.map(({ sequence }) => sequence);
  for (const [index, delivery] of sorted.entries()) {
    const own = delivery.sequence === places[index] ? delivery : delivery.at(places[index]!);
    outbox.queue.push(own);
    if (isPersistent && own !== delivery) context.messages.add(clientId, own);
  }
  for (const delivery of all) if (delivery.qos === 0) outbox.queue.push(delivery);
  const kept = new Set(sorted);
  for (const delivery of waiting) if (!kept.has(delivery)) outbox.drop(delivery, false);
  if (isPersistent) for (const delivery of waiting.slice(sorted.length)) context.messages.remove(clientId, delivery);
}

function outboxOf(session: Session): Outbox {
  session.outbox ??= new Outbox(session.context, session.clientId);
  return session.outbox;
}

/** Takes in, behind what is here, what another copy of the session has and this one has not had, or is `certain` to be owed. */
function append(session: Session, deliveries: readonly Delivery[], certain?: ReadonlySet<Delivery>): void {
  const outbox = outboxOf(session);
  for (const delivery of deliveries) {
    if (delivery.state !== DeliveryState.Queued || (certain?.has(delivery) !== true && hasHad(session.taken ?? undefined, delivery)))
      continue;
    const own = delivery.at(outbox.nextNumber());
    outbox.queue.push(own);
    outbox.store(own, session.isPersistent);
  }
  sortBySource(session);
}

/** Puts what was taken out behind all that is there. */
function putBack(session: Session, deliveries: readonly Delivery[]): void {
  const { clientId, context, isPersistent } = session;
  const outbox = outboxOf(session);
  for (const delivery of deliveries) {
    const own = delivery.at(outbox.nextSequence++);
    outbox.queue.push(own);
    if (!isPersistent || delivery.qos === 0) continue;
    context.messages.remove(clientId, delivery);
    context.messages.add(clientId, own);
  }
}
