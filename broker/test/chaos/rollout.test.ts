import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, type TestContext } from "vitest";
import { commandOf } from "../torture/mqttd-child.js";
import { ChaosCluster } from "./chaos-cluster.js";
import { Round } from "./round.js";

const RUNTIME = process.versions.bun === undefined ? "node" : "bun";
const TIMEOUT = { timeout: 180_000 };
/** Load before and after each step. */
const BETWEEN_MS = 1_000;

let programs: string;
beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), "mqttd-chaos-programs-"));
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

/** What becomes of clients of all kinds while the cluster changes as operators change it, and nothing else happens to it. */
async function underLoad(context: TestContext, brokers: number, change: (cluster: ChaosCluster) => Promise<void>) {
  const cluster = await ChaosCluster.start({
    context,
    command: commandOf(RUNTIME, programs),
    brokers,
    onNote: (text) => console.log(text),
  });
  const harm = async () => {
    await pause(BETWEEN_MS);
    await change(cluster);
    await pause(BETWEEN_MS);
  };
  const options = { cluster, prefix: "r", seed: 1, loadMs: 0, sessions: "clean" as const, onEvent: () => {}, harm };
  const { problems, figures } = await new Round(options).run();
  expect(problems).toEqual([]);
  expect(figures.acknowledged).toBeGreaterThan(100);
}

it("a rolling restart of all brokers under load loses nothing acknowledged and repeats nothing at QoS 2", TIMEOUT, (context) =>
  underLoad(context, 3, async ({ brokers }) => {
    for (const broker of brokers) {
      await broker.stop();
      await broker.start();
      await pause(BETWEEN_MS);
    }
  }),
);

it("brokers that are added while clients publish lose nothing acknowledged and repeat nothing at QoS 2", TIMEOUT, (context) =>
  underLoad(context, 1, async (cluster) => {
    for (let added = 0; added < 2; added++) {
      await cluster.add();
      await pause(BETWEEN_MS);
    }
  }),
);
