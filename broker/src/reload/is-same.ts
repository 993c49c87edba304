/**
 * Whether two values of the configuration say the same. What is neither plain nor a list, Map or Set is the same only if it is one object:
 * `isDeepStrictEqual` takes any two objects whose fields are private for equal, and on Bun 1.4.5 any two keys of node:crypto.
 */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  const kind = Object.getPrototypeOf(one);
  if (Object.getPrototypeOf(other) !== kind) return false;
  if (one instanceof Map)
    return one.size === (other as typeof one).size && [...one].every(([key, value]) => hasSame(other as typeof one, key, value));
  if (one instanceof Set) return one.size === (other as typeof one).size && [...one].every((value) => (other as typeof one).has(value));
  if (kind !== Object.prototype && kind !== Array.prototype && kind !== null) return false;
  const [ones, others] = [one as Record<string, unknown>, other as Record<string, unknown>];
  const keys = Object.keys(ones);
  return keys.length === Object.keys(others).length && keys.every((key) => Object.hasOwn(others, key) && isSame(ones[key], others[key]));
}

function hasSame(map: ReadonlyMap<unknown, unknown>, key: unknown, value: unknown): boolean {
  return map.has(key) && isSame(value, map.get(key));
}
