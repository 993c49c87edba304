import { type NodePlacement, placeOnNode } from "./node-placement";
import type { Platform } from "./platforms/platform";
import { allows, isNamespaced, podAdmission } from "./pod-sysctls";
import type { ProfileEntry } from "./sysctl-profile";
import { SYSCTLS } from "./sysctls";
import { OPEN_FILES_KEY, type TuningRow } from "./tuning-row";
import type { Version } from "./version";

/** A row and, where the plan must not go on, why. */
export interface PlannedRow {
  readonly row: TuningRow;
  readonly problem?: string;
}

interface Surroundings {
  readonly version: Version;
  readonly kernel: Version;
  readonly hostNetwork: boolean;
  /** Entries of the kubelet's allow-list that the caller states. */
  readonly allowListStated: readonly string[];
}

/** Decides where one key of a profile goes. */
export function sysctlRow(entry: ProfileEntry, platform: Platform, surroundings: Surroundings): PlannedRow {
  const { version, kernel, hostNetwork, allowListStated } = surroundings;
  const { name, value, need, original } = entry;
  const sysctl = SYSCTLS[name];
  const inHostNetwork = hostNetwork && sysctl.scope === "network-namespace";
  const admission = podAdmission(name, version, kernel);
  const notAllowed = admission === "allow-list" && platform.allowList === "stated" && !allows(allowListStated, name);
  const pod = admission !== "refused" && !sysctl.countsOnNode && !inHostNetwork && !notAllowed ? { value, admission } : undefined;

  // On the node where its value is what counts, and beside the pod's where it reaches pods as well.
  const reachesPods = sysctl.inherited ? "new pods inherit the node's value" : platform.nodeValuesReachPods;
  const asked = !pod || reachesPods ? placeOnNode(entry, platform) : undefined;
  const placement = pod && asked && asked.kind !== "set" ? undefined : asked;
  const node = placement && "value" in placement ? { value: placement.value, semantics: placement.semantics } : undefined;

  const row: TuningRow = {
    key: name,
    wanted: value,
    need,
    ...(original && { original }),
    ...(node && { node }),
    ...(pod?.admission === "allow-list" && { kubelet: name }),
    ...(pod && { pod }),
    status: pod || placement?.kind === "set" ? "set" : placement?.kind === "unsupported" || !placement ? "missing" : placement.kind,
    notes: [...placementNotes()],
  };
  return withVerdict(row, placement, platform, { kernel, guarded: guardedProblem(entry, platform) });

  function* placementNotes(): Generator<string> {
    if (pod && !asked) yield "only in the pod: its network namespace does not take the node's value";
    if (pod && asked && !placement && "reason" in asked) yield `only in the pod: ${asked.reason}`;
    if (pod && placement && reachesPods) yield `on the node too: ${reachesPods}`;
    if (!pod && sysctl.countsOnNode) yield `only on the node: ${sysctl.countsOnNode}`;
    if (notAllowed) yield `not in the pod: it is unsafe, and allowedUnsafeSysctls does not say that the cluster's kubelets allow it`;
    if (!pod && inHostNetwork) yield "only on the node: with hostNetwork a pod may set no net.* key";
    if (!pod && sysctl.scope !== "node" && !isNamespaced(sysctl, kernel)) {
      yield `only on the node: kernel ${kernel} has one value for all (per namespace since ${sysctl.namespacedSince})`;
    }
    if (placement && "reason" in placement) yield placement.reason;
    const overwritten = placement && platform.overwritten[name];
    if (overwritten) yield `${overwritten.by}${overwritten.restored ? "; a timer on the node raises it again" : ""}`;
  }
}

function withVerdict(
  row: TuningRow,
  placement: NodePlacement | undefined,
  platform: Platform,
  { kernel, guarded }: { kernel: Version; guarded: string | undefined },
): PlannedRow {
  if (guarded) return { row, problem: guarded };

  if (row.status === "missing" || row.status === "adjusted") {
    const reason = placement && "reason" in placement ? placement.reason : `nothing on ${platform.title} with kernel ${kernel} can set it`;
    if (row.need === "required") return { row, problem: cannotGive(row, reason, platform) };
    const verdict = row.status === "missing" ? "is not set" : `is set to ${row.node?.value}`;
    return { row: { ...row, warning: `wanted ${row.wanted}, ${verdict}: ${reason}` } };
  }

  const overwritten = placement && row.key !== OPEN_FILES_KEY ? platform.overwritten[row.key] : undefined;
  if (!overwritten || overwritten.restored) return { row };
  if (row.need === "required") {
    return {
      row,
      problem: `required '${row.key}' = ${row.wanted} does not last on '${platform.id}': ${overwritten.by}. Make it advised with advising('${row.key}') and see to kube-proxy, or choose a platform whose nodes restore it`,
    };
  }
  return { row: { ...row, warning: `does not last: ${overwritten.by}` } };
}

function cannotGive(row: TuningRow, reason: string, platform: Platform): string {
  const supported = platform.node.by === "api" ? `; its node settings are ${Object.keys(platform.node.accepts).join(", ")}` : "";
  return `required '${row.key}' = ${row.wanted} cannot be had on '${platform.id}': ${reason}. Choose a value in range, make it advised with advising('${row.key}'), take it out with without('${row.key}'), or choose another platform${supported}`;
}

/** A key whose change stops a kubelet with `protectKernelDefaults`. */
function guardedProblem({ name, value }: ProfileEntry, platform: Platform): string | undefined {
  const expected = SYSCTLS[name].kubeletExpects;
  if (!platform.protectsKernelDefaults || expected === undefined || expected === value) return undefined;
  return `'${name}' = ${value} would stop the kubelet on '${platform.id}': it runs with protectKernelDefaults and insists on ${expected}. Write ${expected} or take the key out`;
}
