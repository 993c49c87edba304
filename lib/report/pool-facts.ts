import { PLATFORMS } from "../kernel/platforms";
import type { ReportedPool } from "./stack-report";

/** One line about a pool as a whole. */
export interface PoolFact {
  readonly term: string;
  readonly values: readonly string[];
  /** The values are names to be typed as they stand, not prose. */
  readonly literal: boolean;
}

/** What holds for every node of the pool, beside the keys. */
export function poolFacts({ tuning, labels, taints, releases = [] }: ReportedPool): PoolFact[] {
  const { platform, kubernetesVersion, kernel, profileName, hostNetwork, modules, allowedUnsafeSysctls, openFiles } = tuning;
  return [
    prose("platform", `${PLATFORMS[platform].title} (${platform})`),
    prose("Kubernetes", kubernetesVersion),
    prose("kernel", `${kernel} or newer`),
    prose("profile", profileName),
    prose("network", hostNetwork ? "pods share the node's namespace (hostNetwork)" : "each pod has a namespace of its own"),
    prose("open files", `${openFiles.limit} in each container, ${openFiles.setByPool ? "set by the pool" : "by the image"}`),
    literal(
      "labels",
      Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    ),
    literal(
      "taints",
      taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`),
    ),
    literal("allow-list", allowedUnsafeSysctls),
    ...(modules.length > 0 ? [literal("modules", modules)] : []),
    ...releases.map(({ path, connectionsPerPod }) => prose("release", `${path}, ${connectionsPerPod} connections a pod`)),
  ];
}

function prose(term: string, value: string): PoolFact {
  return { term, values: [value], literal: false };
}

function literal(term: string, values: readonly string[]): PoolFact {
  return values.length > 0 ? { term, values, literal: true } : prose(term, "none");
}
