import type * as z from "zod";

/** Text from the environment or the command line in the form that a setting takes; what does not fit stays text, to be refused. */
export function typedText(text: string, schema: z.ZodType): unknown {
  switch (schema.def.type) {
    case "number":
    case "union": // a number or `off`
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "array":
    case "record":
      return json(text);
    default:
      return text;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
