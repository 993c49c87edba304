import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { findNats } from "../../../bench/million/brokers.js";
import { chartsOf } from "../../../bench/million/charts.js";
import { Children } from "../../../bench/million/children.js";
import { thisMachine } from "../../../bench/million/machine.js";
import { markdownOf } from "../../../bench/million/markdown.js";
import { parseOptions } from "../../../bench/million/options.js";
import { planOf } from "../../../bench/million/plan.js";
import { runMillion } from "../../../bench/million/run.js";
import { requireTool } from "../../support/tools.js";

const BROKER = resolve(import.meta.dirname, "../../..");
const BUN = resolve(BROKER, "../node_modules/bun/bin/bun.exe");
/** The whole test runs on Node and on Bun; brokers and clients are Bun processes both times. */
const MANY = "Bun" in globalThis ? 4_000 : 50_000;
const FEWEST_OPEN_FILES = 4_096;

let folder: string;
let bundle: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mqttd-million-test-"));
  bundle = join(folder, "mqttd.mjs");
  execFileSync("node", [join(BROKER, "build.mjs"), bundle], { stdio: "pipe" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a million live connections, in small", () => {
  it.for([
    [`${MANY} with brokers that stand alone`, [`--connections=${MANY}`, "--standalone", "--keep-alive=5"]],
    ["3000 with brokers of one cluster, messages from one to another", ["--connections=3000", "--keep-alive=5"]],
  ] as const)(
    "%s: counted the same by brokers, clients and kernel, kept alive, reached, and closed",
    { timeout: 400_000 },
    async ([, args], context) => {
      const options = parseOptions(args);
      const machine = thisMachine();
      const plan = planOf(options, machine);
      if (!options.isStandalone && findNats() === undefined)
        requireTool(context, "nats-server", "go install github.com/nats-io/nats-server/v2@v2.15.2");
      skipUnlessItFits(context, machine.openFiles, plan.problems);

      const children = new Children();
      context.onTestFinished(() => children.killAll());
      const result = await runMillion({
        children,
        plan,
        options,
        program: [BUN, bundle],
        say: () => {},
        signal: new AbortController().signal,
      });
      expect(result.counted, result.problems.join("; ")).toMatchObject({
        clients: options.connections,
        brokers: options.connections,
        kernel: options.connections,
      });
      expect(result.keepAlives?.answered).toBeGreaterThanOrEqual(options.connections - plan.sample);
      expect(result.keepAlives?.lost).toBe(0);
      expect(result.sample).toMatchObject({ received: plan.sample, isAcross: !options.isStandalone });
      expect(result.closed?.left).toBe(0);

      const report = { date: "2026-11-29T00:00:00Z", command: "c", machine: "m", runtime: "r", options, plan, result };
      expect(markdownOf(report)).toContain(`# ${options.connections.toLocaleString("en")} live MQTT connections`);
      expect(chartsOf(result.moments, report.date)).toMatch(/<polyline points="[\d., ]+"/);
    },
  );
});

function skipUnlessItFits(context: TestContext, openFiles: number, problems: readonly string[]): void {
  const reasons = [...problems, ...(openFiles < FEWEST_OPEN_FILES ? [`only ${openFiles} open files a process`] : [])];
  if (reasons.length === 0) return;
  if (process.env.REQUIRE_TOOLS === "1") throw new Error(`REQUIRE_TOOLS=1, and this cannot run here: ${reasons.join("; ")}`);
  console.log(`skipped: ${context.task.name}: ${reasons.join("; ")}`);
  context.skip(reasons.join("; "));
}
