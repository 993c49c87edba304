import { Chart } from "../chart.js";
import { fill, h } from "../dom.js";
import { bytes, compact, count, rate } from "../format.js";
import { HOUR_MS, ROW, STEP_MS } from "../series.js";
import type { View } from "../view.js";
import { nodesTable } from "./nodes.js";

/** Charts begin with five minutes, and widen until they hold an hour. */
const LEAST_POINTS = 300_000 / STEP_MS;
const MOST_POINTS = HOUR_MS / STEP_MS;
const NODES_EVERY_MS = 5_000;

/** How much there is to do, now and over the last hour. */
export const overview: View = (place, { live, signal }) => {
  const { series } = live;
  const tiles = [
    ["Connections", () => count(series.now(ROW.connections))],
    ["Messages in", () => rate(series.rateNow(ROW.receivedMessages))],
    ["Messages out", () => rate(series.rateNow(ROW.sentMessages))],
    ["Dropped", () => rate(series.rateNow(ROW.droppedMessages))],
    ["Sessions", () => count(series.now(ROW.sessions))],
    ["Subscriptions", () => count(series.now(ROW.subscriptions))],
    ["Retained", () => count(series.now(ROW.retained))],
    ["Memory", () => bytes(series.now(ROW.memoryBytes))],
  ] as const;
  const shown = tiles.map(([label]) => ({ label, value: h("dd", {}, "–") }));

  const connections = new Chart({ title: "Connections", format: compact });
  const messages = new Chart({ title: "Messages a second", format: compact });
  const subscriptions = new Chart({ title: "Subscriptions and retained messages", format: compact });
  const dropped = new Chart({ title: "Messages dropped a second", format: compact });
  const traffic = new Chart({ title: "Bytes a second", format: bytes, isBinary: true });
  const memory = new Chart({ title: "Memory", format: bytes, isBinary: true });
  const charts = [connections, messages, subscriptions, dropped, traffic, memory];

  const nodes = h("div", {});
  place.append(
    h("h1", {}, "Overview"),
    h("dl", { class: "tiles" }, ...shown.map(({ label, value }) => h("div", {}, h("dt", {}, label), value))),
    h("div", { class: "charts" }, ...charts.map(({ element }) => element)),
    h("h2", {}, "Nodes"),
    nodes,
  );

  let drawnMs = 0;
  live.watch(() => {
    for (const [index, [, value]] of tiles.entries()) shown[index]!.value.textContent = value();
    const { endMs } = series;
    if (endMs - drawnMs < 1_000) return;
    drawnMs = endMs;
    const points = Math.min(MOST_POINTS, Math.max(LEAST_POINTS, series.length));
    const line = (label: string, at: number) => ({ label, values: series.values(at, points) });
    const rateLine = (label: string, at: number) => ({ label, values: series.rates(at, points) });
    connections.show([line("Clients", ROW.connections)], endMs);
    messages.show([rateLine("in", ROW.receivedMessages), rateLine("out", ROW.sentMessages)], endMs);
    subscriptions.show([line("Subscriptions", ROW.subscriptions), line("Retained", ROW.retained)], endMs);
    dropped.show([rateLine("dropped", ROW.droppedMessages)], endMs);
    traffic.show([rateLine("in", ROW.receivedBytes), rateLine("out", ROW.sentBytes)], endMs);
    memory.show([line("Memory", ROW.memoryBytes)], endMs);
  }, signal);

  const showNodes = async () => fill(nodes, await nodesTable(signal));
  const timer = setInterval(() => void (document.hidden || showNodes().catch(() => {})), NODES_EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  return showNodes();
};
