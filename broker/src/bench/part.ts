import { createInterface } from "node:readline";
import type { Load } from "./load.js";
import { PART_ORDERS, type PartReport } from "./process-swarm.js";
import { pack } from "./tallies.js";

const REPORT_MS = 1_000;

/** Runs one part of a load that has several: reports to the process that started this one, and does what that says. */
export async function runPart(load: Load, orders: NodeJS.ReadableStream, report: (report: PartReport) => void): Promise<void> {
  const tell = () => report({ kind: "snapshot", snapshot: pack(load.snapshot()) });
  const stopped = new Promise<void>((resolve) => {
    const lines = createInterface({ input: orders });
    lines.on("line", (order) => {
      if (order === PART_ORDERS.release) load.release();
      else if (order === PART_ORDERS.hold) load.hold();
      else if (order === PART_ORDERS.stop) resolve();
    });
    lines.on("close", resolve);
  });
  const timer = setInterval(tell, REPORT_MS);
  void load.start().then(() => {
    tell();
    report({ kind: "settled" });
  });
  void load.done.then(() => {
    tell();
    report({ kind: "done" });
  });
  await stopped;
  clearInterval(timer);
  tell();
  await load.stop();
}
