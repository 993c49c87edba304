import type { Access } from "../auth/access.js";
import type { Config } from "../config/config.js";

/** Settings that are about to be in force. */
export interface NextSettings {
  /** As read, with what cannot change while the broker runs left as it is. */
  readonly config: Config;
  readonly access: Access;
}

/** What is ready to be put in force. */
export interface Prepared {
  /** Puts it in force. Cannot fail. */
  apply(): void;
  /** Another part refused the settings: lets go of what was made for them. */
  discard?(): void | Promise<void>;
}

/** A part of the broker whose settings change while it runs. */
export interface Reloadable {
  /** Makes what the settings need, or throws if they cannot be had. Nothing changes before `apply`. */
  prepare(next: NextSettings): Prepared | Promise<Prepared>;
}

/** A part that needs nothing that could fail. */
export function applying(apply: (next: NextSettings) => void): Reloadable {
  return { prepare: (next) => ({ apply: () => apply(next) }) };
}
