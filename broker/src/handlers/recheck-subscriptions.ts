import type { Authorizer, Decision } from "../auth/authorizer.js";
import { ProtocolError } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Session } from "../session/session.js";
import type { Subscription } from "../session/subscription.js";
import { covers } from "../topics/filter-cover.js";
import type { Core } from "./core.js";

/** Sessions looked at before others get their turn. */
const SESSIONS_AT_A_TIME = 256;

/**
 * Takes away the subscriptions of a session that its client may not have any more, and what waits because of them. Undefined if that is done
 * at once. Rejects if it could not be decided: then nothing more was taken away.
 */
export function recheckSubscriptions(core: Core, session: Session): Promise<void> | undefined {
  const authorizer = core.authorization.authorizerFor(session);
  if (authorizer === null || session.subscriptions === null) return undefined;
  const subscriptions = [...session.subscriptions.values()];
  let revoked = 0;
  const settle = (subscription: Subscription, decision: Decision) => {
    const { topicFilter } = subscription;
    if (decision === true || session.subscriptions?.get(topicFilter) !== subscription) return;
    core.registry.unsubscribe(session, topicFilter);
    core.counters.subscriptionsRevoked++;
    revoked++;
  };
  const from = (first: number): Promise<void> | undefined => {
    for (let i = first; i < subscriptions.length; i++) {
      const subscription = subscriptions[i]!;
      const decision = ask(authorizer, session, subscription);
      if (decision instanceof Promise) {
        return decision.then((later) => {
          settle(subscription, later);
          return from(i + 1);
        });
      }
      settle(subscription, decision);
    }
    if (revoked === 0) return undefined;
    discardUnowed(session);
    core.log.info(
      { clientId: session.clientId, userName: session.userName, revoked },
      "subscriptions that are not allowed any more were removed",
    );
    return core.registry.commit();
  };
  return from(0);
}

/** The same for a client that comes back. One for which it cannot be decided is refused, and its session stays as it was. */
export function recheckReturning(core: Core, session: Session): Promise<void> | undefined {
  const undecided = (error: unknown): Promise<never> => {
    core.log.error({ err: error, clientId: session.clientId }, "the authoriser failed; the client is refused");
    return Promise.reject(new ProtocolError(ReasonCode.ServerUnavailable, "what the client may do could not be decided"));
  };
  try {
    return recheckSubscriptions(core, session)?.catch(undecided);
  } catch (error) {
    return undecided(error);
  }
}

/**
 * The same for all connected clients, after the authorisers have been replaced; those who are away are looked at when they come back. Where it
 * cannot be decided a subscription stays. Ends early if they are replaced once more.
 */
export async function recheckAllSubscriptions(core: Core): Promise<void> {
  const { generation } = core.authorization;
  let looked = 0;
  for (const session of core.registry) {
    if (core.authorization.generation !== generation) return;
    if (session.link === null && !core.opening.has(session)) continue;
    try {
      await recheckSubscriptions(core, session);
    } catch (error) {
      core.log.error({ err: error, clientId: session.clientId }, "the authoriser failed; subscriptions stay as they are");
    }
    if (++looked % SESSIONS_AT_A_TIME === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function ask(authorizer: Authorizer, session: Session, { shared, topicFilter, qos }: Subscription): Decision | Promise<Decision> {
  return authorizer.maySubscribe(session, shared?.filter ?? topicFilter, qos);
}

function discardUnowed(session: Session): void {
  const filters = [...(session.subscriptions?.values() ?? [])].map(({ shared, topicFilter }) => shared?.filter ?? topicFilter);
  session.outbox?.discard((topic) => filters.some((filter) => covers(filter, topic)), session);
}
