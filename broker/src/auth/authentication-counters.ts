/** What becomes of those who want to connect; `Counters` has these fields. */
export interface AuthenticationCounters {
  authenticationsSucceeded: number;
  authenticationsFailed: number;
  authenticationsBusy: number;
}
