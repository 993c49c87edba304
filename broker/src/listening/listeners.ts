import { SYSTEM_CLOCK } from "../clock.js";
import type { ListenerConfig } from "../config/config.js";
import type { ListenerContext } from "../connection/connection-context.js";
import { createListener } from "../transport/create-listener.js";
import type { Admits, HandshakeFailed, Listener } from "../transport/listener.js";
import type { Socket, SocketReceiver } from "../transport/socket.js";
import type { ListenerTerms } from "./listener-terms.js";

export interface ListenersOptions {
  /** Whether a connection may stay that has just been made. */
  readonly admits: (listener: string, remote: Parameters<Admits>[0]) => boolean;
  readonly accept: (socket: Socket, context: ListenerContext) => SocketReceiver;
  readonly handshakeFailed: HandshakeFailed;
}

export interface BoundListener {
  readonly name: string;
  readonly transport: ListenerConfig["transport"];
  readonly address: { readonly host: string; readonly port: number };
}

/** A listener as operators see it. */
export interface ListenerStatus extends BoundListener {
  readonly isRunning: boolean;
  readonly proxyProtocol: boolean;
  /** Of a WebSocket; undefined for what is none. */
  readonly path: string | undefined;
  /** Open now. */
  readonly connections: number;
  readonly maxConnections: number;
  readonly maxConnectRate: number;
}

interface Entry {
  readonly listener: Listener;
  readonly context: ListenerContext;
  config: ListenerConfig;
  /** False while it is bound only to see whether it can be. */
  isOpen: boolean;
  /** An operator has stopped it, until one starts it again. */
  isStopped: boolean;
}

/** All listeners of a broker, some of which may come and go while it runs. */
export class Listeners {
  readonly #options: ListenersOptions;
  #entries: readonly Entry[];

  constructor(configs: readonly ListenerConfig[], termsOf: (config: ListenerConfig) => ListenerTerms, options: ListenersOptions) {
    this.#options = options;
    this.#entries = configs.map((config) => this.#entry(config, termsOf(config)));
  }

  get bound(): readonly BoundListener[] {
    return this.#entries.map(({ listener, config }) => ({ name: listener.name, transport: config.transport, address: listener.address }));
  }

  get all(): readonly ListenerStatus[] {
    return this.#entries.map(({ listener, context, config, isOpen, isStopped }) => ({
      ...{ name: listener.name, transport: config.transport, address: listener.address },
      isRunning: isOpen && !isStopped,
      proxyProtocol: config.proxyProtocol !== undefined,
      path: config.webSocket?.path,
      connections: context.connections,
      ...{ maxConnections: config.maxConnections, maxConnectRate: config.maxConnectRate },
    }));
  }

  /** Accepts nobody by one of them any more; connections stay open. Does nothing if it is stopped. */
  async stopOne(name: string): Promise<void> {
    const entry = this.#entries.find(({ config }) => config.name === name);
    if (entry === undefined || entry.isStopped) return;
    entry.isStopped = true;
    await entry.listener.stop();
  }

  /** Accepts connections by it again; rejects if it cannot be bound. Does nothing if it is not stopped. */
  async startOne(name: string): Promise<void> {
    const entry = this.#entries.find(({ config }) => config.name === name);
    if (entry === undefined || !entry.isStopped) return;
    await entry.listener.start();
    entry.isStopped = false;
  }

  /** Binds all; rejects at the first that cannot be bound. */
  async start(): Promise<void> {
    for (const entry of this.#entries) {
      entry.isOpen = true;
      await entry.listener.start();
    }
  }

  /** Accepts nobody any more. */
  async stop(): Promise<void> {
    await Promise.all(this.#entries.map(({ listener }) => listener.stop()));
  }

  /**
   * Makes other settings ready: binds listeners that are new, and looks whether the others can have theirs. Rejects with all that is
   * wrong; then, and after `discard`, everything is as before. Connections of a listener that goes stay open.
   */
  async prepare(
    configs: readonly ListenerConfig[],
    termsOf: (config: ListenerConfig) => ListenerTerms,
  ): Promise<{ apply(): void; discard(): Promise<void> }> {
    const problems: string[] = [];
    const started: Entry[] = [];
    const changes: (() => void)[] = [];
    const next: Entry[] = [];
    for (const config of configs) {
      try {
        const kept = this.#entries.find((entry) => entry.config.name === config.name && entry.config.port === config.port);
        const terms = termsOf(config);
        if (kept !== undefined) changes.push(changeOf(kept, config, terms));
        const entry = kept ?? this.#entry(config, terms);
        if (kept === undefined) await entry.listener.start();
        if (kept === undefined) started.push(entry);
        next.push(entry);
      } catch (error) {
        problems.push((error as Error).message);
      }
    }
    const discard = async () => {
      await Promise.all(started.map(({ listener }) => listener.stop()));
    };
    if (problems.length > 0) {
      await discard();
      throw Object.assign(new Error(problems.join("; ")), { problems });
    }
    const apply = () => {
      for (const change of changes) change();
      const gone = this.#entries.filter((entry) => !next.includes(entry));
      for (const entry of next) entry.isOpen = true;
      this.#entries = next;
      for (const { listener } of gone) void listener.stop();
    };
    return { apply, discard };
  }

  #entry(config: ListenerConfig, terms: ListenerTerms): Entry {
    const context: ListenerContext = { ...terms, name: config.name, connections: 0 };
    const { accept, admits, handshakeFailed } = this.#options;
    const mayStay: Admits = (remote) => entry.isOpen && admits(config.name, remote);
    const listener = createListener(config, (socket) => accept(socket, context), handshakeFailed, SYSTEM_CLOCK, mayStay);
    const entry: Entry = { listener, context, config, isOpen: false, isStopped: false };
    return entry;
  }
}

function changeOf(entry: Entry, config: ListenerConfig, terms: ListenerTerms): () => void {
  const changeLayers = entry.listener.prepare(config);
  return () => {
    changeLayers();
    Object.assign(entry.context, terms);
    entry.config = config;
  };
}
