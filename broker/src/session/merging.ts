import { isSameMessage } from "../message.js";
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

/** The session was to go to a broker that has died: what had come for it there follows what is here, or goes between. */
export function mergePlace(session: Session, messages: StoredMessages, moves: number): Session {
  session.moves = moves;
  return merge(session, messages, false);
}

/** A dead broker had made a place for the session before this one was made, and nothing else has what had come to that. */
export function mergeOlderPlace(session: Session, { deliveries, taken }: StoredMessages): Session {
  session.outbox ??= new Outbox(session.context, session.clientId);
  const { outbox, isPersistent } = session;
  const here = outbox.takeAll();
  outbox.append(deliveries, session.taken ?? undefined, isPersistent);
  putBack(session, outbox, here);
  outbox.sortBySource(isPersistent);
  session.addTaken(taken);
  return session;
}

/** Gives what waits sequences from that on: another broker has used lower ones for what goes before it. */
export function raise(session: Session, firstSequence: number): void {
  const { outbox } = session;
  if (outbox === null) return;
  const waiting = outbox.takeAll();
  outbox.nextSequence = Math.max(outbox.nextSequence, firstSequence);
  putBack(session, outbox, waiting);
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
