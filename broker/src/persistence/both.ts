/** One promise for two, where there is anything to wait for. */
export function both(a: Promise<void> | undefined, b: Promise<void> | undefined): Promise<void> | undefined {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  return Promise.all([a, b]).then(nothing);
}

function nothing(): void {}
