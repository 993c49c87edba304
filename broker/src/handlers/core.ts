import type { Verdict } from "../auth/authenticator.js";
import type { Authorization } from "../auth/authorization.js";
import type { EnhancedExchange } from "../auth/enhanced-authenticator.js";
import type { Clock } from "../clock.js";
import type { Backplane } from "../cluster/backplane.js";
import type { PublishFrame } from "../codec/publish-frame.js";
import type { Connection } from "../connection/connection.js";
import type { Offer } from "../connection/offer.js";
import type { Departure } from "../drain/departure.js";
import type { Entrance } from "../limits/entrance.js";
import type { Log } from "../log.js";
import type { PassingSet } from "../passing-set.js";
import type { Publication } from "../publication/publication.js";
import type { TopicTable } from "../publication/topic-table.js";
import type { RetainedLimits } from "../retained/retained-bounds.js";
import type { RetainedStore } from "../retained/retained-store.js";
import type { Router } from "../routing/router.js";
import type { Routes } from "../routing/routes.js";
import type { Session } from "../session/session.js";
import type { SessionRegistry } from "../session/session-registry.js";
import type { Counters } from "../sys/counters.js";
import type { TimerEntry } from "../timer-wheel.js";
import type { ConnectPace } from "./connect-pace.js";
import type { SessionRefusals } from "./session-refusals.js";

/** What this broker offers its clients, and holds them to. */
export interface ProtocolSettings extends Offer, RetainedLimits {
  /** Of one session. */
  readonly maxSubscriptions: number;
  /** With their clients or without. */
  readonly maxSessions: number;
  /** Topic aliases that we use at most. */
  readonly topicAliasMaximumOutbound: number;
  readonly maxKeepAliveSeconds: number;
  readonly maxSessionExpirySeconds: number;
  readonly maxTopicLevels: number;
  readonly maxClientIdBytes: number;
  /** Begins what a client is told as Response Information; empty for none. */
  readonly responseTopicPrefix: string;
  /** Where clients are sent while this broker shuts down. */
  readonly serverReference: string | undefined;
  /** Whether they are sent there for this time, or for good. */
  readonly redirect: "use-another-server" | "server-moved";
}

/** A client that is proving itself by AUTH packets, for the first time or anew. */
export interface PendingExchange {
  readonly method: string;
  readonly exchange: EnhancedExchange;
  /** When it began, in milliseconds since the broker's start, and how many packets of the client's it has taken. */
  readonly sinceMs: number;
  steps: number;
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
  /** Undefined where sessions may outlive their connections. */
  readonly sessionRefusals: SessionRefusals | undefined;
  /** What clients may do; told when the settings are read again. */
  readonly authorization: Authorization;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes up client identifiers. */
  readonly newClientId: () => string;
  /** The methods and exchanges of connections that authenticate by AUTH; others have no entry. */
  readonly exchanges: Map<Connection, PendingExchange>;
  readonly methods: Map<Connection, string>;
  /** When connections end that may not stay for ever. */
  readonly lifetimes: Map<Connection, TimerEntry>;
  /** Connections whose sessions are being stored before they are welcomed, by session. */
  readonly opening: Map<Session, Connection>;
  /** Something could not be made durable, or handed to peers; logged once an episode. */
  readonly reportFailure: (error: unknown) => void;
  /** Who may come in. */
  readonly entrance: Entrance;
  /** CONNECTs of a storm, which are handled a few each turn. */
  readonly connects: ConnectPace<Connection>;
  /** Connections before their CONNACK, and those that are closing: all others belong to a session. */
  readonly unsettled: PassingSet<Connection>;
  /** Filled again for every PUBLISH. */
  readonly frame: PublishFrame;
  readonly publication: Publication<Routes>;
  /** What whoever comes is told: the broker takes leave of its clients. Undefined: clients may come. */
  turnsAway: Departure | undefined;
}
