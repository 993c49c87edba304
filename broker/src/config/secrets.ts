/** Settings as they may be shown: without the user and password that a URL may carry. All other secrets are in files, which settings only name. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/:\/\/[^@/\s]*@/g, "://***@");
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, withoutSecrets(below)]));
}
