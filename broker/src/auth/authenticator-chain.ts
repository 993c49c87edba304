import { ReasonCode } from "../codec/reason-code.js";
import type { AuthenticationCounters } from "./authentication-counters.js";
import type { Answer, AuthenticationRequest, Authenticator, Refusal, Verdict } from "./authenticator.js";

const WELCOME: Verdict = { allowed: true };
const UNKNOWN: Refusal = { allowed: false, reasonCode: ReasonCode.BadUserNameOrPassword };
const ANONYMOUS: Refusal = { allowed: false, reasonCode: ReasonCode.NotAuthorized };

export interface ChainOptions {
  /** Whether a client without user name and password may connect if nobody in the chain knows it. */
  readonly allowAnonymous: boolean;
  readonly counters: AuthenticationCounters;
}

/**
 * Asks authenticators in order until one decides, and refuses whom nobody knows.
 *
 * One that throws or rejects ends it: who comes after might let somebody in whom the one before would have refused.
 */
export class AuthenticatorChain implements Authenticator {
  readonly #authenticators: readonly Authenticator[];
  readonly #options: ChainOptions;

  constructor(authenticators: readonly Authenticator[], options: ChainOptions) {
    this.#authenticators = authenticators;
    this.#options = options;
  }

  authenticate(request: AuthenticationRequest): Verdict | Promise<Verdict> {
    return this.#askFrom(0, request);
  }

  #askFrom(first: number, request: AuthenticationRequest): Verdict | Promise<Verdict> {
    for (let i = first; i < this.#authenticators.length; i++) {
      const answer = this.#authenticators[i]!.authenticate(request);
      if (answer instanceof Promise) {
        return answer.then((later: Answer) => (later === undefined ? this.#askFrom(i + 1, request) : this.#counted(later)));
      }
      if (answer !== undefined) return this.#counted(answer);
    }
    const isAnonymous = request.userName === undefined && request.password === undefined;
    if (isAnonymous && this.#options.allowAnonymous) return WELCOME; // no authentication, so none is counted
    return this.#counted(isAnonymous ? ANONYMOUS : UNKNOWN);
  }

  #counted(verdict: Verdict): Verdict {
    const { counters } = this.#options;
    if (verdict.allowed) counters.authenticationsSucceeded++;
    else if (verdict.reasonCode === ReasonCode.ServerBusy) counters.authenticationsBusy++;
    else counters.authenticationsFailed++;
    return verdict;
  }
}
