import type { Clock } from "../clock.js";
import type { ConnectPacket } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import type { Log } from "../log.js";
import type { Counters } from "../sys/counters.js";
import type { Core } from "./core.js";

/** Between two lines of the log. */
const LOG_EVERY_MS = 60_000;

/**
 * Clients of 3.x that want a session which outlives their connection, on a broker whose sessions cannot follow them to another one. They are
 * turned away, as there is no way to tell them that the session would be lost; a client of 5.0 is told that it expires at once.
 */
export class SessionRefusals {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #counters: Counters;
  #loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(log: Log, clock: Clock, counters: Counters) {
    this.#log = log;
    this.#clock = clock;
    this.#counters = counters;
  }

  /** Whether the client has been turned away. */
  refuses(connection: Connection, { version, cleanStart, clientId }: ConnectPacket): boolean {
    if (version === 5 || cleanStart) return false;
    this.#counters.persistentSessionsRefused++;
    const now = this.#clock.now();
    if (now - this.#loggedAtMs >= LOG_EVERY_MS) {
      this.#loggedAtMs = now;
      const refused = this.#counters.persistentSessionsRefused;
      this.#log.warn(
        { clientId, refused },
        "a client is refused: it asks for a persistent session (3.x, clean session 0), which brokers of a cluster do not have yet",
      );
    }
    connection.close(ReasonCode.ServerUnavailable, "sessions that outlive their connection are not available");
    return true;
  }
}

/** The longest time for which a session outlives its connection here, in seconds. */
export function longestSessionExpiry({ settings, sessionRefusals }: Core): number {
  return sessionRefusals === undefined ? settings.maxSessionExpirySeconds : 0;
}
