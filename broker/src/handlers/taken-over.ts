import { ReasonCode } from "../codec/reason-code.js";
import type { Session } from "../session/session.js";
import type { Core } from "./core.js";

/** Another broker has the client now: its connection here ends. */
export function handleTakenOver(core: Core, clientId: string): void {
  const session = core.registry.get(clientId);
  if (session !== undefined) letGo(core, session, "taken over on another broker");
}

/** Other brokers may have all clients of this one. */
export function handleFenced(core: Core): void {
  for (const session of [...core.registry]) letGo(core, session, "the other brokers have taken this one for dead");
}

function letGo({ opening, registry }: Core, session: Session, reason: string): void {
  const waiting = opening.get(session);
  if (waiting !== undefined) {
    opening.delete(session);
    registry.leave(session, undefined, 0);
    waiting.close(ReasonCode.ServerBusy, reason);
  } else session.link?.disconnect(ReasonCode.SessionTakenOver, reason);
}
