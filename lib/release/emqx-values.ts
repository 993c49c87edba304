import type { PodSysctl } from "../kernel/pod-sysctls";
import type { Listener } from "./broker-release";
import type { BrokerTls } from "./companion-props";
import type { EmqxReleaseProps } from "./emqx-props";
import type { Values } from "./merge-values";
import { podPlacement } from "./pod-placement";
import { secretName } from "./secret-key";
import { cloudOf, serviceAnnotations } from "./service-options";

/** What is worked out from props and pool. */
export interface EmqxChoices {
  readonly releaseName: string;
  readonly replicas: number;
  readonly connections: number;
  readonly listeners: readonly Listener[];
  readonly backlog: number;
  readonly maxPorts: number;
  readonly sysctls: readonly PodSysctl[];
  readonly credentialsSecret: string;
}

/** EMQX's names of listeners, and the Service's of their ports. */
const LISTENERS = {
  mqtt: { name: "TCP", port: "mqtt", number: 1883 },
  mqtts: { name: "SSL", port: "mqttssl", number: 8883 },
  ws: { name: "WS", port: "ws", number: 8083 },
  wss: { name: "WSS", port: "wss", number: 8084 },
} as const satisfies Record<Listener, object>;

/** Ports of the Service. */
export const EMQX_PORTS: Readonly<Record<Listener, number>> = { mqtt: 1883, mqtts: 8883, ws: 8083, wss: 8084 };

/** Where the charts mount the certificate. */
const CERTIFICATE = { CERTFILE: "/tmp/ssl/tls.crt", KEYFILE: "/tmp/ssl/tls.key" };

/** Vendor's estimate: 32 GB for a million connections (the estimate calculator, as the-guide.md has it). */
const KIB_PER_CONNECTION = 32;

/** Values that the charts `emqx` 5.8 and `emqx-enterprise` have alike. Numbers are text: Helm may print large ones with an exponent. */
export function emqxValues(props: EmqxReleaseProps, choices: EmqxChoices): Values {
  const { pool, cpu = "2", memory = `${1024 + Math.ceil((choices.connections * KIB_PER_CONNECTION) / 1024)}Mi`, tls, licence } = props;
  return {
    fullnameOverride: choices.releaseName,
    replicaCount: choices.replicas,
    emqxConfig: emqxConfig(props, choices),
    envFromSecret: choices.credentialsSecret,
    ...(licence && { emqxLicenseSecretRef: { name: secretName(licence), key: licence.key } }),
    resources: { requests: { cpu, memory }, limits: { memory } },
    podSecurityContext: {
      enabled: true,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
      sysctls: [...choices.sysctls],
    },
    containerSecurityContext: { enabled: true, allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    ...podPlacement(pool),
    // The charts put their own label selector into each (emqx/emqx#11185).
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" },
      { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
    ],
    pdb: { enabled: true, maxUnavailable: 1 },
    // A changed configuration replaces the pods.
    recreatePods: true,
    ...(tls && { ssl: sslValues(tls) }),
    service: serviceValues(props, choices),
  };
}

function emqxConfig({ acceptors = 64, processLimit, config = {}, tls }: EmqxReleaseProps, choices: EmqxChoices): Record<string, string> {
  const ours: Record<string, string> = {
    EMQX_CLUSTER__DISCOVERY_STRATEGY: "dns",
    EMQX_NODE__MAX_PORTS: String(choices.maxPorts),
    ...(processLimit !== undefined && { EMQX_NODE__PROCESS_LIMIT: String(processLimit) }),
    // Empty ones are left out, so that the Secret's stand instead of the chart's "public".
    EMQX_DASHBOARD__DEFAULT_PASSWORD: "",
  };
  for (const [listener, { name }] of Object.entries(LISTENERS)) {
    const prefix = `EMQX_LISTENERS__${name}__DEFAULT__`;
    const enabled = choices.listeners.includes(listener as Listener);
    ours[`${prefix}ENABLE`] = String(enabled);
    if (!enabled) continue;
    ours[`${prefix}ACCEPTORS`] = String(acceptors);
    ours[`${prefix}MAX_CONNECTIONS`] = String(choices.connections);
    ours[`${prefix}TCP_OPTIONS__BACKLOG`] = String(choices.backlog);
    if (!tls || (listener !== "mqtts" && listener !== "wss")) continue;
    for (const [file, path] of Object.entries(CERTIFICATE)) ours[`${prefix}SSL_OPTIONS__${file}`] = path;
  }
  for (const [key, value] of Object.entries(config)) ours[environmentName(key)] = String(value);
  return ours;
}

/** `mqtt.max_packet_size` as the environment has it. The charts do the same; done here so that a key has one name. */
export function environmentName(key: string): string {
  return `EMQX_${key
    .trim()
    .toUpperCase()
    .replace(/^EMQX[_.]/, "")
    .replaceAll(".", "__")}`;
}

function sslValues({ secret, certManager }: BrokerTls): Values {
  if (!certManager) return { enabled: true, useExisting: true, existingName: secret };
  const { issuer, issuerKind = "ClusterIssuer", dnsNames = [] } = certManager;
  return { enabled: true, useExisting: false, dnsnames: [...dnsNames], issuer: { name: issuer, kind: issuerKind } };
}

function serviceValues({ pool, service = {} }: EmqxReleaseProps, { listeners }: EmqxChoices): Values {
  const cloud = cloudOf(pool);
  const { type = cloud === "none" ? "ClusterIP" : "LoadBalancer", internal = true, sourceRanges = [], annotations = {} } = service;
  const ports = Object.entries(LISTENERS).map(([listener, { port, number }]) => [
    port,
    listeners.includes(listener as Listener) ? number : 0,
  ]);
  return {
    type,
    ...Object.fromEntries(ports),
    // 0 leaves a port out. The dashboard's would be on the load balancer with the rest.
    dashboard: 0,
    externalTrafficPolicy: type === "ClusterIP" ? undefined : "Local",
    loadBalancerSourceRanges: [...sourceRanges],
    annotations: { ...(type === "LoadBalancer" && serviceAnnotations(cloud, internal)), ...annotations },
  };
}
