import type { Message } from "../message.js";
import type { StoredWill } from "../persistence/session-store.js";
import { TimerEntry } from "../timer-wheel.js";
import type { Session } from "./session.js";

/** What happens to sessions whose clients are away. */
export interface AbsenceEvents {
  onExpired(session: Session): void;
  onWillDue(session: Session, message: Message): void;
}

/** Ends a session whose client did not come back in its Session Expiry Interval. */
export class SessionExpiry extends TimerEntry {
  /** When the connection went, in milliseconds since 1970. */
  readonly sinceMs: number;
  readonly #session: Session;
  readonly #events: AbsenceEvents;

  constructor(session: Session, sinceMs: number, events: AbsenceEvents) {
    super();
    this.sinceMs = sinceMs;
    this.#session = session;
    this.#events = events;
  }

  override onTimeout(): void {
    this.#events.onExpired(this.#session);
  }
}

/** Publishes a will whose delay has passed (MQTT 5, 3.1.3.2.2). */
export class DelayedWill extends TimerEntry {
  readonly message: Message;
  readonly delaySeconds: number;
  readonly dueAtMs: number;
  readonly #session: Session;
  readonly #events: AbsenceEvents;

  constructor(session: Session, message: Message, delaySeconds: number, dueAtMs: number, events: AbsenceEvents) {
    super();
    this.#session = session;
    this.message = message;
    this.delaySeconds = delaySeconds;
    this.dueAtMs = dueAtMs;
    this.#events = events;
  }

  stored(): StoredWill {
    const { message, delaySeconds, dueAtMs } = this;
    return { message, delaySeconds, dueAtMs };
  }

  override onTimeout(): void {
    this.#session.delayedWill = null;
    this.#events.onWillDue(this.#session, this.message);
  }
}
