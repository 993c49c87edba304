import type { OpenFilesLimit, ReadText } from "../limits/host-limits.js";
import type { Check } from "./check.js";
import { compareValues } from "./compare-values.js";
import { OPEN_FILES_KEY, type Plan, type PlanKey } from "./plan-file.js";
import { isInNodeNetwork, readSysctl } from "./read-sysctl.js";

/** Keys of the node that a pod sees as they are there: the rest of net.* is each namespace's own, or hidden (net/core/sysctl_net_core.c). */
const SEEN_IN_PODS = /^net\.(core\.[rw]mem_(default|max)|netfilter\.nf_conntrack_(max|buckets))$/;

/** Where the values come from. */
export interface PlanSurroundings {
  readonly readText: ReadText;
  readonly openFiles: OpenFilesLimit | undefined;
}

/** Each key of a plan against what is in force where this process runs. */
export function planChecks({ keys }: Plan, { readText, openFiles }: PlanSurroundings): Check[] {
  const isOnNode = isInNodeNetwork(readText);
  return keys.map((key) => {
    if (key.key === OPEN_FILES_KEY) return checked(key, openFiles && shown(openFiles.hard), openFiles && limitsOf(openFiles));
    if (!isOnNode && countsOnNode(key)) return unseen(key);
    const effective = readSysctl(key.key, readText);
    if (effective === undefined && isOfNode(key)) return unseen(key);
    return checked(key, effective);
  });
}

/** Set on the node, and no matter of the pod's network namespace: what is read here would be another value. */
function countsOnNode({ key, setBy }: PlanKey): boolean {
  if (!key.startsWith("net.") || SEEN_IN_PODS.test(key)) return false;
  return (setBy.length > 0 && !setBy.includes("pod")) || key.startsWith("net.netfilter.");
}

/** Not there in a pod, without anything being wrong. */
function isOfNode({ key, setBy }: PlanKey): boolean {
  return !key.startsWith("net.") || (setBy.length > 0 && !setBy.includes("pod"));
}

function unseen({ key, need, wanted, expected, setBy }: PlanKey): Check {
  const where = setBy.length > 0 ? `set by the ${setBy.join(" and the ")}` : "nobody sets it";
  const detail = `cannot be seen in this pod: it counts on the node (${where})`;
  return { name: key, need, wanted: wanted ?? expected, effective: undefined, verdict: "unseen", detail };
}

function checked({ key, need, wanted, expected, comparison, remedy }: PlanKey, effective: string | undefined, note?: string): Check {
  const target = (wanted ?? expected)!;
  const base = { name: key, need, wanted: target, effective };
  if (effective === undefined) return { ...base, verdict: "failed", detail: "it is not there in this kernel or network namespace", remedy };
  const verdict = compareValues(effective, target, comparison);
  if (verdict === "ok") return note === undefined ? { ...base, verdict } : { ...base, verdict, detail: note };
  const asked = comparison === "at-least" ? `at least ${target}` : target;
  const isAsPlanned = expected === undefined || (expected !== target && compareValues(effective, expected, comparison) === "ok");
  const detail = isAsPlanned
    ? `it is ${effective}, and ${asked} is wanted, which the plan could not have`
    : `it is ${effective}, and the plan has ${expected === target ? asked : expected}`;
  return { ...base, verdict, detail: note === undefined ? detail : `${detail} (${note})`, remedy };
}

function limitsOf({ soft, hard }: OpenFilesLimit): string {
  return soft === hard
    ? "soft and hard; the runtime raises soft to hard when it starts"
    : `hard; soft is ${shown(soft)}, and the runtime has not raised it`;
}

function shown(limit: number): string {
  return Number.isFinite(limit) ? String(limit) : "unlimited";
}
