import type { Snapshot } from "./tallies.js";

/** Clients at work, in this process or in several. */
export interface Load {
  /** Begins; resolves when every client has been connected once or has failed for good. */
  start(): Promise<void>;
  /** Everybody is connected: those may publish who wait for that. */
  release(): void;
  /** Opens no more connections; those that there are stay. */
  hold(): void;
  /** Since the start, but for what says otherwise. */
  snapshot(): Snapshot;
  /** Takes leave of the broker; resolves when all have gone. */
  stop(): Promise<void>;
  /** A part of it has ended that nobody told to. */
  readonly hasFailed: boolean;
  /** Resolves when there is nothing left to do; never for most loads. */
  readonly done: Promise<void>;
}
