const MAPPED = "::ffff:";

/** Groups of an IPv6 address that one customer is given, at the least: a /64. */
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/**
 * What stands for everyone at an address: an IPv4 address, or the /64 network of an IPv6 one, since a host there may choose among 2^64.
 * An IPv4 address inside of an IPv6 one is that IPv4 address.
 */
export function addressKey(address: string): string {
  if (!address.includes(":")) return address;
  const text = address.toLowerCase();
  if (text.startsWith(MAPPED) && text.includes(".")) return text.slice(MAPPED.length);
  const [head = "", tail] = text.split("%", 1)[0]!.split("::");
  const first = groupsOf(head);
  if (tail !== undefined && first.length < NETWORK_GROUPS) {
    const last = groupsOf(tail);
    while (first.length + last.length < GROUPS) first.push("0");
    first.push(...last);
  }
  return first.slice(0, NETWORK_GROUPS).map(withoutZeros).join(":");
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

function withoutZeros(group: string): string {
  return group.replace(/^0+(?=.)/, "");
}
