import { checkScenario, parseKubernetesVersion, ScenarioError, TuningError } from "../lib";
import type { Settings } from "./settings-schema";

/** What one setting must be in view of others. */
export interface Rule {
  /** The setting that is reported, for example `maxNodes`. */
  readonly of: string;
  /** Others it depends on. @default - none */
  readonly reads?: readonly string[];
  /** What is wrong, or undefined. */
  readonly broken: (settings: Settings) => string | undefined;
}

/** What each kind of backend cannot do without. */
const BACKEND_NEEDS = {
  s3: ["bucket", "region"],
  azurerm: ["resourceGroup", "storageAccount", "container"],
  gcs: ["bucket"],
} as const;

/** Every rule beyond a setting's own type. */
export const RULES: readonly Rule[] = [
  { of: "kubernetesVersion", broken: ({ kubernetesVersion }) => versionProblem(kubernetesVersion) },
  {
    of: "maxNodes",
    reads: ["minNodes"],
    broken: ({ minNodes, maxNodes }) =>
      maxNodes < Math.max(1, minNodes) ? `it must be at least 1 and at least minNodes (${minNodes})` : undefined,
  },
  {
    of: "desiredNodes",
    reads: ["minNodes", "maxNodes"],
    broken: ({ minNodes, maxNodes, desiredNodes = minNodes }) =>
      desiredNodes < minNodes || desiredNodes > Math.max(minNodes, maxNodes)
        ? `it must be between minNodes (${minNodes}) and maxNodes (${maxNodes})`
        : undefined,
  },
  ...(["s3", "azurerm", "gcs"] as const).flatMap((type) =>
    BACKEND_NEEDS[type].map((field) => ({
      of: `backend.${field}`,
      reads: ["backend.type"],
      broken: ({ backend }: Settings) =>
        backend.type === type && backend[field] === undefined ? `a backend of type ${type} needs it` : undefined,
    })),
  ),
  {
    of: "aks.resourceGroup",
    reads: ["aks.existingCluster"],
    broken: ({ aks }) =>
      aks.existingCluster && aks.resourceGroup === undefined
        ? "an existing cluster is found by its name and resource group; name the group"
        : undefined,
  },
  {
    of: "eks.subnetIds",
    reads: ["eks.existingCluster"],
    broken: ({ eks }) =>
      !eks.existingCluster && eks.subnetIds !== undefined
        ? "a new cluster gets a network of its own; leave it out, or set eks.existingCluster to true"
        : undefined,
  },
  {
    of: "eks.publicAccessCidrs",
    reads: ["eks.existingCluster"],
    broken: ({ eks }) =>
      eks.existingCluster && eks.publicAccessCidrs !== undefined
        ? "an existing cluster keeps its own; leave it out, or set eks.existingCluster to false"
        : undefined,
  },
  {
    of: "release.replicas",
    reads: ["release.broker", "release.nats"],
    broken: ({ release: { broker, nats, replicas } }) =>
      broker === "companion" && nats === "none" && replicas > 1
        ? "without NATS brokers know nothing of each other; write 1, or set release.nats"
        : undefined,
  },
  {
    of: "release.listeners",
    reads: ["release.broker", "release.tlsSecret", "release.certificateIssuer", "release.certificateArn"],
    broken: ({ release: { broker, listeners, tlsSecret, certificateIssuer, certificateArn } }) =>
      broker !== "none" &&
      listeners.some((name) => name === "mqtts" || name === "wss") &&
      !tlsSecret &&
      !certificateIssuer &&
      !certificateArn
        ? "mqtts and wss need a certificate: set release.tlsSecret, release.certificateIssuer or, on AWS, release.certificateArn"
        : undefined,
  },
  {
    of: "release.certificateIssuer",
    reads: ["release.tlsSecret"],
    broken: ({ release }) =>
      release.certificateIssuer !== undefined && release.tlsSecret !== undefined
        ? "release.tlsSecret is another certificate; leave one of the two out"
        : undefined,
  },
  {
    of: "release.natsSecret",
    reads: ["release.nats"],
    broken: ({ release }) =>
      release.natsSecret !== undefined && !Array.isArray(release.nats)
        ? "it is for servers of your own, which release.nats does not name; leave it out"
        : undefined,
  },
  {
    of: "release.allowAnonymous",
    reads: ["release.usersSecret"],
    broken: ({ release }) =>
      release.allowAnonymous && release.usersSecret !== undefined
        ? "release.usersSecret then keeps nobody out; leave one of the two out"
        : undefined,
  },
  {
    of: "release.emqx.licenceSecret",
    reads: ["release.broker", "release.emqx.edition", "release.replicas"],
    broken: ({ release: { broker, replicas, emqx } }) =>
      broker === "emqx" && emqx.edition === "enterprise" && emqx.licenceSecret === undefined && replicas > 1
        ? "more than one node of the enterprise edition needs a licence; name its Secret, or set release.replicas to 1"
        : undefined,
  },
  { of: "loadTest.scenarios", broken: ({ loadTest }) => scenarioProblems(loadTest.scenarios) },
  {
    of: "loadTest.target",
    reads: ["loadTest.scenarios", "release.broker"],
    broken: ({ loadTest, release }) =>
      loadTest.scenarios.length > 0 && loadTest.target === undefined && release.broker === "none"
        ? "release.broker is none, so there is nothing to test; name a target, or leave loadTest.scenarios out"
        : undefined,
  },
  {
    of: "loadTest.credentialsSecret",
    reads: ["loadTest.scenarios", "loadTest.target", "release.broker", "release.allowAnonymous"],
    broken: ({ loadTest: { scenarios, target, credentialsSecret }, release: { broker, allowAnonymous } }) =>
      scenarios.length > 0 && target === undefined && broker === "companion" && !allowAnonymous && credentialsSecret === undefined
        ? "the brokers let nobody in without user name and password; name a Secret of the namespace mqtt-load with the keys username and password, or set release.allowAnonymous to true"
        : undefined,
  },
  {
    of: "aks.subnetId",
    reads: ["aks.existingCluster"],
    broken: ({ aks }) =>
      !aks.existingCluster && aks.subnetId !== undefined
        ? "a new cluster gets a network of its own; leave it out, or set aks.existingCluster to true"
        : undefined,
  },
];

function scenarioProblems(scenarios: readonly unknown[]): string | undefined {
  const problems = scenarios.flatMap((scenario) => {
    try {
      checkScenario(scenario);
      return [];
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      return [`${error.heading}: ${error.problems.join("; ")}`];
    }
  });
  return problems.length === 0 ? undefined : problems.join("; ");
}

function versionProblem(kubernetesVersion: string): string | undefined {
  try {
    parseKubernetesVersion(kubernetesVersion);
    return undefined;
  } catch (error) {
    if (!(error instanceof TuningError)) throw error;
    return error.problems.join("; ");
  }
}
