import { z } from "zod";
import { LoadTestSettings } from "./load-test-schema";
import { ReleaseSettings } from "./release-schema";

/*
 * Every setting once: its type, its default, and in `description` what to write instead when a value is wrong. The names follow the
 * nesting: `eks.machineType` is `brokerPools.eks.machineType` in cdktf.json and BROKER_POOLS_EKS_MACHINE_TYPE in the environment.
 */

const text = (remedy: string) => z.string().trim().min(1).describe(remedy);
const nodes = (remedy: string) => z.int().min(0).max(10_000).describe(remedy);
const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values).describe(`one of ${values.join(", ")}`);
const disk = z.int().min(30).max(65_536).describe("a whole number of GiB from 30 to 65536").default(50);
const flag = (remedy: string) => z.boolean().describe(remedy);

/** What each cloud's section has. */
const cluster = {
  clusterName: text("the name of the cluster to make or to use").default("mqtt"),
  existingCluster: flag("true to use a cluster that exists, false to make one").default(false),
  spot: flag("true for spare capacity, false for ordinary machines").default(false),
  diskGiB: disk,
};

export const Settings = z.strictObject({
  stacks: z
    .union([z.literal("all"), z.array(z.enum(["eks", "aks", "gke", "kubeconfig"])).min(1)])
    .describe('"all" for eks, aks and gke, or a list out of these and kubeconfig: ["eks","gke"], in the environment eks,gke')
    .default("all"),

  kubernetesVersion: text('major.minor of the cluster, for example "1.34"').default("1.34"),

  profile: z
    .union([z.enum(["million", "load-generator"]), z.int().min(1).max(10_000_000)])
    .describe("million, load-generator, or the number of connections on one node, 1 to 10000000")
    .default("million"),
  sysctls: z
    .record(z.string(), z.union([z.string(), z.number(), z.array(z.number())]))
    .describe('a number, a text or a list of numbers for each sysctl, on top of the profile: {"net.core.somaxconn": 65535}')
    .default({}),
  without: z
    .array(z.string().min(1))
    .describe('a list of sysctls to take out of the profile: ["net.core.optmem_max"], in the environment with commas between')
    .default([]),
  advised: z
    .array(z.string().min(1))
    .describe(
      'a list of sysctls that only warn where a cloud cannot give them: ["net.core.somaxconn"], in the environment with commas between',
    )
    .default([]),
  openFiles: z
    .int()
    .min(1024)
    .max(2_147_483_584)
    .describe("a whole number from 1024 to 2147483584, the open-file limit of each container; the profile has one of its own")
    .optional(),
  hostNetwork: flag("true for brokers on the node's own network, false for pods with one of their own").default(false),

  minNodes: nodes("a whole number from 0 to 10000, the fewest broker nodes").default(3),
  maxNodes: nodes("a whole number from minNodes to 10000, the most broker nodes").default(6),
  desiredNodes: nodes("a whole number between minNodes and maxNodes, the broker nodes to begin with").optional(),
  surge: z.int().min(1).max(100).describe("a whole number from 1 to 100, the nodes replaced at a time").default(1),
  tags: z.record(z.string(), z.string()).describe('names with a text each, tags on everything: {"team": "iot"}').default({}),

  eks: z
    .strictObject({
      ...cluster,
      region: text("an AWS region, for example eu-central-1").default("eu-central-1"),
      nodePool: choice(["self-managed", "managed"]).default("self-managed"),
      operatingSystem: choice(["al2023", "bottlerocket", "al2"]).default("al2023"),
      machineType: text("an EC2 instance type, for example m7g.2xlarge").default("m7i.2xlarge"),
      accessEntry: flag("true to let the nodes in by an access entry, false where aws-auth does it").default(true),
      subnetIds: z
        .array(z.string().min(1))
        .min(1)
        .describe('a list of subnets of the existing cluster: ["subnet-1","subnet-2"], in the environment subnet-1,subnet-2')
        .optional(),
      publicAccessCidrs: z
        .array(z.cidrv4())
        .min(1)
        .describe('a list of IPv4 networks that may reach the API server: ["203.0.113.0/24"], in the environment 203.0.113.0/24')
        .optional(),
    })
    .prefault({}),

  aks: z
    .strictObject({
      ...cluster,
      location: text("an Azure region, for example westeurope").default("westeurope"),
      resourceGroup: text("the name of a resource group that exists").optional(),
      subscriptionId: text("an Azure subscription id").optional(),
      operatingSystem: choice(["ubuntu", "azurelinux"]).default("ubuntu"),
      machineType: text("an Azure VM size, for example Standard_D8ps_v6").default("Standard_D8s_v5"),
      zones: z
        .array(z.enum(["1", "2", "3"]))
        .min(1)
        .describe('a list of availability zones: ["1","2","3"], in the environment 1,2,3')
        .default(["1", "2", "3"]),
      subnetId: text("the resource id of a subnet of the existing cluster").optional(),
    })
    .prefault({}),

  gke: z
    .strictObject({
      ...cluster,
      location: text("a Google Cloud region, for example europe-west1").default("europe-west1"),
      project: text("a Google Cloud project id").optional(),
      workloadIdentity: flag("true for pods with identities of their own, false on a cluster without Workload Identity").default(true),
      machineType: text("a Compute Engine machine type, for example c4a-standard-8").default("n2-standard-8"),
      zones: z
        .array(z.string().min(1))
        .min(1)
        .describe('a list of zones of the region: ["europe-west1-b"], in the environment europe-west1-b')
        .optional(),
    })
    .prefault({}),

  kubeconfig: z
    .strictObject({
      path: text("the path of a kubeconfig file").default("~/.kube/config"),
      context: text("the name of a context in that file; its current one, unless given").optional(),
      labels: z
        .record(z.string(), z.string())
        .describe('labels of the nodes to use, names with a text each: {"dedicated": "mqtt-broker"}')
        .default({}),
      taints: z
        .array(z.string().regex(/^[^=:\s]+(=[^=:\s]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/))
        .describe('a list of those nodes\' taints: ["dedicated=mqtt-broker:NoSchedule"], in the environment with commas between')
        .default([]),
      architecture: choice(["amd64", "arm64"]).default("amd64"),
      allowedUnsafeSysctls: z
        .array(z.string().min(1))
        .describe('a list of what their kubelets allow: ["net.core.somaxconn"], in the environment with commas between')
        .default([]),
      openFiles: z
        .int()
        .min(1024)
        .max(2_147_483_584)
        .describe("a whole number from 1024 to 2147483584, the open files that containers get there; 65536 is assumed")
        .optional(),
    })
    .prefault({}),

  release: ReleaseSettings.prefault({}),

  loadTest: LoadTestSettings.prefault({}),

  backend: z
    .strictObject({
      type: choice(["local", "s3", "azurerm", "gcs"]).default("local"),
      bucket: text("the bucket for state (s3, gcs)").optional(),
      region: text("the bucket's region (s3)").optional(),
      resourceGroup: text("the resource group of the storage account (azurerm)").optional(),
      storageAccount: text("the storage account for state (azurerm)").optional(),
      container: text("the blob container for state (azurerm)").optional(),
      prefix: text("what the names of state files begin with").default("cdktf-broker-pools"),
    })
    .prefault({}),
});

/** Every setting with its default filled in. */
export type Settings = z.infer<typeof Settings>;
