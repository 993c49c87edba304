import type { Refusal } from "../auth/authenticator.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Core } from "./core.js";

/** What cannot be decided is refused. */
export function failed(core: Core, error: unknown): Refusal {
  core.log.error({ err: error }, "the authenticator failed; the client is refused");
  return { allowed: false, reasonCode: ReasonCode.ServerUnavailable };
}
