import { TuningError } from "../errors";
import { NEWEST_KNOWN_KUBERNETES, parseKubernetesVersion } from "./kubernetes-version";
import type { Semantics } from "./node-placement";
import { type OpenFilesPlan, openFilesRow } from "./open-files-row";
import { platformOf } from "./platforms";
import type { Platform, PlatformId } from "./platforms/platform";
import { allowListProblem, type PodSysctl, podSysctlProblem } from "./pod-sysctls";
import type { Need, SysctlProfile } from "./sysctl-profile";
import { sysctlRow } from "./sysctl-row";
import { catalogueOrder, SYSCTLS, type SysctlName } from "./sysctls";
import { OPEN_FILES_KEY, type TuningRow } from "./tuning-row";
import { atLeast, type Version } from "./version";

/** One node sysctl to apply before the node joins. */
export interface NodeSysctl {
  readonly name: SysctlName;
  readonly value: string;
  readonly semantics: Semantics;
  readonly need: Need;
  /** Something lowers it after the node has joined; a script should set it again. */
  readonly restore: boolean;
}

/**
 * What is set where, decided once: a pool carries it out, a release reads it, the report prints it.
 */
export interface TuningPlan {
  readonly platform: PlatformId;
  readonly kubernetesVersion: Version;
  /** Oldest kernel the platform's images run for that version; decides what a pod owns. */
  readonly kernel: Version;
  readonly profileName: string;
  readonly hostNetwork: boolean;
  readonly rows: readonly TuningRow[];
  /** Values for the node, in the catalogue's order. */
  readonly node: readonly NodeSysctl[];
  /** Kernel modules that must be loaded before `node` is applied. */
  readonly modules: readonly string[];
  /** The kubelet's allow-list: what the plan needs, then what the caller added. */
  readonly allowedUnsafeSysctls: readonly string[];
  /** For `securityContext.sysctls` of the pods. */
  readonly podSysctls: readonly PodSysctl[];
  readonly openFiles: OpenFilesPlan;
  /** One sentence for each thing that is not as the profile wants it. */
  readonly warnings: readonly string[];
}

/** What else a plan depends on. */
export interface PlanOptions {
  /**
   * The pods use the node's network namespace: they may set no `net.*` then, so those keys go to the node.
   *
   * @default false
   */
  readonly hostNetwork?: boolean;

  /**
   * Allow-list entries for other pods on these nodes, beyond what the profile needs.
   *
   * @default - none
   */
  readonly allowedUnsafeSysctls?: readonly string[];

  /**
   * Open files that containers are known to get. Only for nodes that are not ours; elsewhere the pool or its image decides.
   *
   * @default - what the platform is known to give
   */
  readonly openFiles?: number;
}

/**
 * Decides for every key of `profile` what the node sets, what the kubelet must allow, what the pod sets, and what cannot be had.
 * Pure: the same arguments give the same plan.
 *
 * @param platform operating system and cloud of the nodes
 * @param kubernetesVersion `major.minor` or longer, as the cloud prints it
 * @throws TuningError naming, all at once, each required key that the platform cannot give, each key that would stop the
 *   kubelet or hang a pod, and limits that contradict each other
 */
