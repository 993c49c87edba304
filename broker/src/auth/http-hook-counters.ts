/** What HTTP hooks were asked; `Counters` has these fields. */
export interface HookCounters {
  /** Questions to hooks that no cache could answer. */
  hookQuestions: number;
  /** Of these, without an answer that could be understood within the time limit. */
  hookFailures: number;
  /** Of these, not sent because as many waited as may. */
  hookBusy: number;
  /** Answered from what a hook had said before. */
  hookCacheHits: number;
}
