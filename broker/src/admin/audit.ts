import type { Log } from "../log.js";
import type { Caller, Route } from "./route.js";

/**
 * Who has changed what, or has tried to, and what came of it: a line each, of level info. Callers whose token is not known are nobody to tell of,
 * and what is too much to be worked at is not looked at. Never what was sent, which may be a secret.
 */
export function audit(
  log: Log,
  route: Route,
  caller: Caller,
  about: { readonly params: Readonly<Record<string, string>>; readonly status: number; readonly notes: Readonly<Record<string, unknown>> },
): void {
  if (route.method === "GET") return;
  const { name: who, address } = caller;
  const { params, status, notes } = about;
  log.info({ audit: true, who, address, action: `${route.method} ${route.path}`, ...params, ...notes, status }, "asked by the admin port");
}
