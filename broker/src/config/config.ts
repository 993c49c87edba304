import type { ListenerOptions } from "../transport/listener.js";
import type { MqttSettings } from "./mqtt-schema.js";
import type { Settings } from "./settings-schema.js";

/** Everything that the broker is told at start: complete, checked and frozen. What it is for stands with each setting's schema. */
export interface Config {
  /** At least one. */
  readonly listeners: readonly ListenerConfig[];
  readonly mqtt: MqttConfig;
  /** Most connections over all listeners; Infinity without a limit. */
  readonly maxConnections: number;
  /** 0 publishes no `$SYS` topics. */
  readonly sysIntervalSeconds: number;
  readonly shutdownSeconds: number;
  readonly log: Readonly<Settings["log"]>;
}

/** What the protocol lets a server decide, and the bounds of what one client can take up. */
export type MqttConfig = Readonly<MqttSettings>;

/** A listener with its files read: what the transport needs, and what connections on it are held to. */
export interface ListenerConfig extends ListenerOptions {
  readonly transport: "tcp" | "tls" | "ws" | "wss";
  /** Whether a client without credentials may connect. */
  readonly allowAnonymous: boolean;
  /** Infinity without a limit of its own. */
  readonly maxConnections: number;
  readonly connectTimeoutSeconds: number;
  readonly maxPacketBytes: number;
}
