import type { Release } from "@cdktf/provider-helm/lib/release";
import type { IConstruct } from "constructs";
import type { PodSysctl } from "../kernel/pod-sysctls";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";

/** How clients reach a broker. `mqtts` and `wss` are over TLS. */
export type Listener = "mqtt" | "mqtts" | "ws" | "wss";

/** What the pods of a release really set and count on, as rendered. The tuning report compares it with the pool's plan. */
export interface RenderedPod {
  /** `securityContext.sysctls`. */
  readonly sysctls: readonly PodSysctl[];
  /** Connections that each pod is made for. */
  readonly connections: number;
}

/** A broker on a pool, whichever it is. Load tests and outputs know releases by this interface alone. */
export interface IBrokerRelease extends IConstruct {
  /** Nodes its pods run on. */
  readonly pool: IBrokerNodePool;
  readonly namespace: string;
  /** DNS name for clients inside the cluster. */
  readonly host: string;
  /**
   * DNS names of each pod, where `host` stands for all pods' addresses and nothing spreads clients over them: Bun opens a connection to every address and
   * keeps one, Node.js takes the first.
   *
   * @default - `host` has one address, which spreads them
   */
  readonly podHosts?: readonly string[];
  /** Ports at `host`: of the listeners there are, or of one for these clients alone where the others wait for the load balancer's PROXY headers. */
  readonly ports: Readonly<Partial<Record<Listener, number>>>;
  readonly pod: RenderedPod;
  /** Prints the address for clients outside, which the cloud gives the Service once it is there. */
  readonly endpointCommand: string;
  /** Opens the dashboard on http://127.0.0.1:18083 as long as it runs. */
  readonly dashboardCommand: string;
  /** Prints what the dashboard asks for: a token, or the password of the user `admin`. */
  readonly dashboardSecretCommand: string;
  /** For what we did not model. */
  readonly resource: Release;
}

/** What every release takes that runs pods. */
export interface ReleaseOptions {
  /**
   * Name of the release, and what its objects' names begin with: small letters, digits and dashes, at most 52 characters.
   *
   * @default - the broker's name
   */
  readonly releaseName?: string;

  /**
   * Values of the chart on top of everything else, in the chart's own terms: maps are merged, lists and the rest replaced. Checked like ours where
   * the chart has a schema.
   *
   * @default - none
   */
  readonly values?: Readonly<Record<string, unknown>>;

  /**
   * How long an apply waits for the pods to be ready, in seconds.
   *
   * @default 900, and more for many companion brokers, which are replaced one after the other
   */
  readonly timeoutSeconds?: number;
}
