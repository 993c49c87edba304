import { BlockList, isIPv4 } from "node:net";
import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../errors";

/** How large a network may be: `shortest` prefix is the largest network. */
export interface PrefixLimits {
  readonly shortest: number;
  readonly longest: number;
}

/** Networks that must not share an address, by the name of the prop that states each. */
export type Networks = Readonly<Record<string, string>>;

/**
 * Lets `cidr` pass when it is an IPv4 network in canonical form, such as 10.0.0.0/16, and neither too large nor too small. Tokens pass.
 *
 * @throws InvalidPropsError naming the prop, the value and what is accepted
 */
export function checkCidr(construct: IConstruct, prop: string, cidr: string, limits: PrefixLimits): void {
  if (Token.isUnresolved(cidr)) return;
  const { shortest, longest } = limits;
  const prefix = prefixLength(cidr);
  if (prefix === undefined) {
    throw new InvalidPropsError(construct, prop, `must be an IPv4 network such as 10.0.0.0/16, got '${cidr}'`);
  }
  if (prefix < shortest || prefix > longest) {
    throw new InvalidPropsError(construct, prop, `must have a prefix between /${shortest} and /${longest}, got '${cidr}'`);
  }
  if (canonical(cidr) !== cidr) {
    throw new InvalidPropsError(construct, prop, `must begin at its first address, ${canonical(cidr)}, got '${cidr}'`);
  }
}

/**
 * Lets networks pass that share no address: pods could not tell a Service from a node otherwise. Tokens pass, and so does what
 * `checkCidr` refuses, so that it is refused for what it is.
 *
 * @throws InvalidPropsError naming both props and both values
 */
export function checkApart(construct: IConstruct, networks: Networks): void {
  const stated = Object.entries(networks).filter(([, cidr]) => !Token.isUnresolved(cidr) && prefixLength(cidr) !== undefined);
  for (const [index, [prop, cidr]] of stated.entries()) {
    const clash = stated.slice(0, index).find(([, earlier]) => overlap(earlier, cidr));
    if (clash) throw new InvalidPropsError(construct, prop, `'${cidr}' overlaps '${clash[0]}' (${clash[1]}); choose another range`);
  }
}

function prefixLength(cidr: string): number | undefined {
  const [address = "", prefix = "", ...rest] = cidr.split("/");
  return isIPv4(address) && /^(?:\d|[12]\d|3[0-2])$/.test(prefix) && rest.length === 0 ? Number(prefix) : undefined;
}

function canonical(cidr: string): string {
  const [address = "", prefix = ""] = cidr.split("/");
  const bits = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(prefix));
  const first = bits - (bits % size);
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix}`;
}

function overlap(one: string, other: string): boolean {
  return contains(one, other) || contains(other, one);
}

/** Networks are nested or apart, so the first address of `inner` decides. */
function contains(outer: string, inner: string): boolean {
  const [address = "", prefix = ""] = outer.split("/");
  const network = new BlockList();
  network.addSubnet(address, Number(prefix));
  return network.check(inner.split("/")[0] ?? "");
}
