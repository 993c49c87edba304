import { errors, type NatsConnection, type Status } from "@nats-io/transport-node";
import type { Log } from "../../log.js";
import type { Backoff } from "./backoff.js";
import type { EngineState } from "./engine.js";
import { EngineUnavailableError } from "./engine-errors.js";

export interface ConnectionWatchOptions {
  readonly log: Log;
  readonly backoff: Backoff;
  /** How long after a disconnection calls still wait for the connection to come back. */
  readonly patienceMs: number;
  readonly onDisconnected: () => void;
  readonly onReconnected: () => void;
  /** The server does not let its user publish or subscribe to a subject. */
  readonly onForbidden: (operation: "publish" | "subscription", subject: string) => void;
}

/** Knows whether the connection is there, and lets others wait for it. */
export class ConnectionWatch {
  readonly #connection: NatsConnection;
  readonly #options: ConnectionWatchOptions;
  readonly #listeners = new Set<(state: EngineState) => void>();
  #state: EngineState;
  #outage: Outage | undefined;
  #hasStopped = false;

  constructor(connection: NatsConnection, options: ConnectionWatchOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#state = { isConnected: true, sinceMs: Date.now(), server: connection.getServer() };
    void this.#run();
  }

  get state(): EngineState {
    return this.#state;
  }

  onState(listener: (state: EngineState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when connected; rejects if the connection has been gone for longer than `patienceMs`. */
  connected(): Promise<void> {
    return this.#outage?.over ?? Promise.resolve();
  }

  stop(): void {
    this.#hasStopped = true;
    this.#disconnected("the broker has closed the connection to NATS");
    this.#outage?.giveUp();
  }

  async #run(): Promise<void> {
    for await (const status of this.#connection.status()) if (!this.#hasStopped) this.#take(status);
    // The library has given up, which it is told never to do.
    if (this.#hasStopped) return;
    this.#disconnected("the library has given up");
    this.#options.log.error({ err: await this.#connection.closed() }, "NATS is not connected to any more: restart the broker");
  }

  #take(status: Status): void {
    const { log, onForbidden } = this.#options;
    switch (status.type) {
      case "staleConnection":
        this.#disconnected("silent");
        destroySocket(this.#connection);
        break;
      case "disconnect":
        this.#disconnected("closed");
        break;
      case "reconnect":
        this.#reconnected(status.server);
        break;
      case "error":
        if (!(status.error instanceof errors.PermissionViolationError)) log.warn({ err: status.error }, "NATS reports an error");
        else {
          log.error({ err: status.error, subject: status.error.subject }, "the NATS user has no permission for a subject");
          onForbidden(status.error.operation, status.error.subject);
        }
        break;
      case "ldm":
        log.info({ server: status.server }, "the NATS server is about to stop");
        break;
    }
  }

  #disconnected(why: string): void {
    if (!this.#state.isConnected) return;
    const { server } = this.#state;
    if (!this.#hasStopped) this.#options.log.warn({ server, why }, "NATS is out of reach");
    this.#outage = new Outage(this.#options.patienceMs);
    this.#change({ isConnected: false, sinceMs: Date.now(), server });
    this.#options.onDisconnected();
  }

  #reconnected(server: string): void {
    const outageMs = Date.now() - this.#state.sinceMs;
    this.#options.log.info({ server, outageMs }, "NATS is connected again");
    this.#options.backoff.reset();
    this.#options.onReconnected();
    this.#change({ isConnected: true, sinceMs: Date.now(), server });
    this.#outage?.end();
    this.#outage = undefined;
  }

  #change(state: EngineState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

/**
 * A silent server's connection is closed by the library only when all that was written to it has gone out, which is never if the server
 * is frozen or cut off with more on the way than the system buffers (seen with transport-node 3.4.0). What the library keeps to itself is
 * reached for here and nowhere else.
 */
function destroySocket(connection: NatsConnection): void {
  const { protocol } = connection as { readonly protocol?: { readonly transport?: { readonly socket?: { destroy(): void } } } };
  protocol?.transport?.socket?.destroy();
}

/** One time without a connection; who calls meanwhile waits for its end, though not for long. */
class Outage {
  readonly over: Promise<void>;
  end!: () => void;
  giveUp!: () => void;

  constructor(patienceMs: number) {
    this.over = new Promise((resolve, reject) => {
      this.giveUp = () => {
        clearTimeout(timer);
        reject(new EngineUnavailableError("NATS is out of reach", { isOutcomeUnknown: false }));
      };
      const timer = setTimeout(this.giveUp, patienceMs);
      this.end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.over.catch(() => {}); // nobody may be waiting
  }
}
