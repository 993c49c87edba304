import { podAdmission } from "../kernel/pod-sysctls";
import { isSysctlName, type SysctlName } from "../kernel/sysctls";
import type { TuningPlan } from "../kernel/tuning-plan";
import type { TuningRow } from "../kernel/tuning-row";
import type { ReportedRelease } from "./stack-report";

/** What the pods of a pool have for one key. */
interface RenderedPod {
  /** Value and how it is admitted; undefined where no pod sets the key. */
  readonly pod: string | undefined;
  /** One sentence for each release that does other than the plan. */
  readonly deviations: readonly string[];
}

/** The pod's part of a row: the plan's where nothing else is known, else what each release renders. */
export function renderedPod(row: TuningRow, releases: readonly ReportedRelease[]): RenderedPod {
  const planned = row.pod && `${row.pod.value} (${row.pod.admission === "safe" ? "safe" : "allowed"})`;
  const differing = releases.flatMap(({ path, sysctls }) => {
    const value = sysctls.find(({ name }) => name === row.key)?.value;
    return value === row.pod?.value ? [] : [{ path, value }];
  });
  if (differing.length === 0) return { pod: planned, deviations: [] };
  const cells = differing.map(({ path, value }) =>
    value === undefined ? `not set (left out by ${path})` : `${value} (changed by ${path})`,
  );
  const asPlanned = differing.length < releases.length && planned !== undefined ? [planned] : [];
  return {
    pod: [...asPlanned, ...cells].join(", "),
    deviations: differing.map(({ path, value }) =>
      value === undefined
        ? `release ${path} leaves it out, though the plan has the pod set ${row.pod?.value}`
        : `release ${path} has the pod set ${value}${row.pod ? ` instead of ${row.pod.value}` : ", which the plan does not"}`,
    ),
  };
}

/** Rows for keys that releases set and the plan does not know. */
export function addedRows({ rows, kubernetesVersion, kernel }: TuningPlan, releases: readonly ReportedRelease[]) {
  const planned = new Set<string>(rows.map(({ key }) => key));
  const added = releases.flatMap(({ path, sysctls }) =>
    sysctls.filter(({ name }) => !planned.has(name)).map((sysctl) => ({ path, ...sysctl })),
  );
  return [...new Set(added.map(({ name }) => name))].filter(isSysctlName).map((name) => {
    const of = added.filter((sysctl) => sysctl.name === name);
    const row: TuningRow = { key: name, need: "advised", status: "set", notes: [], ...allowed(name) };
    return {
      row,
      pod: of.map(({ path, value }) => `${value} (added by ${path})`).join(", "),
      deviations: of.map(({ path, value }) => `release ${path} has the pod set ${value}, which the plan does not`),
    };
  });

  function allowed(name: SysctlName): Pick<TuningRow, "kubelet"> {
    return podAdmission(name, kubernetesVersion, kernel) === "allow-list" ? { kubelet: name } : {};
  }
}