export function planTuning(profile: SysctlProfile, platform: PlatformId, kubernetesVersion: string, options: PlanOptions = {}): TuningPlan {
  const target = withStatedOpenFiles(platformOf(platform), options.openFiles);
  const version = parseKubernetesVersion(kubernetesVersion);
  const kernel = target.kernel(version);
  const { hostNetwork = false, allowedUnsafeSysctls: extraEntries = [] } = options;

  // Nodes that nobody sets may have a value already; that cannot be known here, so nothing can be insisted on.
  const most = target.node.by === "nobody" ? ({ need: "advised" } as const) : {};
  const surroundingsOfRow = { version, kernel, hostNetwork, allowListStated: extraEntries };
  const planned = profile.entries.map((entry) => sysctlRow({ ...entry, ...most }, target, surroundingsOfRow));
  const files = openFilesRow(profile, target, most.need);
  const rows = [
    ...withAlwaysSent(
      planned.map(({ row }) => row),
      target,
    ),
    files.row,
  ];

  const needed = target.allowList === "stated" ? [] : rows.flatMap((row) => row.kubelet ?? []);
  const allowList = [...new Set([...needed, ...extraEntries])];
  const podSysctls = rows.flatMap((row) => (row.pod ? [{ name: row.key, value: row.pod.value }] : []));
  const surroundings = { kubernetesVersion: version, kernel, hostNetwork, allowedUnsafeSysctls: allowList };

  const problems = [
    ...imageProblems(target, version),
    ...[...planned, files].flatMap(({ problem }) => problem ?? []),
    ...allowList.flatMap((entry) => allowListProblem(entry, kernel) ?? []),
    ...podSysctls.flatMap(({ name }) => podSysctlProblem(name, surroundings) ?? []),
  ];
  if (problems.length > 0) {
    throw new TuningError(`profile '${profile.name}' on ${platform} with Kubernetes ${version}`, problems);
  }

  const node = rows.flatMap((row): NodeSysctl[] => {
    if (!row.node || row.key === OPEN_FILES_KEY) return [];
    return [{ name: row.key, ...row.node, need: row.need, restore: target.overwritten[row.key]?.restored ?? false }];
  });

  return {
    platform,
    kubernetesVersion: version,
    kernel,
    profileName: profile.name,
    hostNetwork,
    rows,
    node,
    modules: [...new Set(node.flatMap(({ name }) => SYSCTLS[name].module ?? []))],
    allowedUnsafeSysctls: allowList,
    podSysctls,
    openFiles: files.plan,
    warnings: [...versionWarnings(version), ...rows.flatMap((row) => (row.warning ? [`${row.key}: ${row.warning}`] : []))],
  };
}

/** The rows with what the provider sends on its own accord, so that nothing is set in silence: also beside a key that only the pod sets. */
function withAlwaysSent(rows: readonly TuningRow[], platform: Platform): TuningRow[] {
  if (!rows.some((row) => row.node)) return [...rows];
  const stated = new Map(rows.map((row) => [row.key, row]));
  for (const [key, { value, reason }] of Object.entries(platform.alwaysSent ?? {})) {
    const name = key as SysctlName;
    const row = stated.get(name) ?? { key: name, need: "advised", status: "set", notes: [] };
    if (!row.node) stated.set(name, { ...row, node: { value, semantics: "absolute" }, notes: [...row.notes, reason] });
  }
  const order = ({ key }: TuningRow) => (key === OPEN_FILES_KEY ? Infinity : catalogueOrder(key));
  return [...stated.values()].sort((a, b) => order(a) - order(b));
}

/** @throws TuningError where somebody else decides, or for a number that is none */
function withStatedOpenFiles(platform: Platform, openFiles: number | undefined): Platform {
  if (openFiles === undefined) return platform;
  if (platform.node.by !== "nobody") {
    throw new TuningError(`open files on ${platform.id}`, [
      "are set by the pool or its image; leave openFiles out and use withOpenFiles() of the profile",
    ]);
  }
  if (!Number.isSafeInteger(openFiles) || openFiles < 1024) {
    throw new TuningError(`open files on ${platform.id}`, [`'openFiles' is ${openFiles}; it takes a whole number from 1024 on`]);
  }
  return { ...platform, openFiles: { by: "image", limit: openFiles, source: "as stated" } };
}

function imageProblems({ id, lastKubernetes }: Platform, version: Version): string[] {
  if (!lastKubernetes || atLeast(lastKubernetes.version, version)) return [];
  return [`platform '${id}' ends at Kubernetes ${lastKubernetes.version}, the setting is ${version}; ${lastKubernetes.remedy}`];
}

function versionWarnings(version: Version): string[] {
  if (atLeast(NEWEST_KNOWN_KUBERNETES, version)) return [];
  return [`Kubernetes ${version} is newer than this library knows; its safe sysctls are taken to be those of ${NEWEST_KNOWN_KUBERNETES}`];
}
