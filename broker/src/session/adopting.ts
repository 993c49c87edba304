import type { StoredMessages } from "../persistence/message-store.js";
import { owedByPlace } from "../persistence/owed-to-groups.js";
import type { OnDealt, StoredSession, StoredSessionEntry } from "../persistence/session-store.js";
import type { Delivery } from "./delivery.js";
import { addBehind, merge, mergeOlderPlace, mergePlace, raise } from "./merging.js";
import type { Session } from "./session.js";
import type { SessionRegistry } from "./session-registry.js";

/** Takes in a session of a broker that has died, as if it were this one that starts again. One that is here already is kept, and not returned. */
export function adopt(
  registry: SessionRegistry,
  stored: StoredSessionEntry,
  messages: StoredMessages,
  dealt?: OnDealt,
): Session | undefined {
  const { clientId, arrivingFrom, moves = 0 } = stored.session;
  const known = registry.get(clientId);
  let late: readonly Delivery[] = [];
  if (known !== undefined && moves > known.moves) {
    if (arrivingFrom !== undefined) {
      registry.save(mergePlace(known, messages, moves));
      return known;
    }
    if (known.arrivingFrom === undefined)
      late = registry.letGo(known); // what is here is older
    else known.moves = moves;
  } else if (known !== undefined && moves === known.moves) {
    if (known.arrivingFrom === undefined || arrivingFrom !== undefined) return merge(known, messages, true);
  } else if (known !== undefined && known.arrivingFrom === undefined) return takeLate(registry, known, stored.session, messages, dealt);
  else if (known !== undefined && arrivingFrom !== undefined) return mergeOlderPlace(known, messages);
  else if (known !== undefined && moves + 1 < known.moves) return undefined; // it has moved on since: the rest comes from elsewhere
  const session = registry.get(clientId) ?? registry.place(stored, arrivingFrom, 1, moves);
  raise(session, (messages.deliveries.at(-1)?.sequence ?? 0) + 1); // what is whole goes first, under the sequences that it has
  registry.complete(session, { session: stored.session, messages });
  addBehind(session, late);
  if (arrivingFrom !== undefined) {
    session.arrivingFrom = arrivingFrom;
    registry.save(session);
  }
  return session;
}

/** A dead broker had made a place for a session that is here: what is for nobody else it gets, late. */
function takeLate(registry: SessionRegistry, known: Session, stored: StoredSession, messages: StoredMessages, dealt?: OnDealt): undefined {
  registry.dealOut(owedByPlace({ session: stored, messages }), dealt);
  const { deliveries, taken } = messages;
  const own = deliveries.filter(({ shared }) => shared === undefined);
  if (stored.arrivingFrom !== undefined) merge(known, { deliveries: own, received: [], taken }, false).sendQueued();
}
