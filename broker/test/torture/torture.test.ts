import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { runCampaign } from "./campaign.js";
import { Copy, damage } from "./damage.js";
import { commandOf, losslessArgs } from "./mqttd-child.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const RUNTIME = process.versions.bun === undefined ? "node" : "bun";
const ROUNDS = 5;
const TIMEOUT = { timeout: 180_000 };

let programs: string;
beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), "mqttd-torture-programs-"));
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mqttd-torture-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe("a broker that is killed under load", () => {
  it("loses no message that it acknowledged, and delivers none twice at QoS 2", TIMEOUT, async () => {
    const { file, args } = commandOf(RUNTIME, programs);
    const result = await runCampaign({ command: { file, args: [...args, ...losslessArgs(folder())] }, rounds: ROUNDS, seed: 20_261_125 });
    expect(result.problems).toEqual([]);
    expect([result.kills, result.refusals]).toEqual([ROUNDS, 0]);
    expect(result.acknowledged).toBeGreaterThan(100);
    expect(result.received).toBeGreaterThan(100);
  });
});

describe("a store that was damaged while no broker had it", () => {
  it("is complete, or refused by name: nothing is lost in silence", TIMEOUT, async () => {
    const dataDir = folder();
    const { file, args } = commandOf(RUNTIME, programs);
    let copy: Copy | undefined;
    const result = await runCampaign({
      command: { file, args: [...args, ...losslessArgs(dataDir)] },
      ...{ rounds: 4, seed: 4 },
      onKilled: (_, random) => {
        copy?.drop();
        copy = new Copy(dataDir);
        damage(dataDir, random);
      },
      onRefused: ({ code, output }) => {
        expect([code, output]).toEqual([1, expect.stringContaining(`the store in ${dataDir} is damaged`)]);
        copy!.putBack();
        return true;
      },
    });
    copy?.drop();
    expect(result.problems).toEqual([]);
    expect(result.refusals).toBeGreaterThan(0);
  });
});

/** The checker would be worth nothing if it did not see what is wrong. */
describe("a broker whose store is wrong", () => {
  const campaign = (fault: string, rounds: number) => {
    const { file, args } = commandOf(RUNTIME, programs, join(HERE, "journal-broker.ts"));
    return runCampaign({ command: { file, args: [...args, folder(), fault] }, rounds, seed: 3 });
  };

  it("is found out if it acknowledges before the message is durable", TIMEOUT, async () => {
    const { problems } = await campaign("early", 4);
    expect(problems.filter((problem) => problem.startsWith("lost"))).not.toEqual([]);
  });

  it("is found out if it forgets which QoS 2 messages it has received", TIMEOUT, async () => {
    const { problems } = await campaign("forgetful", 6);
    expect(problems.filter((problem) => problem.startsWith("duplicate"))).not.toEqual([]);
  });

  it("is found out by that alone: the same store without the fault passes", TIMEOUT, async () => {
    expect((await campaign("none", 2)).problems).toEqual([]);
  });
});
