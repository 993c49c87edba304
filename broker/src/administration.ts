import { hostname } from "node:os";
import { join } from "node:path";
import type { AdminBroker, ConnectionFacts } from "./admin/admin-broker.js";
import { adminRoutes } from "./admin/admin-routes.js";
import { AdminServer } from "./admin/admin-server.js";
import { clusterWide } from "./admin/cluster/cluster-wide.js";
import { PeerQuestions } from "./admin/cluster/peer-questions.js";
import type { Peers } from "./admin/cluster/peers.js";
import { Live } from "./admin/live/live.js";
import { type MetricsText, metricsRoutes } from "./admin/resources/metrics.js";
import { type PageFiles, type PageWebSocket, pageRoutes } from "./admin/resources/page.js";
import type { BanStore } from "./bans/ban.js";
import { FileBanStore, MemoryBanStore } from "./bans/file-ban-store.js";
import type { Config } from "./config/config.js";
import { effectiveSettings } from "./config/effective-settings.js";
import { Connection } from "./connection/connection.js";
import type { Cluster } from "./create-cluster.js";
import { runDoctor } from "./doctor/run-doctor.js";
import { thisMachine } from "./doctor/this-machine.js";
import type { Readiness } from "./drain/readiness.js";
import {
  deleteRetained,
  kick,
  messageProblem,
  publishFor,
  subscribeFor,
  subscriptionProblem,
  unsubscribeFor,
} from "./handlers/administer.js";
import { closeBanned } from "./handlers/close-banned.js";
import type { Core } from "./handlers/core.js";
import type { Listeners } from "./listening/listeners.js";
import type { AdjustableLog, Log } from "./log.js";
import type { DurableStore } from "./persistence/durable-store.js";
import type { Rebalance } from "./rebalance/rebalance.js";
import type { ReloadReport } from "./reload/reloads.js";
import type { Session } from "./session/session.js";
import type { ReadingSource } from "./sys/reading.js";
import { topicFilterProblem } from "./topics/topic-filter.js";

/** What the admin port shows and changes. */
export interface AdministrationParts {
  readonly core: Core;
  readonly store: DurableStore | undefined;
  /** Undefined for a broker that is alone. */
  readonly cluster: Cluster | undefined;
  readonly readiness: () => Readiness;
  readonly rebalance: Rebalance;
  readonly startedAtMs: number;
  readonly readings: () => ReadingSource;
  readonly metrics: MetricsText;
  readonly listeners: Listeners;
  /** In force. */
  readonly config: () => Config;
  readonly reload: (() => Promise<ReloadReport>) | undefined;
  /** Undefined for a broker that runs from its sources. */
  readonly dashboard: PageFiles | undefined;
}

/** What operators have to do with a broker: the admin port, if there is one, and the bans, which hold without it too. */
export class Administration {
  readonly #server: AdminServer | undefined;
  readonly #banStore: BanStore;
  readonly #questions: PeerQuestions;
  readonly #live: Live;

