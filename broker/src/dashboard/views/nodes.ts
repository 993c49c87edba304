import { type Answer, call } from "../api.js";
import type { NodeFacts, Rebalance } from "../api-types.js";
import { button, h } from "../dom.js";
import { bytes, count, duration } from "../format.js";
import { badge, type Column, facts, table } from "../table.js";
import { link, type View } from "../view.js";

const COLUMNS: readonly Column<NodeFacts & { readonly moving: string }>[] = [
  { title: "Node", cell: ({ node }) => h("a", { href: link("nodes", node) }, node) },
  { title: "Status", cell: ({ status, moving }) => badge(moving || status, status === "ready" && moving === "" ? "good" : "warn") },
  { title: "Connections", isNumber: true, cell: ({ connections }) => count(connections) },
  { title: "Sessions", isNumber: true, cell: ({ sessions }) => count(sessions) },
  { title: "Subscriptions", isNumber: true, cell: ({ subscriptions }) => count(subscriptions) },
  { title: "Retained", isNumber: true, cell: ({ retained }) => count(retained) },
  { title: "Memory", isNumber: true, cell: ({ memory_bytes }) => bytes(memory_bytes) },
  { title: "Event-loop lag", isNumber: true, cell: ({ event_loop_lag_seconds }) => `${(event_loop_lag_seconds * 1_000).toFixed(1)} ms` },
  { title: "Up", isNumber: true, cell: ({ uptime_seconds }) => duration(uptime_seconds) },
  { title: "Version", cell: ({ version }) => version },
  { title: "Runtime", cell: ({ runtime }) => runtime },
];

/** A row for each broker that answers. */
export async function nodesTable(signal: AbortSignal): Promise<HTMLElement> {
  const [nodes, rebalance] = await Promise.all([
    call<Answer<NodeFacts>>("/nodes", { signal }),
    call<Answer<Rebalance>>("/rebalance", { signal }),
  ]);
  const moving = new Map(
    rebalance.data.map(({ node, status, process, state }) => [node, status === "enabled" ? `${process}: ${state}` : ""]),
  );
  const items = nodes.data.map((node) => ({ ...node, moving: moving.get(node.node) ?? "" }));
  const { missing } = nodes.meta;
  return h(
    "div",
    {},
    table("Nodes", COLUMNS, items, "No broker answers."),
    missing !== undefined && h("p", { class: "empty" }, `No answer of ${missing.join(", ")}.`),
  );
}

/** The brokers of the cluster; one of them, by its name. */
export const nodes: View = async (place, { signal, args: [name] }) => {
  if (name !== undefined) return node(place, name, signal);
  const shown = await nodesTable(signal);
  place.append(h("h1", {}, "Nodes"), shown);
};

async function node(place: HTMLElement, name: string, signal: AbortSignal): Promise<void> {
  const of = { query: { node: name }, signal };
  const [about, stats, metrics] = await Promise.all([
    call<NodeFacts>("/broker", of),
    call<Record<string, number>>("/broker/stats", of),
    call<Record<string, number>>("/broker/metrics", of),
  ]);
  place.append(
    h("p", {}, h("a", { href: link("nodes") }, "Nodes")),
    h("h1", {}, name),
    h(
      "div",
      { class: "filters" },
      button("Refresh", () => void dispatchEvent(new HashChangeEvent("hashchange"))),
    ),
    facts("About this node", [
      ["Status", about.status],
      ["Version", about.version],
      ["Runtime", about.runtime],
      ["Process", String(about.pid)],
      ["Up", duration(about.uptime_seconds)],
      ["Memory", bytes(about.memory_bytes)],
      ["Connections now / at most", `${count(stats["connections.count"] ?? 0)} / ${count(stats["connections.max"] ?? 0)}`],
    ]),
    h("h2", {}, "At this moment"),
    numbers("At this moment", stats),
    h("h2", {}, "Since its start"),
    numbers("Since its start", metrics),
  );
}

function numbers(caption: string, values: Readonly<Record<string, number>>): HTMLElement {
  const shown = (value: number) => (Number.isInteger(value) ? count(value) : value.toFixed(4));
  return facts(
    caption,
    Object.entries(values).map(([name, value]) => [name, shown(value)]),
  );
}
