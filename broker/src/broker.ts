import { randomBytes, randomInt } from "node:crypto";
import { createAccess } from "./access.js";
import { Administration } from "./administration.js";
import type { Access } from "./auth/access.js";
import { Authorization } from "./auth/authorization.js";
import type { BrokerOptions } from "./broker-options.js";
import { type Clock, SYSTEM_CLOCK } from "./clock.js";
import type { Backplane } from "./cluster/backplane.js";
import { LocalBackplane } from "./cluster/local-backplane.js";
import { PublishFrame } from "./codec/publish-frame.js";
import type { Config } from "./config/config.js";
import { Connection } from "./connection/connection.js";
import type { ConnectionContext, ListenerContext } from "./connection/connection-context.js";
import { Throttle } from "./connection/throttle.js";
import { Turn } from "./connection/turn.js";
import { type Cluster, createCluster } from "./create-cluster.js";
import { createMetrics, type Metrics } from "./create-metrics.js";
import { createRebalance } from "./create-rebalance.js";
import { inTurn } from "./drain/in-turn.js";
import { pause } from "./drain/pause.js";
import type { Readiness } from "./drain/readiness.js";
import { FailureLog } from "./failure-log.js";
import { gaugesOf } from "./gauges-of.js";
import { handleWaiting } from "./handlers/connect.js";
import { ConnectPace } from "./handlers/connect-pace.js";
import type { Core } from "./handlers/core.js";
import { Dispatch } from "./handlers/dispatch.js";
import { Hosting } from "./handlers/hosting.js";
import { recheckAllSubscriptions } from "./handlers/recheck-subscriptions.js";
import { SessionRefusals } from "./handlers/session-refusals.js";
import { handleCutOff, handleFenced, handleTakenOver } from "./handlers/taken-over.js";
import { publishIfStillAllowed } from "./handlers/will-rights.js";
import { Entrance } from "./limits/entrance.js";
import { ProcessVitals } from "./limits/process-vitals.js";
import { thisHost } from "./limits/this-host.js";
import { termsBy } from "./listening/listener-terms.js";
import { type BoundListener, Listeners } from "./listening/listeners.js";
import type { Message } from "./message.js";
import { PassingSet } from "./passing-set.js";
import { DurableStore } from "./persistence/durable-store.js";
import { MemoryMessageStore } from "./persistence/memory-message-store.js";
import { MemorySessionStore } from "./persistence/memory-session-store.js";
import { Publication } from "./publication/publication.js";
import { TopicTable } from "./publication/topic-table.js";
import type { Rebalance } from "./rebalance/rebalance.js";
import { applying } from "./reload/reloadable.js";
import { type ReloadReport, Reloads } from "./reload/reloads.js";
import { connectionSettings, protocolSettings, sessionLimits } from "./reload/settings-in-force.js";
import { MemoryRetainedStore } from "./retained/memory-retained-store.js";
import { RetainedBounds } from "./retained/retained-bounds.js";
import type { RetainedStore } from "./retained/retained-store.js";
import { Router } from "./routing/router.js";
import type { Routes } from "./routing/routes.js";
import { Commits } from "./session/commits.js";
import type { Session } from "./session/session.js";
import type { SessionContext } from "./session/session-context.js";
import { SessionRegistry } from "./session/session-registry.js";
import { Counters } from "./sys/counters.js";
import { publishSysTopics } from "./sys/sys-timer.js";
import { takeLeave } from "./take-leave.js";
import { Timeouts } from "./timeouts.js";
import { TimerWheel } from "./timer-wheel.js";
import { NO_RECEIVER } from "./transport/raw-socket.js";
import type { Socket, SocketReceiver } from "./transport/socket.js";
import { VERSION } from "./version.js";

/** Timeouts come up to this much late. */
const TICK_MS = 1_000;
/** A process that stood still for longer does not count the rest as silence of its clients. */
const LONGEST_STEP_MS = 5_000;
/** Retained messages looked at each tick for expired ones, and remembered topics for routes that are stale. */
const SWEPT_EACH_TICK = 1_000;
/** For stores to write what they have, however little time clients leave them. */
const LEAST_TIME_TO_STORE_MS = 1_000;

