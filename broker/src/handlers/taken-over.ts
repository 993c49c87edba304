import { ReasonCode } from "../codec/reason-code.js";
import type { Session } from "../session/session.js";
import type { Core } from "./core.js";

/** Another broker has the client now: its connection here ends. */
export function handleTakenOver(core: Core, clientId: string): void {
  const session = core.registry.get(clientId);
  if (session !== undefined) letGo(core, session, "taken over on another broker");
}

/** Other brokers may have all clients of this one, and have the sessions that outlive their connections. */
export function handleFenced(core: Core): void {
  for (const session of [...core.registry]) {
    const isElsewhere = session.isPersistent && core.backplane.movesSessions;
    const why = "the other brokers have taken this one for dead";
    if (isElsewhere) giveUp(core, session, why);
    else letGo(core, session, why);
  }
}

/** Other brokers may have clients of this one, or will. */
export function handleCutOff(core: Core): void {
  for (const session of [...core.registry]) letGo(core, session, "the other brokers are out of reach", ReasonCode.ServerBusy);
}

function letGo({ opening, registry }: Core, session: Session, why: string, reasonCode: ReasonCode = ReasonCode.SessionTakenOver): void {
  const waiting = opening.get(session);
  if (waiting !== undefined) {
    opening.delete(session);
    registry.leave(session, undefined, 0);
    waiting.close(ReasonCode.ServerBusy, why);
  } else session.link?.disconnect(reasonCode, why);
}

/** Nothing of the session ends: its will is for who has it now. */
function giveUp({ opening, registry }: Core, session: Session, why: string): void {
  opening.get(session)?.close(ReasonCode.ServerBusy, why);
  opening.delete(session);
  session.ownFrom = Number.POSITIVE_INFINITY; // whoever has it has all of it
  registry.letGo(session);
}
