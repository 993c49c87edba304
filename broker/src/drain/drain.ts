import type { Clock } from "../clock.js";
import type { Connection } from "../connection/connection.js";
import { Phase } from "../connection/phase.js";
import type { Log } from "../log.js";
import type { Session } from "../session/session.js";
import type { Counters } from "../sys/counters.js";
import type { Departure } from "./departure.js";
import { Pace, TELLING_SHARE } from "./pace.js";

const REASON = "the broker is shutting down";

/** How often it is looked whether all have gone. */
const LOOK_MS = 20;

export interface DrainOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly log: Log;
  readonly sessions: Iterable<Session>;
  /** Connections before their CONNACK, and those that are closing. */
  readonly unsettled: Iterable<Connection>;
  /** What clients are told. */
  readonly departure: Departure;
  /** Refuses a client whose CONNECT has come, and is not answered yet. */
  readonly turnAway: (connection: Connection) => void;
  /** Clients told to go each second. */
  readonly disconnectRate: number;
  /** Time for all to leave; who is still here then is cut off. */
  readonly withinMs: number;
}

/**
 * Takes leave of all clients of a broker that accepts nobody any more. Who has no CONNACK yet is turned away when its CONNECT comes; all
 * others are told to go at a rate that the rest of the world can take. A client that reads slowly is waited for until the time is up.
 */
export async function drain(options: DrainOptions): Promise<void> {
  const { counters, log, unsettled, turnAway, disconnectRate: rate, withinMs } = options;
  if (counters.connectionsOpen === 0) return;
  const startedAt = Date.now();
  const clients = counters.clientsConnected;
  const pace = new Pace({ rate, clients, withinMs });
  log.info({ clients, clientsPerSecond: shown(pace.rate) }, "disconnecting all clients");
  for (const connection of [...unsettled]) {
    if (connection.phase === Phase.Authenticating) turnAway(connection);
  }
  await tellAll(options, pace);
  await turn(); // what has come to connections without a CONNECT is looked at
  for (const connection of [...unsettled]) connection.closeQuietly(REASON);
  await allClosed(counters, withinMs - (Date.now() - startedAt));
  const cutOff = counters.connectionsOpen;
  for (const connection of [...unsettled]) connection.socket.destroy();
  log.info({ clients, cutOff, milliseconds: Date.now() - startedAt }, "all clients have gone");
}

/** Resolves when every client has been told. */
function tellAll({ clock, sessions, departure, withinMs }: DrainOptions, pace: Pace): Promise<void> {
  const { reasonCode, serverReference } = departure;
  // Sessions that end meanwhile are passed over, and nobody joins.
  const rest = sessions[Symbol.iterator]();
  const startedAtMs = clock.now();
  let told = 0;
  const areAllTold = (due: number): boolean => {
    while (told < due) {
      const next = rest.next();
      if (next.done) return true;
      const { link } = next.value;
      if (link === null) continue;
      told++;
      link.disconnect(reasonCode, REASON, serverReference);
    }
    return false;
  };
  return new Promise((resolve) => {
    const step = (due: number): void => {
      if (!areAllTold(due)) return;
      stopClock();
      clearTimeout(late);
      resolve();
    };
    const stopClock = clock.every(pace.stepMs, () => step(pace.due(clock.now() - startedAtMs)));
    // By real time, whatever becomes of the clock.
    const late = setTimeout(() => step(Number.POSITIVE_INFINITY), withinMs * TELLING_SHARE);
    step(pace.due(0));
  });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function allClosed(counters: Counters, withinMs: number): Promise<void> {
  if (counters.connectionsOpen === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const started = Date.now();
    const timer = setInterval(() => {
      if (counters.connectionsOpen > 0 && Date.now() - started < withinMs) return;
      clearInterval(timer);
      resolve();
    }, LOOK_MS);
  });
}

/** JSON has no Infinity. */
function shown(rate: number): number | "all at once" {
  return rate === Number.POSITIVE_INFINITY ? "all at once" : Math.round(rate);
}
