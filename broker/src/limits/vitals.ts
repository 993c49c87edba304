/** Memory in use, of what there is. */
export interface MemoryUse {
  readonly bytes: number;
  readonly ofBytes: number;
  /** "memory" is the machine's or the container's, "heap" V8's. */
  readonly of: "memory" | "heap";
}

/** How the process is doing. Asked once a second. */
export interface Vitals {
  /** What is the nearest to its end: the process and the kernel's part of so many connections, or the heap. */
  memory(connections: number): MemoryUse;
  /** How late the event loop came to its timers since this was asked before, in milliseconds on average. */
  loopLagMs(): number;
  /** Collects garbage now, as memory that nothing needs is no reason to refuse anything. */
  collectGarbage(): void;
  /** Gives back what nobody needs at rest: garbage, and compiled code, which is made again for what runs again. */
  giveBack(): void;
  /** Collects what garbage a rest has left, where the runtime does not do so by itself. */
  collectAtRest(): void;
  /** Ends what measures. */
  stop(): void;
}
