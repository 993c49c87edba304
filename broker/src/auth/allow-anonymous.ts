import type { Authenticator, Verdict } from "./authenticator.js";

const WELCOME: Verdict = { allowed: true };

/** Lets everyone in, whatever user name and password they bring. */
export class AllowAnonymous implements Authenticator {
  authenticate(): Verdict {
    return WELCOME;
  }
}
