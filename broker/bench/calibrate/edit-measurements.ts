/** A number by its name, or several under one. */
export type Values = Readonly<Record<string, number | readonly number[] | string>>;

/**
 * The text of `measurements.ts` with other values in one of its objects: what stands behind each name. Comments and the rest stay.
 *
 * @param block how the object begins: `bun: {`
 * @throws Error for a name that the object does not have
 */
export function withValues(source: string, block: string, values: Values): string {
  const start = source.indexOf(block);
  if (start === -1) throw new Error(`measurements.ts has no '${block}'`);
  const end = source.indexOf("}", start);
  let body = source.slice(start, end);
  for (const [name, value] of Object.entries(values)) {
    const line = new RegExp(`(\\n\\s*${name}: )(.*)(,\\n)`);
    if (!line.test(body)) throw new Error(`measurements.ts has no '${name}' in '${block}'`);
    body = body.replace(line, (_, before: string, __, after: string) => `${before}${literal(value)}${after}`);
  }
  return source.slice(0, start) + body + source.slice(end);
}

function literal(value: number | readonly number[] | string): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "number" ? digits(value) : `[${value.map(digits).join(", ")}]`;
}

/** Three digits are more than a repetition reproduces. */
function digits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded >= 1_000 ? String(rounded).replace(/\B(?=(\d{3})+$)/g, "_") : String(rounded);
}
