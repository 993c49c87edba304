import type { PeerOrigin } from "../cluster/backplane.js";
import type { Qos } from "../codec/packet.js";
import type { Place } from "../persistence/taken-numbers.js";
import { nameOf } from "../session/had.js";
import type { Session } from "../session/session.js";

/**
 * Whether a session gets the message here: one that moves, rather than on the other broker; and what was published at QoS 2 only if it has not had it. What two
 * brokers have both kept for a session that moves is found out by its source when it arrives.
 */
export function isFor(session: Session, origin: PeerOrigin | undefined, qos: Qos): boolean {
  const { gate } = session;
  if (origin === undefined) return gate?.admits(undefined) ?? true;
  const { broker, source, estate, isAgain, isRepeated } = origin;
  const known = qos > 0 && session.isPersistent ? source : undefined;
  const isArriving = known !== undefined && session.arrivingFrom !== undefined;
  if (estate !== undefined) {
    if (!session.estates?.has(estate)) return false;
  } else if (!isAgain && !isArriving && gate !== null && !gate.admits(broker)) return false;
  if (known === undefined) return estate !== undefined || !isRepeated;
  const isLate = isAgain === true && known.origin !== broker;
  // Of a dead broker it has had what that took later: it has subscribed since, and this is not for it.
  if (isLate && !isArriving && session.hasLater(known)) return false;
  if (!session.takes(known)) return false;
  if (isLate && isArriving) noteLate(session, known);
  return true;
}

function noteLate(session: Session, source: Place): void {
  session.comesLate ??= new Set();
  session.comesLate.add(nameOf({ source })!);
}
