import type { Folklore } from "../kernel/profile-values";
import { SYSCTLS } from "../kernel/sysctls";
import type { TuningPlan } from "../kernel/tuning-plan";
import { OPEN_FILES_KEY, type TuningRow } from "../kernel/tuning-row";
import { addedRows, renderedPod } from "./rendered-pod";
import type { ReportedRelease } from "./stack-report";

/** Stands where there is nothing to say. */
export const NOTHING = "–";

/** The columns, in the order of every format. */
export const COLUMNS = ["key", "wanted", "node", "kubelet", "pod", "note"] as const;

/** What became of a key, as a sign and in words, so that no format depends on colour. */
export const STATUSES = {
  set: { sign: "✓", words: "set" },
  image: { sign: "○", words: "by the image" },
  adjusted: { sign: "~", words: "adjusted" },
  missing: { sign: "✗", words: "missing" },
} as const satisfies Record<TuningRow["status"], { sign: string; words: string }>;

/** One row in words. A format only lays it out. */
export interface ReportRow {
  readonly key: string;
  readonly required: boolean;
  readonly status: TuningRow["status"];
  readonly wanted: string;
  readonly node: string;
  readonly kubelet: string;
  readonly pod: string;
  readonly notes: readonly string[];
  readonly warning?: string;
  readonly why: string;
  /** Where `why` is documented. */
  readonly source: string;
  readonly original?: Folklore;
}

/** The rows of a plan in words, in the plan's order; the pod's column as `releases` render it, then what they set beyond the plan. */
export function reportRows(tuning: TuningPlan, releases: readonly ReportedRelease[] = []): ReportRow[] {
  const rows = tuning.rows.map((row) => ({ row, ...renderedPod(row, releases) }));
  return [...rows, ...addedRows(tuning, releases)].map(({ row, pod, deviations }) => ({
    key: row.key,
    required: row.need === "required",
    status: row.status,
    wanted: wantedCell(row),
    node: nodeCell(row),
    kubelet: row.kubelet ? "allow" : NOTHING,
    pod: pod ?? NOTHING,
    notes: [...row.notes, ...deviations],
    ...(row.warning && { warning: row.warning }),
    ...reasonToCare(row),
    ...(row.original && { original: row.original }),
  }));
}

/** How many rows have each status, most wished-for first; none that is zero. */
export function statusCounts(rows: readonly ReportRow[]): { status: TuningRow["status"]; count: number }[] {
  return (Object.keys(STATUSES) as TuningRow["status"][])
    .map((status) => ({ status, count: rows.filter((row) => row.status === status).length }))
    .filter(({ count }) => count > 0);
}

/** The plan in one line. @example "16 set, 2 by the image, 1 adjusted, 1 missing" */
export function summary(rows: readonly ReportRow[]): string {
  return statusCounts(rows)
    .map(({ status, count }) => `${count} ${STATUSES[status].words}`)
    .join(", ");
}

/** What the signs and words of the table mean, one sentence each. */
export const LEGEND: readonly (readonly [term: string, meaning: string])[] = [
  ["✓ set", "as wanted, on the node, in the pod or both"],
  ["○ by the image", "the image gives as much already, and the pool leaves it alone"],
  ["~ adjusted", "set to the nearest value that the platform takes"],
  ["✗ missing", "nothing on this platform sets it"],
  ["required", "without it the stack does not synthesise; every other key is advised"],
  ["≥", "wanted: any larger value serves; node: raised to it, never lowered"],
  ["=", "assigned as it stands"],
  ["allow", "the kubelet must allow the key before a pod may set it"],
  ["(safe)", "the pod sets it without asking"],
  ["(allowed)", "the pod sets it by the kubelet's allow-list"],
];

function wantedCell({ key, wanted }: TuningRow): string {
  if (wanted === undefined) return NOTHING;
  return key !== OPEN_FILES_KEY && SYSCTLS[key].atLeast ? `≥ ${wanted}` : wanted;
}

function nodeCell({ node, status }: TuningRow): string {
  if (!node) return status === "set" ? NOTHING : STATUSES[status].words;
  const value = `${node.semantics === "raise-only" ? "≥" : "="} ${node.value}`;
  return status === "adjusted" ? `${value} (${STATUSES.adjusted.words})` : value;
}

function reasonToCare({ key }: TuningRow): Pick<ReportRow, "why" | "source"> {
  if (key !== OPEN_FILES_KEY) return { why: SYSCTLS[key].why, source: SYSCTLS[key].source };
  return { why: "open files of one process in a container, soft and hard; every connection is one", source: "man 2 getrlimit" };
}
