import { readFileSync } from "node:fs";
import { type PlatformId, planTuning, SysctlProfile, type TuningRow } from "../../lib/kernel";
import { sizing, sizingText } from "../../lib/sizing";
import { SETTING_PLACES } from "../../stacks/environment";
import { Settings } from "../../stacks/settings-schema";

const COLUMNS: readonly PlatformId[] = ["eks-al2023", "eks-bottlerocket", "aks-ubuntu", "gke-cos"];

/** What each kind of node does with each key of `SysctlProfile.MILLION`, on Kubernetes 1.34. */
export function platformTable(): string {
  const plans = COLUMNS.map((platform) => planTuning(SysctlProfile.MILLION, platform, "1.34"));
  const keys = [...new Set(plans.flatMap(({ rows }) => rows.filter(({ wanted }) => wanted !== undefined).map(({ key }) => key)))];
  const rows = keys.map((key) => {
    const wanted = plans[0]?.rows.find((row) => row.key === key)?.wanted ?? "";
    return [`\`${key}\``, wanted, ...plans.map(({ rows }) => cell(rows.find((row) => row.key === key)!))];
  });
  return table(["key", "wanted", ...COLUMNS.map((platform) => `\`${platform}\``)], rows);
}

function cell({ node, pod, kubelet, status, wanted }: TuningRow): string {
  if (status === "missing") return "✘";
  if (status === "image") return "image";
  const onNode = node && (node.value === wanted ? "node" : `node, only ${node.value}`);
  const inPod = pod && (kubelet ? "pod, allowed" : "pod");
  return [onNode, inPod].filter(Boolean).join(" + ");
}

/** Every setting with its variable, default and what it takes. */
export function settingsTable(): string {
  const defaults = Settings.parse({}) as Record<string, unknown>;
  const rows = SETTING_PLACES.map(({ path, variable, remedy }) => {
    const value = path.reduce<unknown>((node, word) => (node as Record<string, unknown> | undefined)?.[word], defaults);
    return [
      `\`${path.join(".")}\``,
      `\`${variable}\``,
      value === undefined ? "–" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``,
      remedy,
    ];
  });
  return table(["setting", "variable", "default", "takes"], rows);
}

/** What `broker-pools size` prints for the README's example. */
export function sizeExample(): string {
  return sizingText(sizing({ connections: 1_000_000, publishRate: 20_000, payloadBytes: 256, qos: 1, fanOut: 1, tls: "lb" }));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The lines between `// #region name` and `// #endregion`, without their common indentation. */
export function region(file: string, name: string): string {
  const lines = readFileSync(file, "utf8").split("\n");
  const start = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  const end = lines.findIndex((line, index) => index > start && line.trim() === "// #endregion");
  if (start < 0 || end < 0) throw new Error(`${file} has no region '${name}'`);
  const body = lines.slice(start + 1, end);
  const indent = Math.min(...body.filter((line) => line.trim()).map((line) => line.search(/\S/)));
  return body.map((line) => line.slice(indent)).join("\n");
}
