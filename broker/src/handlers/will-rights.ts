import type { Message } from "../message.js";
import type { Session } from "../session/session.js";
import { DropCause } from "../sys/counters.js";
import { isAllowed } from "./authorize.js";
import type { Core } from "./core.js";

/**
 * Lets a will be published unless its client may not do so any more. It could at CONNECT, so nobody is asked again before the authorisers
 * have been replaced.
 */
export function publishIfStillAllowed(core: Core, session: Session, { topic, qos, retain }: Message, publish: () => void): void {
  const { authorization, counters } = core;
  const authorizer = authorization.generation === 0 ? null : authorization.authorizerFor(session);
  if (authorizer === null) {
    publish();
    return;
  }
  const proceed = (allowed: boolean) => {
    if (allowed) publish();
    else counters.publishDropped[DropCause.NotAuthorized]!++;
  };
  const answer = isAllowed(core, () => authorizer.mayPublish(session, topic, qos, retain));
  if (typeof answer === "boolean") proceed(answer);
  else void answer.then(proceed);
}
