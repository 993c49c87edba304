import * as z from "zod";
import {
  affinity,
  choice,
  dnsLabel,
  flag,
  list,
  map,
  matching,
  objectName,
  resources,
  section,
  sysctl,
  text,
  texts,
  toleration,
  whole,
} from "./kinds.js";

const DIGEST = /^(sha256:[0-9a-f]{64})?$/;

const job = z.strictObject({
  name: dnsLabel.max(40).meta({ description: "Part of the Job's name" }),
  pods: z.int().min(1).max(10_000).meta({ description: "Load generators, which share the work by their numbers" }),
  args: z.array(z.string()).min(1).meta({ description: "Arguments of mqttd, without --share" }),
  deadlineSeconds: z.int().min(1).meta({ description: "When the Job is ended, whatever it does" }),
});

/** Every value of the chart `load-test`. */
export const LoadTestValues = z.strictObject({
  nameOverride: text("Replaces the chart's name in names"),
  fullnameOverride: text("Begins the names of all objects; the release's name, unless given"),
  jobs: list(
    "Scenarios, a Job each. A changed one becomes a new Job",
    job,
    [],
    [
      {
        name: "idle",
        pods: 2,
        args: ["bench", "conn", "-h", "mqttd", "-c", "100000", "-R", "1000", "--duration", "600"],
        deadlineSeconds: 900,
      },
    ],
  ),
  runtime: choice("Runtime of the generators", ["bun", "node"], "bun"),
  image: section("Image of the runtime; without a repository the stock image of the runtime", {
    registry: text("Host of a registry that mirrors the image"),
    repository: text("Repository, without host. Give it for an image of your own (broker/Dockerfile) and set bundle.enabled to false"),
    tag: text("An exact version; the stock image's own, unless given"),
    digest: matching("Digest that pins the image harder than its tag", DIGEST),
    pullPolicy: choice("When the image is pulled", ["Always", "IfNotPresent", "Never"], "IfNotPresent"),
    pullSecrets: texts("Names of Secrets to pull with"),
  }),
  bundle: section("The program as one file that travels with this chart in a ConfigMap", {
    enabled: flag("Whether to mount it into the image; false for an image that holds it at /opt/mqttd", true),
  }),
  credentials: section("User of the broker", {
    existingSecret: objectName("Secret that holds name and password; none is given to the broker, unless given"),
    usernameKey: text("Key of the name", "username"),
    passwordKey: text("Key of the password", "password"),
  }),
  pushgateway: section("A pushgateway that gets the counts of each pod", {
    url: matching("Its address; off, unless given", /^(https?:\/\/[^\s]+)?$/),
  }),
  resources: resources("Resources of each generator", { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } }),
  podSecurityContext: section("Security context of the pods", {
    runAsUser: whole("User; the stock images have 1000", { min: 1, max: 2_147_483_647 }, 1_000),
    runAsGroup: whole("Group", { min: 1, max: 2_147_483_647 }, 1_000),
    sysctls: list(
      "Kernel settings of the pods' network namespace",
      sysctl,
      [],
      [{ name: "net.ipv4.ip_local_port_range", value: "1024 65535" }],
    ),
  }),
  nodeSelector: map("Labels of the nodes", { dedicated: "mqtt-load" }),
  tolerations: list(
    "Taints that are tolerated",
    toleration,
    [],
    [{ key: "dedicated", operator: "Equal", value: "mqtt-load", effect: "NoSchedule" }],
  ),
  affinity: affinity.meta({ description: "Affinity" }).default({}),
  keepSeconds: whole("How long an ended Job stays, with its logs", { min: 0, max: 2_592_000 }, 86_400),
  commonLabels: map("Labels of everything"),
  podAnnotations: map("Annotations of the pods"),
});
