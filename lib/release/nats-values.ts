import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import type { Values } from "./merge-values";
import { podPlacement } from "./pod-placement";
import { mebibytes } from "./quantity";
import { systemTolerations } from "./system-nodes";

interface NatsChoices {
  readonly releaseName: string;
  readonly pool: IBrokerNodePool;
  readonly nodes?: IBrokerNodePool;
  readonly replicas: number;
  readonly disk: string;
  /** How much of it JetStream may fill. */
  readonly storeMiB: number;
  readonly storageClass?: string;
  readonly memory: string;
  readonly cpu: string;
  readonly serverVersion: string;
  readonly credentialsSecret: string;
}

/** Fits the level `restricted` of Pod Security Admission. */
const CONTAINER = { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] }, readOnlyRootFilesystem: true } };
const POD = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: "RuntimeDefault" } },
};

/** Values of the official chart (nats-io/k8s helm/charts/nats, 1.x). It has no schema; `merge` reaches what it does not name. */
export function natsValues(choices: NatsChoices): Values {
  const { releaseName, replicas, disk, storeMiB, storageClass, memory, cpu, serverVersion, credentialsSecret } = choices;
  return {
    fullnameOverride: releaseName,
    config: {
      cluster: replicas > 1 ? { enabled: true, replicas } : { enabled: false },
      jetstream: {
        enabled: true,
        fileStore: {
          enabled: true,
          maxSize: `${storeMiB}Mi`,
          pvc: { enabled: true, size: disk, ...(storageClass !== undefined && { storageClassName: storageClass }) },
        },
        // Everything the brokers keep is in files.
        memoryStore: { enabled: false },
      },
      // The server reads both from its environment: `<< >>` keeps the chart from quoting a variable.
      merge: { authorization: { user: "<< $NATS_USER >>", password: "<< $NATS_PASSWORD >>" } },
    },
    container: {
      image: { tag: `${serverVersion}-alpine` },
      env: {
        NATS_USER: fromSecret(credentialsSecret, "user"),
        NATS_PASSWORD: fromSecret(credentialsSecret, "password"),
        // Go keeps its heap below the limit instead of being killed at it.
        GOMEMLIMIT: `${Math.floor((mebibytes(memory) ?? 0) * 0.9)}MiB`,
      },
      merge: { ...CONTAINER, resources: { requests: { cpu, memory }, limits: { memory } } },
    },
    reloader: { enabled: true, merge: CONTAINER },
    // A pod of tools that nobody needs for the broker.
    natsBox: { enabled: false },
    podDisruptionBudget: { enabled: true },
    podTemplate: {
      topologySpreadConstraints: {
        "kubernetes.io/hostname": { maxSkew: 1, whenUnsatisfiable: replicas > 1 ? "DoNotSchedule" : "ScheduleAnyway" },
        "topology.kubernetes.io/zone": { maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" },
      },
      merge: { spec: { ...POD, ...placement(choices) } },
    },
  };
}

/** On nodes of its own, or on the system pool, where it does not share a machine with the brokers it serves. */
function placement({ pool, nodes, releaseName }: NatsChoices) {
  const { affinity = {}, ...rest } = nodes ? podPlacement(nodes) : { tolerations: systemTolerations(pool) };
  const labelSelector = { matchLabels: { "app.kubernetes.io/name": "nats", "app.kubernetes.io/instance": releaseName } };
  return {
    ...rest,
    affinity: {
      ...affinity,
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 100, podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector } },
        ],
      },
    },
  };
}

function fromSecret(name: string, key: string) {
  return { valueFrom: { secretKeyRef: { name, key } } };
}
