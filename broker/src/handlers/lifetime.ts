import type { Clock } from "../clock.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import { TimerEntry } from "../timer-wheel.js";
import type { Core } from "./core.js";

/** Ends a connection when that ends which its client proved itself by: a token, for example. */
class Lifetime extends TimerEntry {
  readonly #connection: Connection;
  readonly #expiresAtMs: number;
  readonly #clock: Clock;

  constructor(connection: Connection, expiresAtMs: number, clock: Clock) {
    super();
    this.#connection = connection;
    this.#expiresAtMs = expiresAtMs;
    this.#clock = clock;
    this.#arm();
  }

  override onTimeout(): void {
    // The wheel forgets time in which the process stood still, and cuts what is 68 years away.
    if (this.#clock.now() < this.#expiresAtMs) this.#arm();
    else this.#connection.disconnect(ReasonCode.MaximumConnectTime, "what the client proved itself by has expired"); // 3.14.2.1
  }

  #arm(): void {
    this.#connection.context.wheel.arm(this, Math.max(this.#expiresAtMs - this.#clock.now(), 0));
  }
}

/** The client of a connection may stay until then; for ever without an end. */
export function limitLifetime({ lifetimes, clock }: Core, connection: Connection, expiresAtMs: number | undefined): void {
  if (expiresAtMs !== undefined) lifetimes.set(connection, new Lifetime(connection, expiresAtMs, clock));
}

/** The connection has ended. */
export function forgetLifetime({ lifetimes }: Core, connection: Connection): void {
  const lifetime = lifetimes.get(connection);
  if (lifetime === undefined) return;
  lifetimes.delete(connection);
  connection.context.wheel.cancel(lifetime);
}
