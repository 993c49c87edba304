import type { Architecture, IBrokerNodePool } from "../nodes/broker-node-pool";
import type { Runtime } from "./broker-memory";
import type { Listener, ReleaseOptions } from "./broker-release";
import type { SysctlOverrides } from "./check-pool";
import type { BrokerNamespace } from "./namespace";
import type { NatsRelease } from "./nats-release";
import type { Bytes } from "./quantity";
import type { SecretKey } from "./secret-key";
import type { ServiceOptions } from "./service-options";

/** An image of your own with the broker in it (broker/Dockerfile), or the stock runtime from a mirror. */
export interface BrokerImage {
  /** Repository without the registry's host. */
  readonly repository: string;
  /** Host of the registry. @default - where the nodes look by themselves */
  readonly registry?: string;
  /** Exact version. One of `tag` and `digest` is needed. */
  readonly tag?: string;
  /** Pins the image harder than its tag: `sha256:…`. */
  readonly digest?: string;
  /** Whether the broker is in it, at /opt/mqttd. Otherwise it is a bare runtime and the broker is mounted. @default true */
  readonly hasBroker?: boolean;
  /** What it is built for; held against the pool's machines. @default - not said */
  readonly architectures?: readonly Architecture[];
  /** Names of Secrets to pull with. @default - none */
  readonly pullSecrets?: readonly string[];
}

/** Where the certificate of `mqtts` and `wss` comes from. */
export type BrokerTls =
  /** A Secret of type kubernetes.io/tls. */
  | { readonly secret: string; readonly certManager?: never }
  /** A Certificate for cert-manager, which must be there. */
  | { readonly certManager: CertManagerOptions; readonly secret?: never };

export interface CertManagerOptions {
  readonly issuer: string;
  /** @default "ClusterIssuer" */
  readonly issuerKind?: "ClusterIssuer" | "Issuer";
  /** Names that clients connect to, besides the Service's own. @default - none */
  readonly dnsNames?: readonly string[];
}

/** NATS servers that are there already. */
export interface NatsServers {
  /** For example `nats://nats.nats.svc:4222`, or `tls://`. */
  readonly servers: readonly string[];
  /** Servers that keep each thing; 1 for a single one. @default 3 */
  readonly replicas?: number;
  /** The brokers' user of NATS. @default - none */
  readonly credentials?: SecretKey & { readonly kind: "credentials" | "password" | "token" | "nkey" };
}

/** A disk for what a lone broker acknowledges. */
export interface BrokerDisk {
  /** @default "8Gi" */
  readonly size?: Bytes;
  /** Block storage. @default - "gp2" on EKS, which has no default; the cluster's default elsewhere */
  readonly storageClass?: string;
}

interface CompanionOptions extends ReleaseOptions {
  readonly namespace: BrokerNamespace;

  /** Nodes for the brokers. Placement, sysctls and limits are read from it. */
  readonly pool: IBrokerNodePool;

  /**
   * Connections that each pod takes, and refuses beyond. One pod is one process on one core.
   *
   * @default 50000
   */
  readonly connectionsPerPod?: number;

  /**
   * What runs the broker. Bun needs half of Node.js's memory for a connection, and a tenth of it over TLS.
   *
   * @default "bun"
   */
  readonly runtime?: Runtime;

  /**
   * Image in place of the stock runtime with the broker mounted into it.
   *
   * @default - the stock image of the runtime, by an exact version
   */
  readonly image?: BrokerImage;

  /**
   * How clients reach the broker. `mqtts` and `wss` need `tls`, or TLS that ends at the load balancer.
   *
   * @default ["mqtt"]
   */
  readonly listeners?: readonly Listener[];

  /**
   * Certificate of `mqtts` and `wss`.
   *
   * @default - none
   */
  readonly tls?: BrokerTls;

  /**
   * Connections that the kernel completes before the broker takes them, for each listener. Bounded by `net.core.somaxconn` of the pods.
   *
   * @default - that bound, at most 65535
   */
  readonly backlog?: number;

  /**
   * Password file as `mqttd passwd` writes it.
   *
   * @default - none
   */
  readonly users?: SecretKey;

  /**
   * SCRAM file as `mqttd passwd --scheme scram-sha-256` writes it.
   *
   * @default - none
   */
  readonly scram?: SecretKey;

  /**
   * Access list.
   *
   * @default - none: who is let in may do everything
   */
  readonly acl?: SecretKey;

  /**
   * Whether clients without a user name may connect. Without this, `users`, `scram` or `settings.authentication` is needed.
   *
   * @default false
   */
  readonly allowAnonymous?: boolean;

  /** The Service that clients connect to. @default - see each option */
  readonly service?: ServiceOptions;

  /** @default - metrics are on the admin port, and nobody is told to fetch them */
  readonly metrics?: MetricsOptions;

  /**
   * What `mqttd doctor` does in each pod before the broker starts: compares the pool's plan with what is in force. "required" keeps a pod from starting
   * while a required key is short, "advisory" only says so.
   *
   * @default "required"
   */
  readonly doctor?: "required" | "advisory" | "off";

  /**
   * CPU that each pod asks for, in Kubernetes' terms. Not limited: that would only throttle it.
   *
   * @default "1"
   */
  readonly cpu?: string;

  /**
   * Memory of each pod, as request and limit.
   *
   * @default - worked out of connectionsPerPod, the runtime and TLS: what idle clients take and half of it again
   */
  readonly memory?: Bytes;

  /**
   * Clients a second that a broker sends away when its pod ends. Bounds how long that takes; the chart allows a tenth more than the rate says.
   *
   * @default 1000
   */
  readonly drainRate?: number;

  /**
   * Sysctls of the pods in place of the pool's; `null` leaves one out. The pool must allow them.
   *
   * @default - what the pool's plan has pods set
   */
  readonly sysctls?: SysctlOverrides;

  /**
   * Further settings of the broker, by their names in its configuration file (broker/README.md).
   *
   * @default - none
   */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface MetricsOptions {
  /** Labels that the Prometheus operator selects by; makes a ServiceMonitor. @default - no ServiceMonitor */
  readonly serviceMonitorLabels?: Readonly<Record<string, string>>;
  /** Address of a pushgateway. @default - none */
  readonly pushgateway?: string;
}

/** Brokers that NATS joins to one. */
interface Clustered {
  readonly nats: NatsRelease | NatsServers;
  /** Pods. @default 3 */
  readonly replicas?: number;
  /** What outlives a pod is in NATS. */
  readonly persistence?: never;
}

/** One broker by itself: without NATS, several would be brokers that know nothing of each other. */
interface Alone {
  readonly nats?: undefined;
  readonly replicas?: 1;
  /** Its disk; false keeps everything in memory. @default - 8 GiB of the cluster's default class */
  readonly persistence?: BrokerDisk | false;
}

export type CompanionReleaseProps = CompanionOptions & (Clustered | Alone);
