import * as z from "zod";
import { choice, flag, matching, orNull, resources, section, text, texts, whole } from "../kinds.js";

const DIGEST = /^(sha256:[0-9a-f]{64})?$/;

/** What runs. */
export const imageValues = {
  runtime: choice(
    "Runtime of the broker. Bun needs about half of Node.js's memory per connection, and a tenth of it with TLS",
    ["bun", "node"],
    "bun",
  ),
  image: section("Image of the runtime; without a repository the stock image of the runtime, in a version that the broker is tested with", {
    registry: text("Host of a registry that mirrors the image; global.imageRegistry comes first"),
    repository: text("Repository, without host. Give it for an image of your own (broker/Dockerfile) and set bundle.enabled to false"),
    tag: text("An exact version; the stock image's own, unless given. Required beside a repository, unless there is a digest"),
    digest: matching("Digest that pins the image harder than its tag", DIGEST),
    pullPolicy: choice("When the image is pulled", ["Always", "IfNotPresent", "Never"], "IfNotPresent"),
    pullSecrets: texts("Names of Secrets to pull with"),
  }),
  bundle: section("The broker as one file that travels with this chart in a ConfigMap", {
    enabled: flag("Whether to mount it into the image; false for an image that holds the broker at /opt/mqttd", true),
  }),
  command: texts("Replaces the command; the runtime and the broker's file, unless given"),
  args: texts("Replaces the arguments: start --config /etc/mqttd/mqttd.yaml, unless given"),
  resources: resources(
    "Resources of the broker. It uses one core; a limit on CPU would only throttle it. The memory limit bounds the runtime's heap, and new clients are refused from 85 % of it on",
    { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } },
  ),
  heapMegabytes: orNull(
    "Largest heap of Node.js in MiB; three quarters of the memory limit less 128, unless given",
    z.int().min(64).max(1_048_576),
    512,
  ),
  replicaCount: whole("Brokers. More than one needs nats.servers", { min: 0, max: 1_000 }, 1),
  connectionsPerPod: whole(
    "Clients that one broker takes: its setting maxConnections. Bounds the drain, and with it terminationGracePeriodSeconds",
    { min: 1, max: 10_000_000 },
    50_000,
  ),
};
