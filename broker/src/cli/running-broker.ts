import type { Clock } from "../clock.js";
import type { Config } from "../config/config.js";
import type { Log } from "../log.js";

/** What the command line needs of a broker. */
export interface RunningBroker {
  /** Binds all listeners; rejects if one cannot be bound. */
  start(): Promise<void>;
  /** Puts the settings that `load` reads in force, or logs why not and rejects; logs what has changed. */
  reload(load: () => Config): Promise<unknown>;
  /** Takes leave of all clients and closes. */
  stop(): Promise<void>;
  readonly listeners: readonly {
    readonly name: string;
    readonly transport: string;
    readonly address: { readonly host: string; readonly port: number };
  }[];
}

/** Makes a broker that has not started yet. */
export type MakeBroker = (config: Config, parts: { log: Log; clock: Clock; load: () => Config }) => RunningBroker;
