import { BlockList } from "node:net";
import type { Ban } from "./ban.js";

/** Together they fit into one record that brokers share. */
export const MOST_BANS = 4_000;

/** The bans in force, as they are asked for by every client that connects. */
export class Bans {
  #all: readonly Ban[] = [];
  readonly #byName = new Map<string, Ban>();
  #addresses: readonly { readonly list: BlockList; readonly ban: Ban }[] = [];
  #added: ((ban: Ban) => void) | undefined;

  /** Calls `added` with each ban that comes from now on, for clients that are here already. */
  onAdded(added: (ban: Ban) => void): void {
    this.#added = added;
  }

  get all(): readonly Ban[] {
    return this.#all;
  }

  /** Puts these in force, in place of those that were. */
  replace(bans: readonly Ban[]): void {
    const before = new Set(this.#all.map(textOf));
    this.#all = bans;
    this.#byName.clear();
    for (const ban of bans) if (ban.as !== "peerhost") this.#byName.set(nameOf(ban.as, ban.who), ban);
    this.#addresses = bans.filter(({ as }) => as === "peerhost").map((ban) => ({ list: blockOf(ban.who), ban }));
    for (const ban of bans) if (!before.has(textOf(ban))) this.#added?.(ban);
  }

  /** The ban on a client, if there is one. `address` is asked for only if any address is banned, as it costs a system call. */
  find(clientId: string, userName: string | undefined, address: () => string, nowMs: number): Ban | undefined {
    if (this.#all.length === 0) return undefined;
    const byName = this.#valid(this.#byName.get(nameOf("clientid", clientId)), nowMs);
    if (byName !== undefined) return byName;
    const byUser = userName === undefined ? undefined : this.#valid(this.#byName.get(nameOf("username", userName)), nowMs);
    if (byUser !== undefined || this.#addresses.length === 0) return byUser;
    const from = address();
    const family = from.includes(":") ? "ipv6" : "ipv4";
    return this.#addresses.find(({ list, ban }) => this.#valid(ban, nowMs) !== undefined && list.check(from, family))?.ban;
  }

  #valid(ban: Ban | undefined, nowMs: number): Ban | undefined {
    return ban !== undefined && isOver(ban, nowMs) ? undefined : ban;
  }
}

export function isOver({ until }: Pick<Ban, "until">, nowMs: number): boolean {
  return until !== null && until * 1_000 <= nowMs;
}

/** Whether two bans are on the same. */
export function isOnSame(one: Pick<Ban, "as" | "who">, other: Pick<Ban, "as" | "who">): boolean {
  return one.as === other.as && one.who === other.who;
}

function textOf({ as, who, at }: Ban): string {
  return `${at} ${nameOf(as, who)}`;
}

function nameOf(as: string, who: string): string {
  return `${as} ${who}`;
}

function blockOf(who: string): BlockList {
  const list = new BlockList();
  const [address = "", prefix] = who.split("/");
  const family = address.includes(":") ? "ipv6" : "ipv4";
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
  return list;
}
