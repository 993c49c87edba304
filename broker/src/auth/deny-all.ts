import { ReasonCode } from "../codec/reason-code.js";
import type { Authenticator, Verdict } from "./authenticator.js";

const NOT_AUTHORIZED: Verdict = { allowed: false, reasonCode: ReasonCode.NotAuthorized };

/** Lets nobody in: for a listener that has no authenticator and was not told to do without one. */
export class DenyAll implements Authenticator {
  authenticate(): Verdict {
    return NOT_AUTHORIZED;
  }
}
