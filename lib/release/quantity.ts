/** A Kubernetes quantity of bytes: a whole number with Mi, Gi or Ti. */
export type Bytes = `${number}Mi` | `${number}Gi` | `${number}Ti`;

const MIB = { Mi: 1, Gi: 1024, Ti: 1_048_576 } as const;

/** In MiB; undefined for what is no such quantity. */
export function mebibytes(quantity: string): number | undefined {
  const [, count, unit] = /^(\d+)(Mi|Gi|Ti)$/.exec(quantity) ?? [];
  return count === undefined ? undefined : Number(count) * MIB[unit as keyof typeof MIB];
}
