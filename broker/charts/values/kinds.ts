import * as z from "zod";

/*
 * The kinds of values that charts have. Each says in `description` what it is for; values.yaml, values.schema.json and the chart's
 * README are made of these. Patterns are RE2's, as Helm knows no other.
 */

/** Shown beside a value that is empty or left out by default, since nobody can guess its form. */
declare module "zod" {
  interface GlobalMeta {
    example?: unknown;
  }
}

/** A Kubernetes quantity: `500m`, `2Gi`, or a plain number. */
const QUANTITY = /^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Name of an object of Kubernetes, or nothing. */
const OBJECT_NAME = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/;

export const text = (description: string, byDefault = "") => z.string().meta({ description }).default(byDefault);
export const matching = (description: string, pattern: RegExp, byDefault = "") =>
  z.string().regex(pattern).meta({ description }).default(byDefault);
export const objectName = (description: string) => matching(description, OBJECT_NAME);
export const flag = (description: string, byDefault: boolean) => z.boolean().meta({ description }).default(byDefault);
export const choice = <const V extends readonly [string, ...string[]]>(description: string, values: V, byDefault: V[number]) =>
  z
    .enum(values)
    .meta({ description })
    .default(byDefault as never);
export const whole = (description: string, { min, max }: { min: number; max: number }, byDefault: number) =>
  z.int().min(min).max(max).meta({ description }).default(byDefault);
export const port = (description: string, byDefault: number) => whole(description, { min: 1, max: 65_535 }, byDefault);

/** A value that is worked out unless it is given. */
export const orNull = <T extends z.ZodType>(description: string, kind: T, example?: unknown) =>
  z
    .union([kind, z.null()])
    .meta(example === undefined ? { description } : { description, example })
    .default(null as never);

export const list = <T extends z.ZodType>(description: string, item: T, byDefault: readonly z.infer<T>[] = [], example?: unknown) =>
  z
    .array(item)
    .meta(example === undefined ? { description } : { description, example })
    .default(byDefault as never);
export const texts = (description: string, byDefault: readonly string[] = [], example?: unknown) =>
  list(description, z.string().min(1), byDefault, example);

/** Names and texts: labels, annotations, a node selector. */
export const map = (description: string, example?: unknown) =>
  z
    .record(z.string(), z.string())
    .meta(example === undefined ? { description } : { description, example })
    .default({});

/** The same with something in it by default. */
export const mapOf = (description: string, byDefault: Readonly<Record<string, string>>) =>
  z.record(z.string(), z.string()).meta({ description }).default(byDefault);

/** A section of values, all with defaults. */
export const section = <S extends z.ZodRawShape>(description: string, shape: S) =>
  z
    .strictObject(shape)
    .meta({ description })
    .prefault({} as never);

/** Part of Kubernetes' API that is handed through; the API server checks what is in it. */
export const handedThrough = (description: string, example?: unknown) =>
  z
    .record(z.string(), z.unknown())
    .meta(example === undefined ? { description } : { description, example })
    .default({});
export const objects = (description: string, example?: unknown) =>
  list(description, z.record(z.string(), z.unknown()) as z.ZodType<Record<string, unknown>>, [], example);

export const quantity = z.union([z.string().regex(QUANTITY), z.number().nonnegative()]);
const amounts = z.record(z.string(), quantity);

/** `resources` of a container. */
export const resources = (description: string, byDefault: { requests: Record<string, string>; limits: Record<string, string> }) =>
  z
    .strictObject({
      requests: amounts.meta({ description: "What the scheduler sets aside" }).default(byDefault.requests),
      limits: amounts.meta({ description: "What the kernel does not let it exceed" }).default(byDefault.limits),
    })
    .meta({ description })
    .prefault({});

export const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(["Equal", "Exists"]).optional(),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
  tolerationSeconds: z.int().optional(),
});

export const affinity = z.strictObject({
  nodeAffinity: z.record(z.string(), z.unknown()).optional(),
  podAffinity: z.record(z.string(), z.unknown()).optional(),
  podAntiAffinity: z.record(z.string(), z.unknown()).optional(),
});

export const spreadConstraint = z.strictObject({
  maxSkew: z.int().min(1),
  topologyKey: z.string().min(1),
  whenUnsatisfiable: z.enum(["DoNotSchedule", "ScheduleAnyway"]),
  labelSelector: z.record(z.string(), z.unknown()).optional(),
  matchLabelKeys: z.array(z.string()).optional(),
  minDomains: z.int().min(1).optional(),
  nodeAffinityPolicy: z.enum(["Honor", "Ignore"]).optional(),
  nodeTaintsPolicy: z.enum(["Honor", "Ignore"]).optional(),
});

/** The five groups of sysctls that a pod may set; the kubelet refuses others. */
const POD_SYSCTL = /^(kernel\.(shm|msg|sem)|fs\.mqueue\.|net\.)[a-z0-9_.-]*$/;
export const sysctl = z.strictObject({ name: z.string().regex(POD_SYSCTL), value: z.string().min(1) });

export const environmentVariable = z.strictObject({
  name: z.string().min(1),
  value: z.string().optional(),
  valueFrom: z.record(z.string(), z.unknown()).optional(),
});

export const dnsLabel = z.string().regex(DNS_LABEL);

/** Where something secret comes from: a Secret that exists, or the value itself, of which the chart makes a Secret. */
export const secretText = (what: string, key: string) => ({
  existingSecret: objectName(`Secret that holds ${what}`),
  existingSecretKey: text("Key in that Secret", key),
  content: text(`${what.charAt(0).toUpperCase()}${what.slice(1)}, by value; it is then in the release's values as well`),
});
