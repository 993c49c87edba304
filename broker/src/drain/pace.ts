/** Part of the time for leaving within which all clients are told; the rest is theirs to read it, and the stores' to be written. */
export const TELLING_SHARE = 0.7;

/** Between one look at the clock and the next. */
const STEP_MS = 50;

export interface PaceOptions {
  /** Clients a second; Infinity for all at once. */
  readonly rate: number;
  readonly clients: number;
  /** Time for all of it. */
  readonly withinMs: number;
}

/** How many clients ought to have been told by when: as many a second as the rate says, or as it takes for all to be told in time. */
export class Pace {
  /** Clients a second. */
  readonly rate: number;
  readonly stepMs = STEP_MS;
  readonly #clients: number;

  constructor({ rate, clients, withinMs }: PaceOptions) {
    this.#clients = clients;
    const timeMs = withinMs * TELLING_SHARE;
    this.rate = timeMs <= STEP_MS ? Number.POSITIVE_INFINITY : Math.max(rate, (clients * 1_000) / timeMs);
  }

  /** The first step begins at once, and has one client at least. Infinity when it is everyone's turn. */
  due(elapsedMs: number): number {
    const due = Math.max(1, Math.floor((this.rate * (Math.max(0, elapsedMs) + STEP_MS)) / 1_000));
    return due >= this.#clients ? Number.POSITIVE_INFINITY : due;
  }
}
