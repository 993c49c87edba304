import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import type { Listener, ReleaseOptions } from "./broker-release";
import type { SysctlOverrides } from "./check-pool";
import type { BrokerTls } from "./companion-props";
import type { BrokerNamespace } from "./namespace";
import type { Bytes } from "./quantity";
import type { SecretKey } from "./secret-key";
import type { ServiceOptions } from "./service-options";

interface EmqxOptions extends ReleaseOptions {
  readonly namespace: BrokerNamespace;

  /** Nodes for EMQX. Placement, sysctls and limits are read from it. */
  readonly pool: IBrokerNodePool;

  /**
   * Pods; an odd number heals by itself after a split network.
   *
   * @default 3
   */
  readonly replicas?: number;

  /**
   * Connections that each pod takes, over all listeners together where they are spread evenly: each listener is bounded by it.
   *
   * @default 200000
   */
  readonly connectionsPerPod?: number;

  /**
   * How clients reach EMQX; listeners that are not named are off. `mqtts` and `wss` need `tls`.
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
   * Processes that accept connections, for each listener. EMQX's own default is 16.
   *
   * @default 64
   */
  readonly acceptors?: number;

  /**
   * Connections that the kernel completes before EMQX takes them, for each listener. EMQX's own default, 1024, makes a larger
   * `net.core.somaxconn` useless.
   *
   * @default - `net.core.somaxconn` of the pods
   */
  readonly backlog?: number;

  /**
   * Ports, and so connections and files, that the Erlang machine is made for (`node.max_ports`): 1,024 to 134,217,727.
   *
   * @default - as many as `connectionsPerPod` takes with a reserve
   */
  readonly maxPorts?: number;

  /**
   * Erlang processes (`node.process_limit`). Read from 6.3 on, and only where it is above twice `maxPorts`; refused for older versions,
   * which ignore it.
   *
   * @default - twice maxPorts, by EMQX itself
   */
  readonly processLimit?: number;

  /**
   * A Secret of your own with the keys `EMQX_DASHBOARD__DEFAULT_PASSWORD` and `EMQX_NODE__COOKIE`.
   *
   * @default - one with generated passwords; the chart's own is "public"
   */
  readonly credentialsSecret?: string;

  /** CPU that each pod asks for, in Kubernetes' terms. @default "2" */
  readonly cpu?: string;

  /**
   * Memory of each pod, as request and limit.
   *
   * @default - 32 KiB a connection and 1 GiB: the vendor's estimate for a million (32 GB)
   */
  readonly memory?: Bytes;

  /** The Service that clients connect to. @default - see each option */
  readonly service?: Pick<ServiceOptions, "type" | "internal" | "sourceRanges" | "annotations">;

  /** Sysctls of the pods in place of the pool's; `null` leaves one out. The pool must allow them. @default - the pool's */
  readonly sysctls?: SysctlOverrides;

  /**
   * Further configuration, by names with dots as in its file (`mqtt.max_packet_size`) or as environment variables.
   *
   * @default - none. EMQX then lets everyone connect: add an authenticator
   */
  readonly config?: Readonly<Record<string, string | number | boolean>>;

  /** Version of EMQX, which is its chart's. @default "5.8.9"; "6.2.2" for the enterprise edition */
  readonly version?: string;

  /** Where the chart is. @default - where the EMQX project has it */
  readonly repository?: string;
}

/** Up to 5.8.9, under the Apache licence. */
interface OpenSource {
  readonly edition?: "open-source";
  readonly licence?: never;
}

/** From 5.9 on, under the Business Source Licence: more than one node in production needs a licence of the vendor's. */
interface Enterprise {
  readonly edition: "enterprise";
  /** Secret with the licence. Only a single node does without. */
  readonly licence?: SecretKey;
}

export type EmqxReleaseProps = EmqxOptions & (OpenSource | Enterprise);
