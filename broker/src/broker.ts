import { randomBytes, randomInt } from "node:crypto";
import { AllowAnonymous } from "./auth/allow-anonymous.js";
import type { Authenticator } from "./auth/authenticator.js";
import type { Authorizer } from "./auth/authorizer.js";
import { DenyAll } from "./auth/deny-all.js";
import type { EnhancedAuthenticator } from "./auth/enhanced-authenticator.js";
import { type Clock, SYSTEM_CLOCK } from "./clock.js";
import type { Backplane } from "./cluster/backplane.js";
import { LocalBackplane } from "./cluster/local-backplane.js";
import type { Qos } from "./codec/packet.js";
import { PublishFrame } from "./codec/publish-frame.js";
import { ReasonCode } from "./codec/reason-code.js";
import type { Config, ListenerConfig } from "./config/config.js";
import { Connection } from "./connection/connection.js";
import type { ConnectionContext, ListenerContext } from "./connection/connection-context.js";
import { Turn } from "./connection/turn.js";
import type { Core } from "./handlers/core.js";
import { Dispatch } from "./handlers/dispatch.js";
import type { Log } from "./log.js";
import type { Message } from "./message.js";
import { MemoryMessageStore } from "./persistence/memory-message-store.js";
import { MemorySessionStore } from "./persistence/memory-session-store.js";
import type { MessageStore } from "./persistence/message-store.js";
import type { SessionStore } from "./persistence/session-store.js";
import { Publication } from "./publication/publication.js";
import { TopicTable } from "./publication/topic-table.js";
import { MemoryRetainedStore } from "./retained/memory-retained-store.js";
import type { RetainedStore } from "./retained/retained-store.js";
import { Router } from "./routing/router.js";
import type { Routes } from "./routing/routes.js";
import type { Session } from "./session/session.js";
import type { SessionContext } from "./session/session-context.js";
import { SessionRegistry } from "./session/session-registry.js";
import { Counters } from "./sys/counters.js";
import { SysPublisher } from "./sys/sys-publisher.js";
import type { Gauges } from "./sys/sys-topics.js";
import { TimerWheel } from "./timer-wheel.js";
import { createListener } from "./transport/create-listener.js";
import type { Listener } from "./transport/listener.js";
import { VERSION } from "./version.js";

/** Timeouts come up to this much late. */
const TICK_MS = 1_000;
/** A process that stood still for longer does not count the rest as silence of its clients. */
const LONGEST_STEP_MS = 5_000;
/** Retained messages looked at each tick for expired ones, and remembered topics for routes that are stale. */
const SWEPT_EACH_TICK = 1_000;

export interface BrokerOptions {
  readonly log: Log;
  /** @default SYSTEM_CLOCK */
  readonly clock?: Clock;
  /** Who may connect. @default - everyone, on listeners that allow it */
  readonly authenticator?: Authenticator;
  /** Authentication methods for AUTH. @default - none */
  readonly enhanced?: readonly EnhancedAuthenticator[];
  /** What clients may do. @default - everything */
  readonly authorizer?: Authorizer;
  /** What outlives the broker. @default - nothing outlives the process */
  readonly sessions?: SessionStore;
  readonly messages?: MessageStore;
  readonly retained?: RetainedStore;
  /** The link to other brokers. @default - there are none */
  readonly backplane?: Backplane;
}

export interface BoundListener {
  readonly name: string;
  readonly transport: ListenerConfig["transport"];
  readonly address: { readonly host: string; readonly port: number };
}

/** An MQTT broker: builds its parts from the configuration, the only place that names their implementations. */
export class Broker {
  readonly counters = new Counters();
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #core: Core;
  readonly #context: ConnectionContext;
  readonly #wheel: TimerWheel;
  readonly #sessionContext: SessionContext;
  readonly #retained: RetainedStore;
  readonly #listeners: { readonly listener: Listener; readonly config: ListenerConfig }[];
  readonly #stopTimers: (() => void)[] = [];

