import type { ReasonCode } from "../codec/reason-code.js";
import type { Topic } from "../publication/topic.js";
import type { Routes } from "../routing/routes.js";
import type { Session } from "../session/session.js";
import { AckQueue } from "./ack-queue.js";

/** What only clients need that publish above QoS 0 or with topic aliases. */
export class InboundState {
  /** Whose messages they are, also when the connection has gone. */
  readonly session: Session;
  /** Topics that the client has given an alias [MQTT-3.3.2-7], by alias. */
  readonly aliases = new Map<number, Topic<Routes>>();
  readonly acks = new AckQueue();
  /** Reason codes of PUBCOMPs that wait for a commit that does not fail, by packet identifier. */
  readonly unfinished = new Map<number, ReasonCode>();

  constructor(session: Session) {
    this.session = session;
  }
}
