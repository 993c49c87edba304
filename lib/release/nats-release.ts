import type { Release } from "@cdktf/provider-helm/lib/release";
import { Construct } from "constructs";
import { InvalidPropsError } from "../errors";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import type { ReleaseOptions } from "./broker-release";
import { NATS_CHART_VERSION, NATS_REPOSITORY, NATS_VERSION } from "./chart-sources";
import { GeneratedSecret } from "./generated-secret";
import { installRelease } from "./install-release";
import { mergeValues } from "./merge-values";
import type { BrokerNamespace } from "./namespace";
import { natsValues } from "./nats-values";
import { type Bytes, mebibytes } from "./quantity";
import { usualStorageClass } from "./storage-class";

export interface NatsReleaseProps extends ReleaseOptions {
  readonly namespace: BrokerNamespace;

  /** The brokers' pool. NATS keeps off it, on the cluster's system pool, unless `nodes` gives it one of its own. */
  readonly pool: IBrokerNodePool;

  /**
   * A pool of NATS' own.
   *
   * @default - the cluster's system pool
   */
  readonly nodes?: IBrokerNodePool;

  /**
   * Servers: 1, for trying it out, 3 or 5. Three keep everything while one is away.
   *
   * @default 3
   */
  readonly replicas?: 1 | 3 | 5;

  /**
   * Disk of each server, which JetStream may fill to nine tenths.
   *
   * @default "50Gi"
   */
  readonly disk?: Bytes;

  /**
   * Class of the disks: block storage, not a shared file system.
   *
   * @default - "gp2" on EKS, which has no default; the cluster's default elsewhere
   */
  readonly storageClass?: string;

  /**
   * Memory of each server, as request and limit. A million messages under a million subjects took 285 MB of a server's (design D7, measured).
   *
   * @default "2Gi"
   */
  readonly memory?: Bytes;

  /**
   * CPU that each server asks for, in Kubernetes' terms.
   *
   * @default "500m"
   */
  readonly cpu?: string;

  /**
   * A Secret of your own with the keys `user`, `password` and `nats`, the last being both with a colon between.
   *
   * @default - one with a generated password
   */
  readonly credentialsSecret?: string;

  /**
   * Version of nats-server, 2.11 or newer.
   *
   * @default "2.15.2"
   */
  readonly serverVersion?: string;

  /**
   * Version of the official chart.
   *
   * @default "1.2.8"
   */
  readonly chartVersion?: string;

  /**
   * Where the chart is.
   *
   * @default - where the NATS project has it
   */
  readonly repository?: string;
}

/** Oldest server with what the brokers' streams use: message TTL and subject delete markers. */
const OLDEST_SERVER = "2.11";

/** NATS servers with JetStream, which join brokers to one: the official chart. */
export class NatsRelease extends Construct {
  /** URLs for the brokers. */
  readonly servers: readonly string[];
  /** Secret with the keys `user`, `password` and `nats`. */
  readonly credentialsSecret: string;
  readonly replicas: number;
  readonly namespace: BrokerNamespace;
  /** For what we did not model, and for `dependsOn`. */
  readonly resource: Release;

  /** @throws InvalidPropsError */
  constructor(scope: Construct, id: string, props: NatsReleaseProps) {
    super(scope, id);
    const { namespace, pool, nodes, replicas = 3, disk = "50Gi", memory = "2Gi", cpu = "500m" } = props;
    const { releaseName = "nats", serverVersion = NATS_VERSION, values = {}, storageClass = usualStorageClass(pool) } = props;
    checkReplicas(this, replicas);
    checkServer(this, serverVersion);
    const diskMiB = bytesOf(this, "disk", disk);
    bytesOf(this, "memory", memory);

    const credentials = props.credentialsSecret ?? this.#generateCredentials(namespace, releaseName);
    this.credentialsSecret = typeof credentials === "string" ? credentials : credentials.secretName;
    this.namespace = namespace;
    this.replicas = replicas;
    this.servers = [`nats://${releaseName}.${namespace.name}.svc:4222`];

    this.resource = installRelease(this, {
      name: releaseName,
      namespace: namespace.name,
      chart: "nats",
      repository: props.repository ?? NATS_REPOSITORY,
      version: props.chartVersion ?? NATS_CHART_VERSION,
      values: mergeValues(
        natsValues({
          releaseName,
          pool,
          nodes,
          replicas,
          disk,
          // Full disks stop a server; nine tenths leave room for its own files and for what is deleted later than it is written.
          storeMiB: Math.floor(diskMiB * 0.9),
          storageClass,
          memory,
          cpu,
          serverVersion,
          credentialsSecret: this.credentialsSecret,
        }),
        values,
      ),
      timeoutSeconds: props.timeoutSeconds,
      dependsOn: [namespace.resource, ...(typeof credentials === "string" ? [] : [credentials.resource])],
    });
  }

  #generateCredentials(namespace: BrokerNamespace, releaseName: string): GeneratedSecret {
    return new GeneratedSecret(this, "Credentials", {
      namespace,
      name: `${releaseName}-credentials`,
      passwords: { password: 32 },
      texts: { user: "mqttd", nats: "mqttd:<password>" },
    });
  }
}

function checkReplicas(release: NatsRelease, replicas: number): void {
  if ([1, 3, 5].includes(replicas)) return;
  throw new InvalidPropsError(
    release,
    "replicas",
    `is ${replicas}; write 1, 3 or 5: servers agree by majority, so an even one more only adds one that may fail`,
  );
}

function checkServer(release: NatsRelease, version: string): void {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST_SERVER.split(".").map(Number);
  if (Number(major) > oldestMajor! || (Number(major) === oldestMajor && Number(minor) >= oldestMinor!)) return;
  throw new InvalidPropsError(
    release,
    "serverVersion",
    `is '${version}'; write a version from ${OLDEST_SERVER}.0 on, for example '${NATS_VERSION}'`,
  );
}

function bytesOf(release: NatsRelease, prop: string, quantity: string): number {
  const mib = mebibytes(quantity);
  if (mib !== undefined && mib >= 256) return mib;
  throw new InvalidPropsError(release, prop, `is '${quantity}'; write a whole number of Mi, Gi or Ti, at least 256Mi, for example '2Gi'`);
}
