import type { Authenticator } from "./authenticator.js";
import type { DenyAction } from "./authorization.js";
import type { Authorizer } from "./authorizer.js";
import type { EnhancedAuthenticator } from "./enhanced-authenticator.js";

/** Who may come in and do what, as the settings say. Made anew when they are read again; nobody keeps one for longer than a request. */
export interface Access {
  authenticatorFor(listener: string): Authenticator;
  /** By authentication method. */
  enhancedFor(listener: string): ReadonlyMap<string, EnhancedAuthenticator>;
  /** Null: everyone may do everything, and nobody needs to be asked. */
  readonly authorizer: Authorizer | null;
  /** What becomes of a client that does what it may not. */
  readonly denyAction: DenyAction;
  /** Lets go of connections and timers. Requests under way still get an answer. */
  close(): Promise<void>;
}