  constructor(config: Config, options: BrokerOptions) {
    const { log, clock = SYSTEM_CLOCK } = options;
    const { mqtt } = config;
    const counters = this.counters;
    this.#config = config;
    this.#clock = clock;
    this.#wheel = new TimerWheel({ clock, tickMs: TICK_MS, longestStepMs: LONGEST_STEP_MS });
    this.#retained = options.retained ?? new MemoryRetainedStore({ clock });
    const messages = options.messages ?? new MemoryMessageStore();
    const backplane = options.backplane ?? new LocalBackplane();
    const hashSeed = randomBytes(4).readInt32LE();
    const topics = new TopicTable<Routes>({ maxTopicLevels: mqtt.maxTopicLevels, hashSeed });
    const router = new Router({
      clock,
      counters,
      retained: this.#retained,
      messages,
      backplane,
      topics,
      shareStrategy: mqtt.shareStrategy,
      random: () => randomInt(2 ** 32) / 2 ** 32,
      hashSeed,
    });
    this.#sessionContext = {
      clock,
      counters,
      messages,
      held: { messages: 0, bytes: 0 },
      maxQueuedMessages: mqtt.maxQueuedMessages,
      maxQueuedBytes: mqtt.maxQueuedBytes,
    };
    const registry = new SessionRegistry({
      context: this.#sessionContext,
      sessions: options.sessions ?? new MemorySessionStore(),
      clock,
      counters,
      wheel: this.#wheel,
      subscribe: (subscription) => router.subscribe(subscription),
      unsubscribe: (subscription) => router.unsubscribe(subscription),
      redeliver: (delivery) => router.redeliver(delivery),
      publishWill: (message, session) => {
        counters.willsPublished++;
        this.#publishOwn(message, session);
      },
      released: (clientId) => backplane.release(clientId),
    });
    this.#core = {
      settings: {
        ...mqtt,
        maxQos: mqtt.maxQos as Qos,
        serverReference: mqtt.serverReference,
        maxConnections: config.maxConnections,
      },
      router,
      registry,
      topics,
      retained: this.#retained,
      backplane,
      enhanced: new Map(options.enhanced?.map((authenticator) => [authenticator.method, authenticator])),
      authorizer: options.authorizer ?? null,
      counters,
      clock,
      log,
      newClientId: () => `auto-${randomBytes(12).toString("hex")}`,
      unsettled: new Set(),
      exchanges: new Map(),
      methods: new Map(),
      frame: new PublishFrame(),
      publication: new Publication<Routes>(),
      isDraining: false,
    };
    const startedAtMs = clock.now();
    this.#context = {
      events: new Dispatch(this.#core),
      turn: new Turn(),
      wheel: this.#wheel,
      counters,
      log,
      uptimeMs: () => clock.now() - startedAtMs,
      settings: { maxInflight: mqtt.maxInflight, maxOutputBytes: mqtt.maxOutputBytes },
    };
    this.#listeners = config.listeners.map((listener) => ({ listener: this.#listener(listener, options.authenticator), config: listener }));
  }

  get listeners(): readonly BoundListener[] {
    return this.#listeners.map(({ listener, config }) => ({ name: listener.name, transport: config.transport, address: listener.address }));
  }

  /** Takes in what is stored, then binds all listeners; rejects if any cannot be bound, and then none is. */
  async start(): Promise<void> {
    const { backplane, registry, router } = this.#core;
    await backplane.start({
      onMessage: (message) => router.publishFromPeer(message),
      onTakenOver: (clientId) => registry.get(clientId)?.link?.disconnect(ReasonCode.SessionTakenOver, "taken over on another broker"),
    });
    await registry.restore();
    this.#startTimers();
    try {
      for (const { listener } of this.#listeners) await listener.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Accepts nobody any more, tells every client why, and closes when all have been told, at the latest after `shutdownSeconds`. */
  async stop(): Promise<void> {
    const { mqtt, shutdownSeconds } = this.#config;
    const { registry, unsettled, backplane } = this.#core;
    this.#core.isDraining = true;
    await Promise.all(this.#listeners.map(({ listener }) => listener.stop()));
    const { serverReference } = mqtt;
    const reasonCode = serverReference === undefined ? ReasonCode.ServerShuttingDown : ReasonCode.UseAnotherServer;
    for (const connection of [...unsettled]) connection.closeQuietly("the broker is shutting down");
    for (const { link } of registry) link?.disconnect(reasonCode, "the broker is shutting down", serverReference);
    await this.#allClosed(shutdownSeconds * 1000);
    for (const connection of [...unsettled]) connection.socket.destroy();
    for (const stop of this.#stopTimers.splice(0)) stop();
    await backplane.stop();
  }

  #listener(config: ListenerConfig, authenticator: Authenticator | undefined): Listener {
    const { name, maxPacketBytes, maxConnections, connectTimeoutSeconds, allowAnonymous } = config;
    const context: ListenerContext = {
      name,
      maxPacketBytes,
      maxConnections,
      authenticator: authenticator ?? (allowAnonymous ? new AllowAnonymous() : new DenyAll()),
      connectTimeoutMs: connectTimeoutSeconds * 1000,
      connections: 0,
    };
    return createListener(
      config,
      (socket) => {
        const connection = new Connection(socket, this.#context, context);
        context.connections++;
        this.counters.connectionsAccepted++;
        this.#core.unsettled.add(connection);
        return connection;
      },
      (listener, reason, remoteAddress) => {
        this.counters.handshakesFailed++;
        this.#core.log.debug({ listener, reason, remoteAddress }, "handshake failed");
      },
    );
  }

  #startTimers(): void {
    const { sysIntervalSeconds } = this.#config;
    const { log, router } = this.#core;
    this.#stopTimers.push(
      this.#clock.every(TICK_MS, () => {
        this.#retained.sweep(SWEPT_EACH_TICK);
        router.dropStaleRoutes(SWEPT_EACH_TICK);
        this.#wheel.advance();
      }),
    );
    if (sysIntervalSeconds === 0) return;
    const publisher = new SysPublisher({
      version: `mqttd version ${VERSION}`,
      clock: this.#clock,
      counters: this.counters,
      gauges: () => this.#gauges(),
      publish: (message) => this.#publishOwn(message, null),
    });
    const tick = () => {
      try {
        publisher.tick();
      } catch (error) {
        log.error({ err: error }, "$SYS topics could not be published");
      }
    };
    tick();
    this.#stopTimers.push(this.#clock.every(sysIntervalSeconds * 1000, tick));
  }

  /** What no client waits for: if stores or peers cannot take it, nobody else is to be told. */
  #publishOwn(message: Message, from: Session | null): void {
    const { router, log } = this.#core;
    router.publishMessage(message, from)?.catch((error: unknown) => {
      log.error({ err: error, topic: message.topic }, "a message of the broker's own could not be accepted everywhere");
    });
  }

  #gauges(): Gauges {
    const { registry, router } = this.#core;
    const { held } = this.#sessionContext;
    return {
      sessionsOffline: registry.size - this.counters.clientsConnected,
      subscriptions: router.subscriptionCount,
      sharedSubscriptions: router.sharedSubscriptionCount,
      retainedMessages: this.#retained.size,
      storedMessages: this.#retained.size + held.messages,
      storedBytes: this.#retained.bytes + held.bytes,
      heapBytes: process.memoryUsage().heapUsed,
    };
  }

  #allClosed(withinMs: number): Promise<void> {
    if (this.counters.connectionsOpen === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const started = Date.now();
      const timer = setInterval(() => {
        if (this.counters.connectionsOpen > 0 && Date.now() - started < withinMs) return;
        clearInterval(timer);
        resolve();
      }, 20);
    });
  }
}
