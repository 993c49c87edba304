import type { BudgetOf } from "./rows.js";

/** A broker in the comparison. */
export interface Contender {
  /** How `--brokers` names it. */
  readonly name: string;
  /** Heads its column. */
  readonly title: string;
  /** "ours" is held to budgets; "reference" is what ratios are to; "ceiling" shows what the generator can do. */
  readonly role: "ours" | "reference" | "other" | "ceiling";
  /** Which budgets it is held to. */
  readonly budgets: readonly BudgetOf[];
  readonly speaksMqtt5: boolean;
  readonly speaksTls: boolean;
  /** Whether it can keep messages on disk, and ask for passwords and rights. */
  readonly stores: boolean;
  readonly guards: boolean;
  /** How it runs a program of ours without a broker; undefined for brokers of others. */
  program?(file: string): Command;
  command(start: Start): Command;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** What a broker is told. */
export interface Start {
  readonly host: string;
  readonly port: number;
  /** An empty folder, removed afterwards. */
  readonly folder: string;
  readonly tls?: TlsStart;
  /** Keeps what it has to on disk, in `folder`, and bounds no queue. */
  readonly isDurable?: boolean;
  /** Asks everyone for a password, and for every message whether it may be published. */
  readonly guard?: GuardFiles;
}

/** Files of mosquitto's formats. */
export interface GuardFiles {
  readonly passwordFile: string;
  readonly aclFile: string;
}

export interface TlsStart {
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
}

/** The flags that our broker and the small ones here share. */
export function startFlags({ host, port, tls }: Start): string[] {
  const flags = ["--host", host, "--port", String(port)];
  if (tls === undefined) return flags;
  return [...flags, "--tls-port", String(tls.port), "--tls-cert-file", tls.certFile, "--tls-key-file", tls.keyFile];
}
