import type { Decision } from "../auth/authorizer.js";
import { Undecided } from "../auth/undecided.js";
import type { Core } from "./core.js";

/** The authoriser's answer; none means no. What it throws, or rejects with, counts as no too, and is logged. */
export function isAllowed(core: Core, ask: () => Decision | Promise<Decision>): boolean | Promise<boolean> {
  try {
    const answer = ask();
    if (!(answer instanceof Promise)) return answer === true;
    return answer.then(
      (decision) => decision === true,
      (error: unknown) => failedToDecide(core, error),
    );
  } catch (error) {
    return failedToDecide(core, error);
  }
}

export function failedToDecide(core: Core, error: unknown): false {
  if (!(error instanceof Undecided)) core.log.error({ err: error }, "the authoriser failed; its answer counts as no");
  return false;
}
