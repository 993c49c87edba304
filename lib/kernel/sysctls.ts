import { CONNTRACK_SYSCTLS } from "./catalogue/conntrack";
import { NODE_SYSCTLS } from "./catalogue/node";
import { SOCKET_SYSCTLS } from "./catalogue/sockets";
import { TCP_SYSCTLS } from "./catalogue/tcp";
import type { IntegerShape, IntegersShape, Sysctl } from "./sysctl";

const CATALOGUE = { ...NODE_SYSCTLS, ...SOCKET_SYSCTLS, ...TCP_SYSCTLS, ...CONNTRACK_SYSCTLS };

/** Every sysctl this library can carry. A misspelt name does not compile. */
export type SysctlName = keyof typeof CATALOGUE;

/** The catalogue: every sysctl a broker or a load generator plausibly sets, in the order of reports. */
export const SYSCTLS: Readonly<Record<SysctlName, Sysctl>> = CATALOGUE;

/** What may be written for one sysctl: a number, a tuple with named places, or the text of `/proc/sys`. */
export type SysctlValue<Name extends SysctlName = SysctlName> = ValueOf<(typeof CATALOGUE)[Name]["shape"]>;

type ValueOf<Shape> = Shape extends IntegerShape
  ? number | `${bigint}`
  : Shape extends IntegersShape<infer Names>
    ? { readonly [Place in keyof Names]: number } | string
    : string;

/** Sysctls with their values, as people write them. */
export type SysctlValues = { readonly [Name in SysctlName]?: SysctlValue<Name> };

/** Sysctls that belong to the pod, at least on newer kernels. */
export type PodSysctlName = { [Name in SysctlName]: (typeof CATALOGUE)[Name]["scope"] extends "node" ? never : Name }[SysctlName];

/** What pods may set. A key of the whole node does not compile. */
export type PodSysctlValues = Pick<SysctlValues, PodSysctlName>;

/** Whether the catalogue has `name`. */
export function isSysctlName(name: string): name is SysctlName {
  return Object.hasOwn(CATALOGUE, name);
}

/** Place of `name` in the catalogue, for sorting. */
export function catalogueOrder(name: SysctlName): number {
  return ORDER.get(name) ?? ORDER.size;
}

const ORDER = new Map(Object.keys(CATALOGUE).map((name, index) => [name, index]));
