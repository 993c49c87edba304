import { z } from "zod";

/*
 * Every setting once: its type, its default, and in `description` what to write instead when a value is wrong. The names follow the
 * nesting: `eks.machineType` is `brokerPools.eks.machineType` in cdktf.json and BROKER_POOLS_EKS_MACHINE_TYPE in the environment.
 */

const text = (remedy: string) => z.string().trim().min(1).describe(remedy);
const nodes = (remedy: string) => z.int().min(0).max(10_000).describe(remedy);
const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values).describe(`one of ${values.join(", ")}`);
const flag = (remedy: string) => z.boolean().describe(remedy);

/** What each cloud's section has. */
const cluster = {
  clusterName: text("the name of the cluster to make or to use").default("mqtt"),
  existingCluster: flag("true to use a cluster that exists, false to make one").default(false),
  spot: flag("true for spare capacity, false for ordinary machines").default(false),
  diskGiB: z.int().min(20).max(65_536).describe("a whole number of GiB from 20 on").default(50),
};

export const Settings = z.strictObject({
  stacks: z
    .union([z.literal("all"), z.array(z.enum(["eks", "aks", "gke"])).min(1)])
    .describe('"all", or some of eks, aks, gke: ["eks","gke"], in the environment eks,gke')
    .default("all"),

  kubernetesVersion: text('major.minor of the cluster, for example "1.34"').default("1.34"),

  profile: z
    .union([z.enum(["million", "load-generator"]), z.int().min(1).max(10_000_000)])
    .describe("million, load-generator, or the number of connections on one node, 1 to 10000000")
    .default("million"),
  sysctls: z
    .record(z.string(), z.union([z.string(), z.number(), z.array(z.number())]))
    .describe('further sysctls with their values: {"net.core.somaxconn": 65535}')
    .default({}),
  hostNetwork: flag("true when the brokers use the node's network").default(false),

  minNodes: nodes("fewest broker nodes, a whole number from 0 on").default(3),
  maxNodes: nodes("most broker nodes, a whole number from minNodes on").default(6),
  desiredNodes: nodes("broker nodes to begin with, between minNodes and maxNodes").optional(),
  surge: z.int().min(1).max(100).describe("nodes replaced at a time, 1 to 100").default(1),
  tags: z.record(z.string(), z.string()).describe('tags on everything: {"team": "iot"}').default({}),

  eks: z
    .strictObject({
      ...cluster,
      region: text("an AWS region, for example eu-central-1").default("eu-central-1"),
      nodePool: choice(["self-managed", "managed"]).default("self-managed"),
      operatingSystem: choice(["al2023", "bottlerocket", "al2"]).default("al2023"),
      machineType: text("an EC2 instance type, for example m7g.2xlarge").default("m7i.2xlarge"),
      subnetIds: z
        .array(z.string().min(1))
        .min(1)
        .describe('subnets of an existing cluster for the brokers: ["subnet-1"], in the environment subnet-1,subnet-2')
        .optional(),
      publicAccessCidrs: z.array(z.cidrv4()).min(1).describe('who may reach the API server: ["203.0.113.0/24"]').optional(),
    })
    .prefault({}),

  aks: z
    .strictObject({
      ...cluster,
      location: text("an Azure region, for example westeurope").default("westeurope"),
      resourceGroup: text("the resource group; must exist when the cluster exists").optional(),
      subscriptionId: text("an Azure subscription id").optional(),
      operatingSystem: choice(["ubuntu", "azurelinux"]).default("ubuntu"),
      machineType: text("an Azure VM size, for example Standard_D8ps_v6").default("Standard_D8s_v5"),
      zones: z
        .array(z.enum(["1", "2", "3"]))
        .min(1)
        .describe('availability zones: ["1","2","3"]')
        .default(["1", "2", "3"]),
      subnetId: text("resource id of the nodes' subnet in an existing cluster").optional(),
    })
    .prefault({}),

  gke: z
    .strictObject({
      ...cluster,
      location: text("a Google Cloud region, for example europe-west1").default("europe-west1"),
      project: text("a Google Cloud project id").optional(),
      machineType: text("a Compute Engine machine type, for example c4a-standard-8").default("n2-standard-8"),
      zones: z.array(z.string().min(1)).min(1).describe('zones for the nodes: ["europe-west1-b"]').optional(),
    })
    .prefault({}),

  backend: z
    .strictObject({
      type: choice(["local", "s3", "azurerm", "gcs"]).default("local"),
      bucket: text("the bucket for state (s3, gcs)").optional(),
      region: text("the bucket's region (s3)").optional(),
      resourceGroup: text("resource group of the storage account (azurerm)").optional(),
      storageAccount: text("the storage account for state (azurerm)").optional(),
      container: text("the blob container for state (azurerm)").optional(),
      prefix: text("what state files' names begin with").default("cdktf-broker-pools"),
    })
    .prefault({}),
});

/** Every setting with its default filled in. */
export type Settings = z.infer<typeof Settings>;