/** An MQTT broker: builds its parts from the configuration, the only place that names their implementations. */
export class Broker {
  readonly counters = new Counters();
  /** Moves clients to other brokers when operators want it. */
  readonly rebalance: Rebalance;
  #access: Access;
  readonly #clock: Clock;
  readonly #core: Core;
  readonly #context: ConnectionContext;
  readonly #reloads: Reloads;
  readonly #wheel: TimerWheel;
  readonly #sessionContext: SessionContext;
  readonly #cluster: Cluster | undefined;
  readonly #store: DurableStore | undefined;
  readonly #retained: RetainedStore;
  readonly #listeners: Listeners;
  readonly #failures: FailureLog;
  readonly #admin: Administration;
  readonly #metrics: Metrics;
  readonly #stopTimers: (() => void)[] = [];
  #readiness: Readiness = "starting";

  constructor(config: Config, options: BrokerOptions) {
    const { log, clock = SYSTEM_CLOCK } = options;
    const { mqtt } = config;
    const counters = this.counters;
    this.#clock = clock;
    const vitals = options.vitals ?? new ProcessVitals(thisHost(), config.limits.memoryBytes);
    const entrance = new Entrance(config, { clock, counters, log, vitals });
    this.#access = createAccess(config, { log, clock, counters });
    this.#wheel = new TimerWheel({ clock, tickMs: TICK_MS, longestStepMs: LONGEST_STEP_MS });
    const hashSeed = randomBytes(4).readInt32LE();
    const random = () => randomInt(2 ** 32) / 2 ** 32;
    const shareStrategy = () => this.#reloads.config.mqtt.shareStrategy;
    const answer = (question: Uint8Array) => this.#admin.answer(question);
    const cluster = createCluster(config, { log, clock, bans: entrance.bans, answer, shareStrategy, random, hashSeed });
    this.#cluster = cluster;
    const isDurable = config.dataDir !== undefined && cluster === undefined;
    const store = isDurable ? new DurableStore({ directory: config.dataDir, log, clock }) : undefined;
    this.#store = store;
    this.#retained = options.retained ?? cluster?.retained ?? store?.retained ?? new MemoryRetainedStore({ clock });
    const messages = options.messages ?? cluster?.store.messages ?? store?.messages ?? new MemoryMessageStore();
    const sessions = options.sessions ?? cluster?.store.sessions ?? store?.sessions ?? new MemorySessionStore();
    this.#failures = new FailureLog(log, clock, "messages could not be stored or handed on, or clients not be claimed");
    const reportFailure = (error: unknown) => this.#failures.report(error);
    const commits = new Commits({ stores: [sessions, messages, this.#retained], onFailure: reportFailure });
    const backplane: Backplane = options.backplane ?? cluster?.backplane ?? new LocalBackplane();
    const topics = new TopicTable<Routes>({ maxTopicLevels: mqtt.maxTopicLevels, hashSeed });
    const settings = protocolSettings(config);
    const router = new Router({
      clock,
      counters,
      retained: this.#retained,
      retainedBounds: new RetainedBounds({ store: this.#retained, limits: settings, overload: entrance.overload, counters }),
      messages,
      commits,
      backplane,
      topics,
      shareStrategy: mqtt.shareStrategy,
      random,
      hashSeed,
    });
    this.#sessionContext = {
      clock,
      counters,
      messages,
      commits,
      held: { messages: 0, bytes: 0 },
      overload: entrance.overload,
      keepsGroupMessages: backplane.publishOnce !== undefined,
      ...sessionLimits(config),
    };
    const registry = new SessionRegistry({
      context: this.#sessionContext,
      sessions,
      clock,
      counters,
      wheel: this.#wheel,
      subscribe: (subscription) => router.subscribe(subscription),
      unsubscribe: (subscription) => router.unsubscribe(subscription),
      redeliver: (delivery) => router.redeliver(delivery),
      publishWill: (message, session) =>
        publishIfStillAllowed(this.#core, session, message, () => {
          counters.willsPublished++;
          this.#publishOwn(message, session);
        }),
      released: (clientId) => backplane.release(clientId),
    });
    this.#core = {
      settings,
      router,
      registry,
      topics,
      retained: this.#retained,
      backplane,
      sessionRefusals: backplane.movesSessions ? undefined : new SessionRefusals(log, clock, counters),
      authorization: new Authorization(options.authorizer ?? this.#access.authorizer, this.#access.denyAction),
      counters,
      clock,
      log,
      newClientId: () => `auto-${randomBytes(12).toString("hex")}`,
      opening: new Map(),
      reportFailure,
      entrance,
      connects: new ConnectPace(counters, (connection, packet) => handleWaiting(this.#core, connection, packet)),
      unsettled: new PassingSet(),
      exchanges: new Map(),
      methods: new Map(),
      lifetimes: new Map(),
      frame: new PublishFrame(),
      publication: new Publication<Routes>(),
      turnsAway: undefined,
    };
    this.rebalance = createRebalance(this.#core);
    const startedAtMs = clock.now();
    this.#context = {
      events: new Dispatch(this.#core),
      turn: new Turn(),
      wheel: this.#wheel,
      throttle: new Throttle({ clock }),
      counters,
      log,
      reportFailure,
      uptimeMs: () => clock.now() - startedAtMs,
      settings: connectionSettings(config),
    };
    this.#listeners = new Listeners(config.listeners, termsBy({ config, access: this.#access }, options), {
      admits: (listener, remote) => entrance.admits(listener, remote),
      accept: (socket, context) => this.#accept(socket, context),
      handshakeFailed: (listener, reason, remoteAddress) => {
        counters.handshakesFailed++;
        log.debug({ listener, reason, remoteAddress }, "handshake failed");
      },
    });
    const readings = () => ({
      counters,
      gauges: gaugesOf(this.#core, this.#sessionContext),
      store: store?.journal,
      cluster: cluster?.readings(),
    });
    const latencies = { store: store?.journal.latency, engine: cluster?.latency };
    this.#metrics = createMetrics(config.metrics, { clock, log, startedAtMs, readings, latencies, config: () => this.#reloads.config });
    this.#reloads = new Reloads({
      config,
      log,
      counters,
      createAccess: (next) => createAccess(next, { log, clock, counters }),
      parts: [
        { prepare: (next) => this.#listeners.prepare(next.config.listeners, termsBy(next, options)) },
        applying(({ config: next, access }) => {
          Object.assign(this.#core.settings, protocolSettings(next));
          Object.assign(this.#sessionContext, sessionLimits(next));
          Object.assign(this.#context.settings, connectionSettings(next));
          router.configure(next.mqtt);
          entrance.configure(next);
          this.#core.authorization.replace(options.authorizer ?? access.authorizer, access.denyAction);
          void recheckAllSubscriptions(this.#core);
          this.#admin.configure(next);
          const before = this.#access;
          this.#access = access;
          before.close().catch((error: unknown) => log.error({ err: error }, "what decided about clients before could not be closed"));
        }),
      ],
      isRunning: () => this.#readiness === "ready",
    });
    const { load, dashboard } = options;
    this.#admin = new Administration(config, {
      ...{ core: this.#core, store, cluster, listeners: this.#listeners, startedAtMs, readings, metrics: this.#metrics.exposition },
      readiness: () => this.readiness,
      rebalance: this.rebalance,
      config: () => this.#reloads.config,
      reload: load && (() => this.reload(load)),
      dashboard,
    });
  }

  get listeners(): readonly BoundListener[] {
    return this.#listeners.bound;
  }

  /** Where operators are served; undefined while they are not. */
  get adminAddress(): BoundListener["address"] | undefined {
    return this.#admin.address;
  }

  /** Whether clients should come here. */
  get readiness(): Readiness {
    if (this.#readiness !== "ready") return this.#readiness;
    if (!this.#core.backplane.isReady) return "cut off";
    return this.rebalance.isEvicting ? "evacuating" : "ready";
  }

  /** Takes in what is stored, then binds all listeners; rejects if any cannot be bound, and then none is. */
  async start(): Promise<void> {
    await this.#admin.start();
    try {
      await this.#restore();
    } catch (error) {
      await this.#admin.stop();
      throw error;
    }
    this.#startTimers();
    this.#metrics.push?.start();
    try {
      await this.#listeners.start();
      this.#readiness = "ready";
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /**
   * Puts other settings in force, all that can change or none, without closing a connection. The promise of the one before is waited for.
   *
   * @throws ReloadError with every mistake, also those of a ConfigError that `load` throws
   */
  reload(load: () => Config): Promise<ReloadReport> {
    return this.#reloads.run(load);
  }

  /**
   * Takes leave of all clients: after `drain.delaySeconds` accepts nobody any more, tells every client why at the rate of the settings, and
   * closes when all have gone and other brokers have their sessions, at the latest after `shutdownSeconds`. What was accepted is durable then.
   */
  async stop(): Promise<void> {
    const { shutdownSeconds, drain: settings } = this.#reloads.config;
    const { backplane, log, router } = this.#core;
    const wasReady = this.#readiness === "ready";
    this.#readiness = "draining";
    if (wasReady) log.info({ delaySeconds: settings.delaySeconds }, "not ready");
    if (wasReady) await pause(settings.delaySeconds * 1_000, this.#clock);
    const startedAtMs = Date.now();
    const withinMs = shutdownSeconds * 1_000;
    await takeLeave({ core: this.#core, listeners: this.#listeners, rebalance: this.rebalance, settings, withinMs });
    for (const stop of this.#stopTimers.splice(0)) stop();
    this.#core.entrance.stop();
    const steps = [() => this.#access.close(), () => router.commit(), () => this.#store?.close(), () => backplane.stop()];
    const leftMs = () => Math.max(LEAST_TIME_TO_STORE_MS, startedAtMs + withinMs - Date.now());
    await inTurn(steps, leftMs());
    await this.#metrics.push?.stop(leftMs());
    this.#readiness = "stopped";
    await this.#admin.stop();
  }

  async #restore(): Promise<void> {
    const { backplane, registry, router } = this.#core;
    await this.#store?.open();
    await backplane.start({
      onMessage: (message, to, from) => router.publishFromPeer(message, to, from),
      onTakenOver: (clientId) => handleTakenOver(this.#core, clientId),
      onFenced: () => handleFenced(this.#core),
      onCutOff: () => handleCutOff(this.#core),
      takesSessions: () => this.readiness === "ready",
      sessions: new Hosting(this.#core),
    });
    await this.#admin.restore();
    await registry.restore();
  }

  #accept(socket: Socket, context: ListenerContext): SocketReceiver {
    const { entrance } = this.#core;
    const place = entrance.placeFor(socket);
    if (place === undefined) {
      socket.destroy();
      return NO_RECEIVER;
    }
    const connection = new Connection(socket, this.#context, context);
    context.connections++;
    this.counters.connectionsAccepted++;
    this.#core.unsettled.add(connection);
    entrance.opened(connection, place);
    return connection;
  }

  #startTimers(): void {
    const { sysIntervalSeconds } = this.#reloads.config;
    const { log, router } = this.#core;
    const timeouts = new Timeouts(this.#wheel);
    this.#stopTimers.push(
      () => timeouts.stop(),
      () => this.#context.throttle.stop(),
      this.#clock.every(TICK_MS, () => {
        this.#retained.sweep(SWEPT_EACH_TICK);
        router.dropStaleRoutes(SWEPT_EACH_TICK);
        this.#core.entrance.tick();
        router.commit(); // what nobody waits for, and what failed before
        this.#failures.tick();
        timeouts.advance();
      }),
      publishSysTopics({
        version: `mqttd version ${VERSION}`,
        clock: this.#clock,
        log,
        intervalSeconds: sysIntervalSeconds,
        counters: this.counters,
        gauges: () => gaugesOf(this.#core, this.#sessionContext),
        cluster: this.#cluster?.readings,
        publish: (message) => router.publishHere(message),
      }),
    );
  }

  /** What no client waits for: if stores or peers cannot take it, nobody else is to be told. */
  #publishOwn(message: Message, from: Session | null): void {
    const { router, reportFailure } = this.#core;
    router.publishMessage(message, from)?.catch(reportFailure);
  }
}
