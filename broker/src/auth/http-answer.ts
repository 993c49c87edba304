import * as z from "zod";
import { type AclRule, SUPERUSER } from "./acl-rule.js";
import { claimedRules, MalformedRules } from "./claimed-rules.js";
import { type HttpAnswer, HttpFailure } from "./http-client.js";

/** What a hook says. Other fields may be there, and are not looked at. */
const Body = z.object({
  result: z.enum(["allow", "deny", "ignore"]),
  is_superuser: z.boolean().nullish(),
  acl: z.unknown().optional(),
  /** Seconds since 1970. */
  expire_at: z.number().nonnegative().nullish(),
});

export interface HookAnswer {
  /** ignore: somebody else is to decide. */
  readonly result: "allow" | "deny" | "ignore";
  readonly rules?: readonly AclRule[];
  readonly expiresAtMs?: number;
}

const ALLOW: HookAnswer = { result: "allow" };
const DENY: HookAnswer = { result: "deny" };

/**
 * What a hook has answered, in EMQX's form: 200 with `{"result": "allow" | "deny" | "ignore"}`, or 204 to allow. Stricter than there, 401 and
 * 403 deny, and whatever else comes is a failure: a server that is broken has not said "ignore".
 *
 * @throws HttpFailure
 */
export function hookAnswer({ status, body }: HttpAnswer): HookAnswer {
  if (status === 204) return ALLOW;
  if (status === 401 || status === 403) return DENY;
  if (status !== 200) throw new HttpFailure(`status ${status}`);

  const parsed = Body.safeParse(json(body));
  if (!parsed.success)
    throw new HttpFailure("an answer without a result of allow, deny or ignore, or with other fields that are malformed");
  const { result, is_superuser: isSuperuser, acl, expire_at: expireAt } = parsed.data;
  const rules = isSuperuser ? [SUPERUSER] : acl === undefined || acl === null ? undefined : rulesOf(acl);
  return { result, ...(rules && { rules }), ...(typeof expireAt === "number" && { expiresAtMs: expireAt * 1000 }) };
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new HttpFailure("an answer that is not JSON");
  }
}

function rulesOf(acl: unknown): readonly AclRule[] {
  try {
    return claimedRules(acl);
  } catch (error) {
    if (error instanceof MalformedRules) throw new HttpFailure(`rules that are malformed: ${error.message}`);
    throw error;
  }
}
