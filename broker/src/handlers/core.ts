import type { Verdict } from "../auth/authenticator.js";
import type { Authorizer } from "../auth/authorizer.js";
import type { EnhancedAuthenticator, EnhancedExchange } from "../auth/enhanced-authenticator.js";
import type { Clock } from "../clock.js";
import type { Backplane } from "../cluster/backplane.js";
import type { Qos } from "../codec/packet.js";
import type { PublishFrame } from "../codec/publish-frame.js";
import type { Connection } from "../connection/connection.js";
import type { Log } from "../log.js";
import type { Publication } from "../publication/publication.js";
import type { TopicTable } from "../publication/topic-table.js";
import type { RetainedStore } from "../retained/retained-store.js";
import type { Router } from "../routing/router.js";
import type { Routes } from "../routing/routes.js";
import type { SessionRegistry } from "../session/session-registry.js";
import type { Counters } from "../sys/counters.js";

/** What this broker offers its clients, and holds them to. */
export interface ProtocolSettings {
  readonly maxPacketBytes: number;
  readonly maxQos: Qos;
  readonly retainAvailable: boolean;
  readonly wildcardSubscriptions: boolean;
  readonly sharedSubscriptions: boolean;
  readonly subscriptionIdentifiers: boolean;
  /** QoS 1 and 2 messages that a client may have unacknowledged. */
  readonly receiveMaximum: number;
  /** Topic aliases that a client may use, and that we use at most. */
  readonly topicAliasMaximum: number;
  readonly topicAliasMaximumOutbound: number;
  readonly maxKeepAliveSeconds: number;
  readonly maxSessionExpirySeconds: number;
  readonly maxTopicLevels: number;
  readonly maxClientIdBytes: number;
  /** Begins what a client is told as Response Information; empty for none. */
  readonly responseTopicPrefix: string;
  /** Where clients are sent while this broker shuts down. */
  readonly serverReference: string | undefined;
  readonly maxConnections: number;
}

/** A client that is proving itself by AUTH packets, for the first time or anew. */
export interface PendingExchange {
  readonly method: string;
  readonly exchange: EnhancedExchange;
  /** Goes on with the verdict. */
  readonly proceed: (verdict: Verdict, data?: Uint8Array) => Promise<void> | undefined;
}

/** What the handlers of packets work with. */
export interface Core {
  readonly settings: ProtocolSettings;
  readonly router: Router;
  readonly registry: SessionRegistry;
  readonly topics: TopicTable<Routes>;
  readonly retained: RetainedStore;
  readonly backplane: Backplane;
  readonly enhanced: ReadonlyMap<string, EnhancedAuthenticator>;
  /** Null: everyone may do everything, and nobody needs to be asked. */
  readonly authorizer: Authorizer | null;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes up client identifiers. */
  readonly newClientId: () => string;
  /** The methods and exchanges of connections that authenticate by AUTH; others have no entry. */
  readonly exchanges: Map<Connection, PendingExchange>;
  readonly methods: Map<Connection, string>;
  /** Connections before their CONNACK, and those that are closing: all others belong to a session. */
  readonly unsettled: Set<Connection>;
  /** Filled again for every PUBLISH. */
  readonly frame: PublishFrame;
  readonly publication: Publication<Routes>;
  /** No new clients: the broker is shutting down. */
  isDraining: boolean;
}
