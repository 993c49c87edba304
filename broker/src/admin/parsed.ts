import type * as z from "zod";
import { Problem } from "./problem.js";

/**
 * What a schema makes of a query or a body; nothing may come where there is no schema.
 *
 * @throws Problem 400, which names what is wrong
 */
export function parsed(schema: z.ZodType | undefined, given: unknown): unknown {
  const value = given instanceof URLSearchParams ? fieldsOf(given) : given;
  if (schema === undefined) {
    if (value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0)) return undefined;
    throw new Problem(400, "this takes no fields");
  }
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new Problem(400, result.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; "));
}

function fieldsOf(query: URLSearchParams): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of query) {
    if (name in fields) throw new Problem(400, `${name} may stand in the query only once`);
    fields[name] = value;
  }
  return { ...fields };
}
