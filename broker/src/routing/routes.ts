import type { Qos } from "../codec/packet.js";
import type { Session } from "../session/session.js";
import type { Route, Subscription } from "../session/subscription.js";
import { SharedGroup } from "../topics/shared-group.js";

/** With more routes than this, sessions that match twice are found by a map instead of a search. */
const MAX_SEARCHED = 16;

/** Who gets the messages to one topic: each session once, and each shared group. */
export class Routes {
  readonly routes: Route[] = [];
  readonly groups: SharedGroup<Subscription>[] = [];
  #bySession: Map<Session, number> | undefined;

  get isEmpty(): boolean {
    return this.routes.length === 0 && this.groups.length === 0;
  }

  /** Adds what a match finds. Subscriptions of one session that overlap become one route (MQTT 5, 3.3.4). */
  add(found: Subscription | SharedGroup<Subscription>): void {
    if (found instanceof SharedGroup) {
      this.groups.push(found);
      return;
    }
    const at = this.#find(found.session);
    if (at >= 0) {
      this.routes[at] = merged(this.routes[at]!, found);
      return;
    }
    this.routes.push(found);
    if (this.#bySession !== undefined) this.#bySession.set(found.session, this.routes.length - 1);
    else if (this.routes.length > MAX_SEARCHED) this.#bySession = new Map(this.routes.map(({ session }, index) => [session, index]));
  }

  /** No more subscriptions come. */
  close(): this {
    this.#bySession = undefined;
    return this;
  }

  #find(session: Session): number {
    if (this.#bySession !== undefined) return this.#bySession.get(session) ?? -1;
    for (let i = 0; i < this.routes.length; i++) if (this.routes[i]!.session === session) return i;
    return -1;
  }
}

/**
 * One copy for all overlapping subscriptions: at the highest of their QoS [MQTT-3.3.4-2], with the identifiers of all [MQTT-3.3.4-4];
 * RETAIN as published if any of them asked for that.
 */
function merged(a: Route, b: Route): Route {
  const forOwn =
    a.forOwn !== undefined && b.forOwn !== undefined ? { ...combine(a.forOwn, b.forOwn), forOwn: undefined } : (a.forOwn ?? b.forOwn);
  return { ...combine(a, b), forOwn };
}

function combine(a: Route, b: Route): Omit<Route, "forOwn"> {
  return {
    session: a.session,
    qos: Math.max(a.qos, b.qos) as Qos,
    retainAsPublished: a.retainAsPublished || b.retainAsPublished,
    identifiers:
      a.identifiers === undefined ? b.identifiers : b.identifiers === undefined ? a.identifiers : [...a.identifiers, ...b.identifiers],
  };
}
