import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { commandOf } from "../torture/mqttd-child.js";
import { ChaosCluster } from "./chaos-cluster.js";
import { Round } from "./round.js";

const RUNTIME = process.versions.bun === undefined ? "node" : "bun";
const TIMEOUT = { timeout: 180_000 };
const SEED = 20_261_129;

let programs: string;
beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), "mqttd-chaos-programs-"));
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

const started = (context: TestContext, flags: readonly string[] = [], brokers = 3) =>
  ChaosCluster.start({ context, command: commandOf(RUNTIME, programs), brokers, flags, onNote: (text) => console.log(text) });

describe("brokers and NATS servers that are killed, stopped and cut off under load", () => {
  it("lose nothing acknowledged, deliver nothing twice at QoS 2, and have one owner for each client", TIMEOUT, async (context) => {
    const cluster = await started(context);
    const events: string[] = [];
    const options = {
      cluster,
      prefix: "r",
      seed: SEED,
      loadMs: 15_000,
      sessions: "clean" as const,
      onEvent: (text: string) => events.push(text),
    };
    const { problems, faults, figures } = await new Round(options).run();
    expect(problems, events.join("\n")).toEqual([]);
    expect(Object.keys(faults).length).toBeGreaterThan(2);
    expect(figures.acknowledged).toBeGreaterThan(100);
    expect(figures.received).toBeGreaterThan(100);
    expect(figures.moves).toBeGreaterThan(10);
  });
});

/** The checker would be worth nothing if it did not see what is wrong. */
describe("brokers that acknowledge before the others have a message", () => {
  /** Long enough to have acknowledged much, too short to be taken for cut off. */
  const BLOCKED_MS = 1_000;

  const harm = async ({ brokers: [victim] }: ChaosCluster) => {
    for (let time = 0; time < 3; time++) {
      await pause(2 * BLOCKED_MS); // clients have to be there
      victim!.cut();
      await pause(BLOCKED_MS);
      await victim!.kill();
      victim!.mend();
      await victim!.start();
    }
  };

  /** Rounds until one has such a problem: whether a message is on its way at the worst moment is a matter of luck. */
  const campaign = async (context: TestContext, flags: readonly string[], mostRounds: number, beginning = "") => {
    const cluster = await started(context, flags, 2);
    for (let round = 0; round < mostRounds; round++) {
      const options = { cluster, prefix: `r${round}`, seed: SEED + round, loadMs: 0, sessions: "clean" as const, onEvent: () => {}, harm };
      const problems = (await new Round(options).run()).problems.filter((problem) => problem.startsWith(beginning));
      if (problems.length > 0) return problems;
    }
    return [];
  };

  it("are found out", { timeout: 300_000 }, async (context) => {
    expect(await campaign(context, ["--nats-acknowledge", "async"], 10, "lost")).not.toEqual([]);
  });

  it("are found out by that alone: those that wait pass", TIMEOUT, async (context) => {
    expect(await campaign(context, [], 1)).toEqual([]);
  });
});