  constructor(config: Config, parts: AdministrationParts) {
    const { admin, dataDir } = config;
    const { core, store, cluster } = parts;
    const { bans } = core.entrance;
    this.#banStore =
      cluster?.banStore ??
      (store === undefined || dataDir === undefined ? new MemoryBanStore(bans) : new FileBanStore(join(dataDir, "bans.json"), bans));
    bans.onAdded((ban) => void closeBanned(core, ban));
    const peers = peersOf(config, cluster);
    this.#live = new Live({ clock: core.clock, peers, readings: parts.readings });
    const routes = [
      ...pageRoutes(parts.dashboard, () => webSocketsOf(parts.listeners)),
      ...metricsRoutes(parts.metrics),
      ...adminRoutes(adminBroker(peers, this.#banStore, this.#live, parts)),
    ];
    this.#questions = new PeerQuestions(routes, core.log);
    if (admin === undefined) return;
    this.#server = new AdminServer({ config: admin, routes: clusterWide(routes, peers), log: core.log });
  }

  /** Answers what operators ask through another broker, whether this one has an admin port or not. */
  answer(question: Uint8Array): Promise<Uint8Array> {
    return this.#questions.answer(question);
  }

  /** Where operators are served; undefined while they are not. */
  get address(): { readonly host: string; readonly port: number } | undefined {
    return this.#server?.address;
  }

  /** Opens the admin port. */
  async start(): Promise<void> {
    await this.#server?.start();
    this.#live.start();
  }

  /** Takes in what is stored. */
  async restore(): Promise<void> {
    await this.#banStore.start?.();
  }

  configure({ admin }: Config): void {
    if (admin !== undefined) this.#server?.configure(admin);
    this.#live.endAll(); // a token may not be good any more
  }

  async stop(): Promise<void> {
    this.#live.stop();
    await this.#server?.stop();
  }
}

function peersOf({ nats }: Config, cluster: Cluster | undefined): Peers {
  const name = nats?.brokerName ?? hostname();
  if (cluster === undefined) return { self: name, names: [], ask: () => Promise.reject(new Error("there are no other brokers")) };
  const { backplane } = cluster;
  return {
    get self() {
      return backplane.brokerId ?? name;
    },
    get names() {
      return backplane.peers;
    },
    ask: (peer, question, withinMs) => backplane.ask(peer, question, withinMs),
  };
}

function webSocketsOf({ bound }: Listeners): readonly PageWebSocket[] {
  return bound.flatMap(({ transport: scheme, address: { port } }) => (scheme === "ws" || scheme === "wss" ? [{ scheme, port }] : []));
}

function adminBroker(peers: Peers, banStore: BanStore, live: Live, parts: AdministrationParts): AdminBroker {
  const { core, cluster, store, readiness, rebalance, startedAtMs, readings, listeners, config, reload } = parts;
  const { clock, registry, router, retained, entrance, settings, log } = core;
  return {
    clock,
    startedAtMs,
    get node() {
      return peers.self;
    },
    clusterName: cluster && config().nats?.cluster,
    get peers() {
      return peers.names;
    },
    ways: peers,
    get readyState() {
      return { readiness: readiness(), failure: store?.failure && "what clients send cannot be stored" };
    },
    readings,
    live,
    rebalance,
    sessions: registry,
    connectionOf,
    kick: (session, options) => kick(core, session, options),
    subscriptionProblem: (asked) => subscriptionProblem(core, asked),
    subscribe: (session, asked) => subscribeFor(core, session, asked),
    unsubscribe: (session, topicFilter) => unsubscribeFor(core, session, topicFilter),
    filterProblem: (filter) => topicFilterProblem(filter, settings.maxTopicLevels),
    hasFilter: (filter) => router.hasFilter(filter),
    standsForFilter: (subscription) => router.standsForFilter(subscription),
    messageProblem: (asked) => messageProblem(core, asked),
    publish: (asked) => publishFor(core, asked),
    retainedMatching: (filter) => retained.walk?.(filter) ?? [].values(),
    retained: async (topic) => retained.get(topic),
    deleteRetained: (topic) => deleteRetained(core, topic),
    get listeners() {
      return listeners.all.map(({ address, ...rest }) => ({ ...rest, ...address }));
    },
    startListener: (name) => listeners.startOne(name),
    stopListener: (name) => listeners.stopOne(name),
    bans: entrance.bans,
    banStore,
    flapping: entrance.flapping.banned,
    liftFlapping: (client) => entrance.flapping.lift(client),
    // The link to NATS is there or not already, which readiness tells.
    diagnose: () => runDoctor({ config: config(), skip: ["nats"] }, thisMachine()),
    settings: () => effectiveSettings(config()),
    reload,
    get logLevel() {
      return isAdjustable(log) ? log.level : undefined;
    },
    setLogLevel: (level) => {
      if (isAdjustable(log)) log.level = level;
    },
  };
}

function connectionOf({ link }: Session): ConnectionFacts | undefined {
  if (!(link instanceof Connection)) return undefined;
  const { address, port, tls } = link.socket.peer();
  return {
    listener: link.listener.name,
    protocolVersion: link.version,
    keepAliveSeconds: link.keepAliveSeconds,
    ...{ address, port, tls: tls?.version },
    receiveMaximum: link.limits.receiveMaximum,
  };
}

function isAdjustable(log: Log): log is AdjustableLog {
  return "level" in log && typeof log.level === "string";
}
