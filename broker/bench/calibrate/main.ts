/* npm run bench:calibrate: measures what a broker process costs, and writes it into lib/sizing/measurements.ts, which sizing counts with. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findRuntimes, typeScript } from "../contenders.js";
import type { Report } from "../report/report.js";
import { FULL } from "../rows.js";
import { costsOf, ROWS } from "./costs.js";
import { withValues } from "./edit-measurements.js";
import { KernelMemory } from "./kernel-memory.js";

const BENCH = join(dirname(fileURLToPath(import.meta.url)), "..");
const TARGET = join(BENCH, "../../lib/sizing/measurements.ts");
/** Connections that the bench opens before it counts. */
const WARM_UP_CONNECTIONS = 500;

const HELP = `npm run bench:calibrate

Runs the rows of the bench that sizing counts with, on Bun and on Node, looks at kernel memory and at the memory of a topic filter, and writes
lib/sizing/measurements.ts. Takes about six minutes; nothing else should run meanwhile. BENCH_NODE24=FILE names the Node to measure.
`;

if (process.argv.includes("--help")) console.log(HELP);
else await calibrate();

async function calibrate(): Promise<void> {
  const { bun } = findRuntimes();
  if (bun === undefined) throw new Error("Bun is needed, and the npm package 'bun' has no binary for this machine");
  const node = process.env.BENCH_NODE24 === undefined ? "mqttd-node" : "mqttd-node24";
  const report = await bench(["--only", ROWS.join(","), "--brokers", `mqttd-bun,${node}`]);
  const kernel = new KernelMemory();
  await bench(["--only", "memory", "--brokers", "mqttd-bun"]);
  // Both ends of each connection are on this machine, and they weigh the same.
  const kernelConnectionBytes = kernel.stop() / (2 * (FULL.connections + WARM_UP_CONNECTIONS));
  const filterBytes = await bytesPerFilter(bun);

  let source = readFileSync(TARGET, "utf8");
  source = withValues(source, "MEASURED_ON = {", { machine: report.machine, date: report.date.slice(0, 10) });
  for (const [block, contender] of [
    ["bun: {", "mqttd-bun"],
    ["node: {", node],
  ] as const) {
    source = withValues(source, block, { ...costsOf(report, contender), kernelConnectionBytes, filterBytes });
  }
  writeFileSync(TARGET, source);
  console.log(`Written: ${TARGET}`);
}

/** Runs the bench as a command of its own, and gives what it wrote. */
async function bench(flags: readonly string[]): Promise<Report> {
  const out = mkdtempSync(join(tmpdir(), "mqtt-calibrate-"));
  try {
    const { file, args } = typeScript(process.execPath, join(BENCH, "main.ts"));
    await run(file, [...args, ...flags, "--out", out], "inherit");
    const results = readdirSync(out).find((name) => name.endsWith(".json"));
    if (results === undefined) throw new Error("the bench wrote no results");
    return JSON.parse(readFileSync(join(out, results), "utf8")) as Report;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function bytesPerFilter(bun: string): Promise<number> {
  const output = await run(bun, [join(BENCH, "topics.ts")], "pipe");
  const bytes = /(\d+) bytes a filter/.exec(output)?.[1];
  if (bytes === undefined) throw new Error("topics.ts did not say how many bytes a filter takes");
  return Number(bytes);
}

function run(file: string, args: readonly string[], stdout: "inherit" | "pipe"): Promise<string> {
  const child = spawn(file, [...args], { stdio: ["ignore", stdout, "inherit"] });
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    // The bench ends with 1 when a budget is missed, which is no matter here.
    child.once("close", (code) => (code === 0 || code === 1 ? resolve(output) : reject(new Error(`${file} ended with ${code}`))));
  });
}
