/** Values of a chart. */
export type Values = Readonly<Record<string, unknown>>;

/** `over` on top of `base` as Helm merges values: maps key by key, everything else replaced. What is undefined is left out. */
export function mergeValues(base: Values, over: Values): Values {
  const merged: Record<string, unknown> = withoutUndefined(base);
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const below = merged[key];
    merged[key] = isMap(value) ? mergeValues(isMap(below) ? below : {}, value) : value;
  }
  return merged;
}

function withoutUndefined(values: Values): Record<string, unknown> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, isMap(value) ? withoutUndefined(value) : value]));
}

function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
