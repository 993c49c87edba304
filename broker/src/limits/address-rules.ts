import { BlockList } from "node:net";

/** Which addresses may connect, by lists of addresses and CIDR blocks. */
export class AddressRules {
  readonly #allowed: BlockList | undefined;
  readonly #denied: BlockList | undefined;

  /** Both lists hold what settings accept: `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`. An empty list of allowed ones allows all. */
  constructor(allowed: readonly string[], denied: readonly string[]) {
    this.#allowed = listOf(allowed);
    this.#denied = listOf(denied);
  }

  /** Nobody needs to be asked for an address. */
  get isOff(): boolean {
    return this.#allowed === undefined && this.#denied === undefined;
  }

  /** An IPv4 address inside of an IPv6 one is that IPv4 address. What is no address is on no list. */
  permits(address: string): boolean {
    const family = address.includes(":") ? "ipv6" : "ipv4";
    const plain = withoutZone(address);
    if (this.#denied?.check(plain, family)) return false;
    return this.#allowed === undefined || this.#allowed.check(plain, family);
  }
}

function listOf(blocks: readonly string[]): BlockList | undefined {
  if (blocks.length === 0) return undefined;
  const list = new BlockList();
  for (const block of blocks) {
    const [address = "", prefix] = block.split("/");
    const family = address.includes(":") ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** `fe80::1%eth0` is `fe80::1`. */
function withoutZone(address: string): string {
  const zone = address.indexOf("%");
  return zone < 0 ? address : address.slice(0, zone);
}
