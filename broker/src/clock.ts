/** Time as a dependency, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since 1970; what expiry times are kept in. */
  now(): number;
  /** Calls `run` every `milliseconds` until the returned function is called. Does not keep the process alive. */
  every(milliseconds: number, run: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  every(milliseconds, run) {
    const timer = setInterval(run, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },
};
