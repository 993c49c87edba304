/** Options without those that were left out, to be laid over the defaults. */
export function given<T extends object>(options: T): Partial<{ [Key in keyof T]: Exclude<T[Key], undefined> }> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
