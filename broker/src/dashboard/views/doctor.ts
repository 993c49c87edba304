import { call } from "../api.js";
import type { Cluster, DoctorCheck, DoctorReport } from "../api-types.js";
import { button, field, fill, h, select } from "../dom.js";
import { counted, moment } from "../format.js";
import { complain } from "../notice.js";
import { badge, type Column, facts, table } from "../table.js";
import type { View } from "../view.js";

const VERDICTS = {
  ok: ["✓ ok", "good"],
  short: ["✕ short", "bad"],
  differs: ["✕ differs", "bad"],
  failed: ["✕ failed", "bad"],
  unseen: ["not seen", "plain"],
} as const;

const COLUMNS: readonly Column<DoctorCheck>[] = [
  { title: "Check", cell: ({ name }) => h("code", {}, name) },
  { title: "Verdict", cell: verdict },
  { title: "Need", cell: ({ need }) => need },
  { title: "Wanted", cell: ({ wanted }) => wanted ?? "–" },
  { title: "Effective", cell: ({ effective }) => effective ?? "–" },
  {
    title: "What to know",
    cell: ({ detail, remedy }) => h("span", { class: "prose" }, detail, remedy && h("strong", {}, `${detail ? " " : ""}→ ${remedy}`)),
  },
];

/** Kernel, limits, memory and clock of a broker against what it needs: the plan of its node pool, in colour and in words. */
export const doctor: View = async (place, { signal }) => {
  const { node, peers } = await call<Cluster>("/cluster", { signal });
  const which = select(
    "node",
    [node, ...peers].map((name) => [name, name] as const),
    node,
  );
  const found = h("div", {});
  const load = async () => {
    const report = await call<DoctorReport>("/doctor", { query: { node: which.value }, signal });
    fill(found, summary(report), table("Checks", COLUMNS, sorted(report.checks), "Nothing was looked at."));
  };
  const refresh = () => void load().catch(complain);
  which.addEventListener("change", refresh);
  place.append(
    h("h1", {}, "Doctor"),
    h("div", { class: "filters" }, peers.length > 0 && field("Node", which), button("Look again", refresh)),
    found,
  );
  await load();
};

function summary({ ok, at, plan, wrong }: DoctorReport): HTMLElement {
  const { required, advised } = wrong;
  const parts = [
    required > 0 && `${counted(required, "required setting")} wrong`,
    advised > 0 && `${counted(advised, "advised setting")} wrong`,
  ];
  const said = parts.filter((text) => text !== false).join(", ");
  return h(
    "div",
    {},
    h(
      "p",
      { class: `verdict ${ok ? (advised > 0 ? "warn" : "good") : "bad"}` },
      said === "" ? "✓ Nothing is wrong." : `${ok ? "!" : "✕"} ${said}.`,
    ),
    facts("Report", [
      ["Looked at", moment(Date.parse(at))],
      ["Node pool", plan?.pool ?? "no plan was given"],
      ["Platform", plan?.platform ?? "–"],
      ["Profile", plan?.profile ?? "–"],
    ]),
  );
}

function verdict({ verdict: found, need }: DoctorCheck): HTMLElement {
  const [text, kind] = VERDICTS[found];
  return badge(text, kind === "bad" && need === "advised" ? "warn" : kind);
}

/** What is wrong first, what is required first. */
function sorted(checks: readonly DoctorCheck[]): DoctorCheck[] {
  const weight = ({ verdict: found, need }: DoctorCheck) =>
    VERDICTS[found][1] === "bad" ? (need === "required" ? 0 : 1) : found === "unseen" ? 3 : 2;
  return [...checks].sort((a, b) => weight(a) - weight(b));
}
