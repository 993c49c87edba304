import type { Qos, RetainHandling } from "../codec/packet.js";
import type { SharedFilter } from "../topics/topic-filter.js";
import type { Session } from "./session.js";

/** To whom, and how, a message goes because of the subscriptions of one session. */
export interface Route {
  readonly session: Session;
  readonly qos: Qos;
  readonly retainAsPublished: boolean;
  readonly identifiers: readonly number[] | undefined;
  /** The same for messages of the session's own client, undefined if No Local keeps them away [MQTT-3.8.3-3]. */
  readonly forOwn: Route | undefined;
}

export interface SubscriptionOptions {
  readonly topicFilter: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  readonly identifier?: number | undefined;
  readonly shared?: SharedFilter | undefined;
}

/** One subscription of one session. */
export class Subscription implements Route {
  readonly session: Session;
  /** As the client sent it, `$share/…` included. */
  readonly topicFilter: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  readonly identifiers: readonly number[] | undefined;
  readonly shared: SharedFilter | undefined;

  constructor(session: Session, options: SubscriptionOptions) {
    this.session = session;
    this.topicFilter = options.topicFilter;
    this.qos = options.qos;
    this.noLocal = options.noLocal;
    this.retainAsPublished = options.retainAsPublished;
    this.retainHandling = options.retainHandling;
    this.identifiers = options.identifier === undefined ? undefined : [options.identifier];
    this.shared = options.shared;
  }

  get forOwn(): Route | undefined {
    return this.noLocal ? undefined : this;
  }
}
