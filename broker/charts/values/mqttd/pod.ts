import * as z from "zod";
import {
  affinity,
  choice,
  environmentVariable,
  flag,
  handedThrough,
  list,
  map,
  objectName,
  objects,
  orNull,
  quantity,
  section,
  spreadConstraint,
  sysctl,
  text,
  toleration,
  whole,
} from "../kinds.js";

const seconds = { min: 1, max: 3_600 };
const successes = "How many succeed until it counts";
const onlyOne = whole(`${successes}; Kubernetes takes 1 alone here`, { min: 1, max: 1 }, 1);
const several = whole(successes, { min: 1, max: 100 }, 1);

const probe = (
  description: string,
  { period, failures, successThreshold }: { period: number; failures: number; successThreshold: typeof several },
) =>
  section(description, {
    enabled: flag("Whether there is one", true),
    initialDelaySeconds: whole("Before the first", { min: 0, max: 3_600 }, 0),
    periodSeconds: whole("Between two", seconds, period),
    timeoutSeconds: whole("How long one may take", seconds, 5),
    failureThreshold: whole("How many fail until it counts", { min: 1, max: 1_000 }, failures),
    successThreshold,
  });

const spread = (description: string) =>
  section(description, {
    enabled: flag("Whether to", true),
    maxSkew: whole("How many more brokers one may have than another", { min: 1, max: 100 }, 1),
    whenUnsatisfiable: choice("What happens where that cannot be", ["ScheduleAnyway", "DoNotSchedule"], "ScheduleAnyway"),
  });

const percentOrCount = z.union([z.int().min(0), z.string().regex(/^[0-9]{1,3}%$/)]);

/** Where the pods run, as whom, and how many. */
export const podValues = {
  podSecurityContext: section("Security context of the pods", {
    runAsUser: whole("User; the stock images have 1000", { min: 1, max: 2_147_483_647 }, 1_000),
    runAsGroup: whole("Group", { min: 1, max: 2_147_483_647 }, 1_000),
    fsGroup: whole("Group of the files in volumes", { min: 1, max: 2_147_483_647 }, 1_000),
    fsGroupChangePolicy: choice("When those files are given to it", ["OnRootMismatch", "Always"], "OnRootMismatch"),
    supplementalGroups: list("Further groups", z.int().min(1)),
    sysctls: list(
      "Kernel settings of the pods' network namespace. Unsafe ones must be allowed by the kubelets (allowedUnsafeSysctls of the node pool) and by the namespace (Pod Security Admission: privileged)",
      sysctl,
      [],
      [{ name: "net.core.somaxconn", value: "32768" }],
    ),
  }),
  nodeSelector: map("Labels that nodes must have", { dedicated: "mqtt-broker" }),
  tolerations: list(
    "Taints that are tolerated",
    toleration,
    [],
    [{ key: "dedicated", operator: "Equal", value: "mqtt-broker", effect: "NoSchedule" }],
  ),
  affinity: affinity
    .meta({ description: "Affinity. With sysctls require the tuned nodes here too: a toleration alone lets pods onto others" })
    .default({}),
  topologySpread: section("How the brokers spread", {
    zones: spread("Over zones"),
    hosts: spread("Over nodes"),
  }),
  topologySpreadConstraints: list("Replaces topologySpread", spreadConstraint),
  priorityClassName: text("Priority class"),
  schedulerName: text("Scheduler"),
  runtimeClassName: text("Runtime class"),
  hostNetwork: flag("Whether pods use the node's network; they may set no net.* sysctl then, and one fits on a node", false),
  dnsPolicy: choice("DNS policy; by hostNetwork, unless given", ["", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"], ""),
  dnsConfig: handedThrough("DNS settings"),
  hostAliases: objects("Entries of /etc/hosts"),
  startupProbe: probe("Until it is ready for the first time (/readyz)", { period: 5, failures: 60, successThreshold: onlyOne }),
  livenessProbe: probe("Whether it is to be started again (/healthz)", { period: 20, failures: 6, successThreshold: onlyOne }),
  readinessProbe: probe("Whether it takes clients (/readyz)", { period: 5, failures: 2, successThreshold: several }),
  lifecycleHooks: handedThrough("Replaces the hooks of the container; preStop waits for drain.preStopSeconds, unless given"),
  podManagementPolicy: choice("Whether brokers start and end together", ["Parallel", "OrderedReady"], "Parallel"),
  updateStrategy: section("How pods are replaced", {
    type: choice("One by one, or only when somebody deletes them", ["RollingUpdate", "OnDelete"], "RollingUpdate"),
    partition: whole("Pods with a lower number keep their revision", { min: 0, max: 1_000 }, 0),
  }),
  minReadySeconds: whole(
    "How long a new broker is ready before the next one is replaced; spreads out the wave of reconnecting clients",
    { min: 0, max: 3_600 },
    10,
  ),
  revisionHistoryLimit: whole("Former revisions that are kept", { min: 0, max: 100 }, 10),
  pdb: section("PodDisruptionBudget", {
    create: flag("Whether to make one", true),
    minAvailable: orNull("Brokers that must stay, as a number or a percentage", percentOrCount),
    maxUnavailable: orNull("Brokers that may go at a time; 1, unless either is given", percentOrCount),
    unhealthyPodEvictionPolicy: choice("Whether pods that are not ready count", ["AlwaysAllow", "IfHealthyBudget"], "AlwaysAllow"),
  }),
  autoscaling: section("HorizontalPodAutoscaler; needs nats.servers", {
    enabled: flag("Whether to make one; replicaCount does not count then", false),
    minReplicas: whole("Fewest brokers", { min: 1, max: 1_000 }, 3),
    maxReplicas: whole("Most brokers", { min: 1, max: 1_000 }, 10),
    targetConnections: orNull(
      "Clients per broker, by a custom metric; worked out as 70 % of connectionsPerPod where there is no other target",
      z.int().min(1),
    ),
    connectionsMetric: text("Name of that metric in custom.metrics.k8s.io, as your adapter calls it", "mqttd_clients_connected"),
    targetCPU: orNull("CPU in percent of what is requested", z.int().min(1).max(100)),
    behavior: handedThrough("How fast; one broker less in ten minutes, unless given, since each that goes sends its clients away"),
  }),
  serviceAccount: section("Service account; no token of it is mounted", {
    create: flag("Whether to make one", true),
    name: objectName("Its name; the chart's full name, or default, unless given"),
    annotations: map("Its annotations"),
  }),
  podLabels: map("Further labels of the pods"),
  podAnnotations: map("Further annotations of the pods"),
  extraEnv: list("Further environment variables; settings of mqttd as MQTTD_…", environmentVariable, [], [{ name: "TZ", value: "UTC" }]),
  extraVolumes: objects("Further volumes", [{ name: "jwt", secret: { secretName: "jwt-keys" } }]),
  extraVolumeMounts: objects("Where they are mounted", [{ name: "jwt", mountPath: "/run/secrets/jwt", readOnly: true }]),
  initContainers: objects("Further init containers, after the doctor"),
  sidecars: objects("Further containers"),
  extraDeploy: objects("Further objects, as they are"),
  temporaryDirectorySize: quantity
    .meta({ description: "Largest size of /tmp, the only folder that can be written beside the data" })
    .default("64Mi"),
};
