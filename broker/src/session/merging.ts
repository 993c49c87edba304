import { isSameMessage } from "../message.js";
import type { StoredMessages } from "../persistence/message-store.js";
import { type Delivery, DeliveryState } from "./delivery.js";
import { hasHad, hasLater, nameOf, waitingAmong } from "./had.js";
import { inOrderOfBoth } from "./in-order-of-both.js";
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
 * The session was to go to a broker that has died: what had come for it there follows what is here, or goes between. If all of it has been handed to yet another that has died
 * and may have it, it follows, so that it can be told from what that has.
 */
export function mergePlace(session: Session, { deliveries, taken }: StoredMessages, moves: number): Session {
  if (session.isHandedOver) {
    append(session, deliveries);
    session.addTaken(taken);
    return session;
  }
  const outbox = outboxOf(session);
  const here = outbox.takeAll();
  const common = waitingAmong(deliveries, here);
  const had = session.taken ?? undefined;
  const there = deliveries.filter(
    (delivery) => delivery.state === DeliveryState.Queued && (common.has(delivery) || !hasHad(had, delivery)),
  );
  const own = there.map((delivery) => (common.has(delivery) ? delivery : delivery.at(outbox.nextNumber())));
  for (const [index, delivery] of own.entries()) if (!common.has(there[index]!)) outbox.store(delivery, session.isPersistent);
  putInOrder(session, inOrderOfBoth(here, own));
  sortBySource(session);
  session.moves = moves;
  session.addTaken(taken);
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
 * Takes in what another broker has had before anything that has come here. What it has had of that too goes, as does what came from a dead broker's heir
 * and was taken before something that it has had: it has subscribed since.
 */
export function restoreBefore(session: Session, { deliveries, taken }: StoredMessages): void {
  const { clientId, context, isPersistent } = session;
  const outbox = outboxOf(session);
  const here = outbox.takeAll();
  outbox.restore(deliveries);
  for (const delivery of deliveries) context.messages.add(clientId, delivery);
  const before = outbox.takeAll();
  const common = waitingAmong(here, before);
  const isForOthers = (delivery: Delivery) => session.comesLate?.has(nameOf(delivery)!) === true && hasLater(taken, delivery);
  const isOver = (delivery: Delivery) => !common.has(delivery) && (hasHad(taken, delivery) || isForOthers(delivery));
  const own = here.filter((delivery) => !isOver(delivery));
  for (const delivery of here) if (common.has(delivery) || isOver(delivery)) outbox.drop(delivery, isPersistent);
  putInOrder(session, inOrderOfBoth(before, own));
  sortBySource(session);
  session.comesLate = null;
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
  const outbox = outboxOf(session);
  const waiting = outbox.takeAll();
  const sorted = sortedBySource(waiting);
  const kept = new Set(sorted);
  const repeated = waiting.filter((delivery) => !kept.has(delivery));
  for (const delivery of repeated) outbox.drop(delivery, session.isPersistent);
  putInOrder(session, sorted);
}

/** What was taken out waits in that order, under the sequences that it has. */
function putInOrder(session: Session, deliveries: readonly Delivery[]): void {
  const { clientId, context, isPersistent } = session;
  const sequences = deliveries.map(({ sequence }) => sequence).sort((a, b) => a - b);
  for (const [index, delivery] of deliveries.entries()) {
    const own = delivery.sequence === sequences[index] ? delivery : delivery.at(sequences[index]!);
    session.outbox!.queue.push(own);
    if (own === delivery || !isPersistent) continue;
    if (own.qos > 0) context.messages.add(clientId, own);
    else context.messages.remove(clientId, own); // what was there is elsewhere
  }
}

function outboxOf(session: Session): Outbox {
  session.outbox ??= new Outbox(session.context, session.clientId);
  return session.outbox;
}

/** Takes in what another copy of the session has and this one has not had, in the order of its sources; behind all that has been handed over. */
function append(session: Session, deliveries: readonly Delivery[]): void {
  addBehind(session, deliveries);
  if (!session.isHandedOver) sortBySource(session);
}

/** The same, behind all that is here. */
export function addBehind(session: Session, deliveries: readonly Delivery[]): void {
  if (deliveries.length === 0) return;
  const outbox = outboxOf(session);
  for (const delivery of deliveries) {
    if (delivery.state !== DeliveryState.Queued || hasHad(session.taken ?? undefined, delivery)) continue;
    const own = delivery.at(outbox.nextNumber());
    outbox.queue.push(own);
    outbox.store(own, session.isPersistent);
  }
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
