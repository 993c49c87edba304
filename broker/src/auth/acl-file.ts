import type { AclRule } from "./acl-rule.js";

/** A rule of a file, and whose it is. Without user and client it is everyone's. */
export interface AclEntry {
  readonly rule: AclRule;
  /** Only for clients with this user name; null: only for those without. */
  readonly userName?: string | null;
  /** Only for the client of this identifier. */
  readonly clientId?: string;
}

/** What a file of rules says: the first that applies decides. */
export interface AclFile {
  readonly format: "mqttd" | "mosquitto";
  readonly entries: readonly AclEntry[];
  /** What holds where no rule applies. @default - the next authoriser decides */
  readonly byDefault?: boolean;
}

/** What is wrong with a line, with the remedy. */
export interface LineProblem {
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

export interface ParsedAclFile {
  readonly file: AclFile;
  readonly problems: readonly LineProblem[];
}
