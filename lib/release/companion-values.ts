import type { PodSysctl } from "../kernel/pod-sysctls";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import { brokerMemoryMiB, type Runtime } from "./broker-memory";
import type { Listener } from "./broker-release";
import type { BrokerImage, BrokerTls, CompanionReleaseProps, MetricsOptions, NatsServers } from "./companion-props";
import type { Values } from "./merge-values";
import { NatsRelease } from "./nats-release";
import { podPlacement } from "./pod-placement";
import { type SecretKey, secretName } from "./secret-key";
import { usualStorageClass } from "./storage-class";

/** Props with every default filled in that more than the values depend on. */
export interface CompanionChoices {
  readonly releaseName: string;
  readonly connections: number;
  readonly runtime: Runtime;
  readonly listeners: readonly Listener[];
  readonly backlog: number;
  readonly sysctls: readonly PodSysctl[];
  readonly drainRate: number;
  /** The broker itself speaks TLS. */
  readonly tls: boolean;
}

/** Values of the chart `mqttd`, without those of the Service. */
export function companionValues(props: CompanionReleaseProps, choices: CompanionChoices): Values {
  const { pool, doctor = "required", cpu = "1", settings = {} } = props;
  const { connections, runtime, sysctls, tls } = choices;
  const replicas = props.nats ? (props.replicas ?? 3) : 1;
  const memory = props.memory ?? `${brokerMemoryMiB({ connectionsPerPod: connections, replicas, runtime, tls })}Mi`;
  return {
    fullnameOverride: choices.releaseName,
    runtime,
    ...imageValues(props.image),
    resources: { requests: { cpu, memory }, limits: { memory } },
    replicaCount: replicas,
    connectionsPerPod: connections,
    listeners: listenerValues(choices),
    ...(tls && props.tls && { tls: tlsValues(props.tls) }),
    auth: {
      allowAnonymous: props.allowAnonymous,
      users: existingSecret(props.users),
      scram: existingSecret(props.scram),
      acl: existingSecret(props.acl),
    },
    config: settings,
    ...(props.nats ? { nats: natsValues(props.nats), persistence: { enabled: false } } : diskValues(pool, props.persistence)),
    drain: { disconnectRate: choices.drainRate },
    metrics: props.metrics && metricsValues(props.metrics),
    doctor: { enabled: doctor !== "off", failClosed: doctor === "required" },
    podSecurityContext: { sysctls: [...sysctls] },
    ...podPlacement(pool),
    hostNetwork: pool.tuning.hostNetwork,
  };
}

function imageValues(image: BrokerImage | undefined): Values {
  if (!image) return {};
  const { registry, repository, tag, digest, pullSecrets = [], hasBroker = true } = image;
  return { image: { registry, repository, tag, digest, pullSecrets: [...pullSecrets] }, bundle: { enabled: !hasBroker } };
}

function listenerValues({ listeners, backlog, tls }: CompanionChoices): Values {
  // Where the load balancer ends TLS, the broker hears plain MQTT and WebSocket.
  const own = tls ? listeners : listeners.map((listener) => (listener === "mqtts" ? "mqtt" : listener === "wss" ? "ws" : listener));
  const enabled = (listener: Listener) => ({ enabled: own.includes(listener) });
  return { backlog, mqtt: enabled("mqtt"), mqtts: enabled("mqtts"), ws: enabled("ws"), wss: enabled("wss") };
}

function tlsValues({ secret, certManager }: BrokerTls): Values {
  if (!certManager) return { existingSecret: secret };
  const { issuer, issuerKind = "ClusterIssuer", dnsNames = [] } = certManager;
  return { certManager: { enabled: true, issuerRef: { name: issuer, kind: issuerKind }, dnsNames: [...dnsNames] } };
}

function existingSecret(reference: SecretKey | undefined): Values | undefined {
  return reference && { existingSecret: secretName(reference), existingSecretKey: reference.key };
}

function natsValues(nats: NatsRelease | NatsServers): Values {
  if (nats instanceof NatsRelease) {
    return {
      servers: [...nats.servers],
      replicas: nats.replicas,
      credentials: { kind: "password", existingSecret: nats.credentialsSecret, existingSecretKey: "nats" },
    };
  }
  const { servers, replicas = 3, credentials } = nats;
  return {
    servers: [...servers],
    replicas,
    credentials: credentials && { kind: credentials.kind, existingSecret: secretName(credentials), existingSecretKey: credentials.key },
  };
}

function diskValues(pool: IBrokerNodePool, persistence: CompanionReleaseProps["persistence"]): Values {
  if (persistence === false) return { persistence: { enabled: false } };
  const { size = "8Gi", storageClass = usualStorageClass(pool) } = persistence ?? {};
  return { persistence: { enabled: true, size, storageClass } };
}

function metricsValues({ serviceMonitorLabels, pushgateway }: MetricsOptions): Values {
  return {
    serviceMonitor: serviceMonitorLabels && { enabled: true, labels: serviceMonitorLabels },
    pushgateway: pushgateway === undefined ? undefined : { url: pushgateway },
  };
}
