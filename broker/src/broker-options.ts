import type { PageFiles } from "./admin/resources/page.js";
import type { Authenticator } from "./auth/authenticator.js";
import type { Authorizer } from "./auth/authorizer.js";
import type { EnhancedAuthenticator } from "./auth/enhanced-authenticator.js";
import type { Clock } from "./clock.js";
import type { Backplane } from "./cluster/backplane.js";
import type { Config } from "./config/config.js";
import type { Vitals } from "./limits/vitals.js";
import type { Log } from "./log.js";
import type { MessageStore } from "./persistence/message-store.js";
import type { SessionStore } from "./persistence/session-store.js";
import type { RetainedStore } from "./retained/retained-store.js";

/** What a broker is given besides its settings. */
export interface BrokerOptions {
  readonly log: Log;
  /** @default SYSTEM_CLOCK */
  readonly clock?: Clock;
  /** Who may connect. @default - as the settings say */
  readonly authenticator?: Authenticator;
  /** Authentication methods for AUTH. @default - as the settings say */
  readonly enhanced?: readonly EnhancedAuthenticator[];
  /** What clients may do. @default - as the settings say */
  readonly authorizer?: Authorizer;
  /** What outlives the broker. @default - the store in `dataDir`; without that nothing outlives the process */
  readonly sessions?: SessionStore;
  readonly messages?: MessageStore;
  readonly retained?: RetainedStore;
  /** How the process is doing. @default - what this process and its host say */
  readonly vitals?: Vitals;
  /** Reads the settings again, from where they came; throws ConfigError. @default - an operator cannot have them read again */
  readonly load?: () => Config;
  /** What the admin port shows people. @default - nothing */
  readonly dashboard?: PageFiles | undefined;
  /** The link to other brokers. @default - there are none */
  readonly backplane?: Backplane;
}
