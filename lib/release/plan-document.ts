import { filesNeeded } from "../kernel/open-files";
import { PLATFORMS } from "../kernel/platforms";
import type { PodSysctl } from "../kernel/pod-sysctls";
import { SYSCTLS } from "../kernel/sysctls";
import { OPEN_FILES_KEY, type TuningRow } from "../kernel/tuning-row";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";

/** One key of a pool's plan, as the doctor in the pod reads it. */
export interface PlanKey {
  readonly key: string;
  /** What the profile wants; absent for a key that only the platform brings in. */
  readonly wanted?: string;
  /** What the plan puts in force; absent where nothing sets it. */
  readonly expected?: string;
  readonly comparison: "at-least" | "equal";
  readonly need: TuningRow["need"];
  readonly setBy: readonly ("node" | "pod" | "image")[];
  readonly status: TuningRow["status"];
  /** What to change where it is not so. */
  readonly remedy: string;
}

/**
 * A pool's tuning plan as data, which the chart carries to `mqttd doctor --plan`. The broker shares no code with this package: its
 * `src/doctor/plan-file.ts` is the other end of this contract.
 */
export interface PlanDocument {
  readonly format: "cdktf-broker-pools/tuning-plan";
  readonly version: 1;
  readonly pool: string;
  readonly platform: string;
  readonly kubernetesVersion: string;
  readonly profile: string;
  readonly hostNetwork: boolean;
  readonly keys: readonly PlanKey[];
}

/** What a release makes of the plan. */
export interface PlanForPods {
  /** What the pods really set. @default - what the plan has them set */
  readonly sysctls?: readonly PodSysctl[];
  /**
   * Connections of each pod. Where the image decides about open files, on the word of its documentation, a pod insists on what these take and no
   * more.
   *
   * @default - not known
   */
  readonly connections?: number;
}

/** The plan of `pool` as the doctor reads it. */
export function planDocument({ node, tuning }: IBrokerNodePool, pods: PlanForPods = {}): PlanDocument {
  const { sysctls = tuning.podSysctls, connections } = pods;
  const rendered = new Map(sysctls.map(({ name, value }) => [name, value]));
  return {
    format: "cdktf-broker-pools/tuning-plan",
    version: 1,
    pool: node.path,
    platform: tuning.platform,
    kubernetesVersion: tuning.kubernetesVersion,
    profile: tuning.profileName,
    hostNetwork: tuning.hostNetwork,
    keys: tuning.rows.map((row) => planKey(asRendered(row, rendered), node.path, PLATFORMS[tuning.platform].title)),
  };

  function planKey(row: TuningRow, pool: string, platform: string): PlanKey {
    const { key, wanted, need, status } = row;
    const expected = key === OPEN_FILES_KEY ? String(openFilesExpected()) : (row.pod?.value ?? row.node?.value ?? imageValue(row));
    return {
      key,
      ...(wanted !== undefined && { wanted }),
      ...(expected !== undefined && { expected }),
      comparison: key === OPEN_FILES_KEY || SYSCTLS[key].atLeast ? "at-least" : "equal",
      need,
      setBy: [
        ...(row.node ? (["node"] as const) : []),
        ...(row.pod ? (["pod"] as const) : []),
        ...(status === "image" ? (["image"] as const) : []),
      ],
      status,
      remedy: remedyFor(row, pool, platform),
    };
  }

  function openFilesExpected(): number {
    const { limit, setByPool } = tuning.openFiles;
    return setByPool || connections === undefined ? limit : Math.min(limit, filesNeeded(connections));
  }
}

/** The row with what a release makes of it. What it leaves out on purpose cannot be required any more. */
function asRendered(row: TuningRow, rendered: ReadonlyMap<string, string>): TuningRow {
  if (!row.pod) return row;
  const value = rendered.get(row.key);
  if (value === row.pod.value) return row;
  if (value !== undefined) return { ...row, pod: { ...row.pod, value }, status: "adjusted" };
  const { pod: _, ...rest } = row;
  return { ...rest, need: "advised", status: row.node ? row.status : "missing" };
}

function imageValue({ status, wanted }: TuningRow): string | undefined {
  return status === "image" ? wanted : undefined;
}

function remedyFor(row: TuningRow, pool: string, platform: string): string {
  const { key, wanted, status } = row;
  if (row.pod) {
    const allowed = row.kubelet ? `, and '${key}' in the kubelet's allowedUnsafeSysctls` : "";
    return `write { name: ${key}, value: "${row.pod.value}" } into the pod's securityContext.sysctls${allowed}; a release on pool '${pool}' does`;
  }
  if (row.node) return `replace the node, which pool '${pool}' tunes before it joins, and look for what changes ${key} afterwards`;
  if (status === "image") return `use a newer image of ${platform}, which should give ${wanted}`;
  if (key === OPEN_FILES_KEY)
    return `raise LimitNOFILE of the container runtime's unit to ${wanted} and restart it, or put fewer connections on each pod`;
  return `run sysctl -w ${key}="${wanted}" on the node, or take the key out of the profile: nothing on ${platform} sets it for a pod`;
}
