/** What of a client is banned, by EMQX's names: its identifier, its user name, or its address (or block of addresses). */
export const BAN_KINDS = ["clientid", "username", "peerhost"] as const;

export type BanKind = (typeof BAN_KINDS)[number];

/** Clients that may not connect. */
export interface Ban {
  readonly as: BanKind;
  /** Of an address also a CIDR block: `10.0.0.0/8`. */
  readonly who: string;
  readonly reason: string;
  /** Who has said so. */
  readonly by: string;
  /** Whole seconds since 1970. */
  readonly at: number;
  /** The same; null for ever. */
  readonly until: number | null;
}

/** Keeps bans where they outlive the process, or where the other brokers see them. */
export interface BanStore {
  /** Takes in what is kept. Rejects if it cannot be read. */
  start?(): Promise<void>;
  /** Makes all of it as `change` says, and resolves when that is kept. `change` may be called again, on what another broker has kept. */
  change(change: (bans: readonly Ban[]) => readonly Ban[]): Promise<void>;
}
