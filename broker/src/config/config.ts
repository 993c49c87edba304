import type { HttpHookSettings } from "../auth/http-hook.js";
import type { JwtSettings } from "../auth/jwt-settings.js";
import type { Plan } from "../doctor/plan-file.js";
import type { ListenerOptions } from "../transport/listener.js";
import type { AdminConfig } from "./admin-files.js";
import type { AuthenticationEntry } from "./authentication-schema.js";
import type { DrainSettings } from "./drain-schema.js";
import type { MetricsConfig } from "./metrics-files.js";
import type { MqttSettings } from "./mqtt-schema.js";
import type { NatsConfig } from "./nats-files.js";
import type { PasswordHashingSettings } from "./password-hashing-schema.js";
import type { AuthorizationConfig } from "./read-authorization.js";
import type { LimitsConfig } from "./resolve-limits.js";
import type { Settings } from "./settings-schema.js";

/** Everything that the broker is told at start: complete, checked and frozen. What it is for stands with each setting's schema. */
export interface Config {
  /** At least one. */
  readonly listeners: readonly ListenerConfig[];
  readonly mqtt: MqttConfig;
  /** Who may come in, and what the process as a whole can bear. */
  readonly limits: LimitsConfig;
  /** Most connections over all listeners; Infinity without a limit. */
  readonly maxConnections: number;
  /** 0 publishes no `$SYS` topics. */
  readonly sysIntervalSeconds: number;
  readonly shutdownSeconds: number;
  /** Infinity never looks whether files have changed. */
  readonly reloadSeconds: number;
  readonly drain: DrainConfig;
  readonly passwordHashing: Readonly<PasswordHashingSettings>;
  readonly authorization: AuthorizationConfig;
  readonly log: Readonly<Settings["log"]>;
  /** The port for operators; undefined for none. */
  readonly admin: AdminConfig | undefined;
  readonly metrics: MetricsConfig;
  /** Full path of the folder of the store; undefined keeps everything in memory. */
  readonly dataDir: string | undefined;
  /** What joins this broker to others; undefined: it is alone. */
  readonly nats: NatsConfig | undefined;
  /** What the pool of this node was tuned for; undefined: nobody said. */
  readonly plan: Plan | undefined;
}

/** How the broker takes leave of its clients. */
export interface DrainConfig extends Readonly<Omit<DrainSettings, "disconnectRate">> {
  /** Infinity tells all at once. */
  readonly disconnectRate: number;
}

/** What the protocol lets a server decide, and the bounds of what one client can take up. */
export type MqttConfig = Readonly<MqttSettings>;

/** One who is asked about clients, with its files read. */
export type AuthenticatorConfig =
  | (Typed<"password-file"> & WithUsers)
  | (Typed<"scram"> & WithUsers)
  | Typed<"certificate">
  | ({ readonly type: "jwt" } & JwtSettings)
  | ({ readonly type: "http" } & HttpHookSettings);

type Typed<Type extends AuthenticationEntry["type"]> = Readonly<Extract<AuthenticationEntry, { type: Type }>>;

interface WithUsers {
  /** By user name how the password is checked, as in the file; each has been found to be well-formed. */
  readonly users: ReadonlyMap<string, string>;
}

/** A listener with its files read: what the transport needs, and what connections on it are held to. */
export interface ListenerConfig extends ListenerOptions {
  readonly transport: "tcp" | "tls" | "ws" | "wss";
  /** Who is asked about clients, in this order. */
  readonly authentication: readonly AuthenticatorConfig[];
  /** Whether a client without credentials may connect. */
  readonly allowAnonymous: boolean;
  /** Infinity without a limit of its own. */
  readonly maxConnections: number;
  /** CONNECT packets a second; Infinity without a limit of its own. */
  readonly maxConnectRate: number;
  /** Addresses and CIDR blocks that may connect, besides what holds for all listeners; empty for all. */
  readonly allowAddresses: readonly string[];
  readonly denyAddresses: readonly string[];
  readonly connectTimeoutSeconds: number;
  readonly maxPacketBytes: number;
  /** PUBLISH packets and bytes a second from each client; Infinity without a limit. */
  readonly maxMessageRate: number;
  readonly maxByteRate: number;
}
