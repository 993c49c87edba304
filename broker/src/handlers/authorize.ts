import type { Core } from "./core.js";

/** The authoriser's answer. What it throws, or rejects with, counts as no, and is logged. */
export function isAllowed(core: Core, ask: () => boolean | Promise<boolean>): boolean | Promise<boolean> {
  try {
    const answer = ask();
    return typeof answer === "boolean" ? answer : answer.catch((error: unknown) => refuse(core, error));
  } catch (error) {
    return refuse(core, error);
  }
}

function refuse(core: Core, error: unknown): false {
  core.log.error({ err: error }, "the authoriser failed; its answer counts as no");
  return false;
}
