import { isSameMessage, type Message } from "../message.js";
import type { StoredMessages } from "../persistence/message-store.js";
import type { Delivery } from "./delivery.js";
import { Outbox } from "./outbox.js";
import type { Session } from "./session.js";

/** What another copy of the session has and this one has not is owed too. One that it comes from itself has the same in the same place. */
export function merge(session: Session, { deliveries, taken }: StoredMessages, isSame: boolean): Session {
  session.outbox ??= new Outbox(session.context, session.clientId);
  const here = new Map(session.outbox.stored().map(({ sequence, message }) => [sequence, message]));
  const others = isSame ? deliveries.filter(({ sequence, message }) => !isSameMessage(message, here.get(sequence))) : deliveries;
  session.outbox.append(others, session.taken ?? undefined, session.isPersistent);
  session.addTaken(taken);
  return session;
}

/**
 * The session was to go to a broker that has died: what had come for it there follows what is here. If it is here because the broker that it was to
 * come from has died too, others have passed on meanwhile what that one had not accepted. The place's messages that are not among that came before it.
 * Those that are, are behind it once more: what it begins with may be older than all that the place had.
 */
export function mergePlace(session: Session, messages: StoredMessages, moves: number): Session {
  const { outbox, firstSinceAdopted, isPersistent } = session;
  const since = outbox !== null && moves === session.moves + 1 ? takeFrom(outbox, firstSinceAdopted) : [];
  session.moves = moves;
  session.firstSinceAdopted = Number.POSITIVE_INFINITY;
  if (since.length === 0) return merge(session, messages, false);
  const known = new Set(since.map(({ message }) => keyOf(message)));
  const isKnown = ({ message }: Delivery) => known.has(keyOf(message));
  const between = messages.deliveries.filter((delivery) => !isKnown(delivery));
  outbox!.append(between, session.taken ?? undefined, isPersistent);
  putBack(session, outbox!, since);
  return merge(session, { ...messages, deliveries: messages.deliveries.filter(isKnown) }, false);
}

/** Gives what waits sequences from that on: another broker has used lower ones for what goes before it. */
export function raise(session: Session, firstSequence: number): void {
  const { outbox } = session;
  if (outbox === null) return;
  const waiting = outbox.takeAll();
  outbox.nextSequence = Math.max(outbox.nextSequence, firstSequence);
  putBack(session, outbox, waiting);
}

function takeFrom(outbox: Outbox, sequence: number): Delivery[] {
  const waiting = outbox.takeAll();
  for (const delivery of waiting) if (delivery.sequence < sequence) outbox.queue.push(delivery);
  return waiting.filter((delivery) => delivery.sequence >= sequence);
}

/** Puts what was taken out behind all that is there. */
function putBack({ clientId, context, isPersistent }: Session, outbox: Outbox, deliveries: readonly Delivery[]): void {
  for (const delivery of deliveries) {
    const own = delivery.at(outbox.nextSequence++);
    outbox.queue.push(own);
    if (!isPersistent || delivery.qos === 0) continue;
    context.messages.remove(clientId, delivery);
    context.messages.add(clientId, own);
  }
}

const keyOf = ({ topic, payload }: Message): string => `${topic}\0${Buffer.from(payload).toString("latin1")}`;
