import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, type TestContext } from "vitest";
import { runCampaign } from "./campaign.js";
import { commandOf, losslessArgs } from "./mqttd-child.js";
import { SmallDisk } from "./small-disk.js";

const RUNTIME = process.versions.bun === undefined ? "node" : "bun";
const DISK_MIB = 160;
const MAX_PADDING = 100_000;
const FULL_FROM = 2;
/** What the store has reserved lasts a while: how long depends on the machine. */
const MAX_ROUNDS = 40;
/** With messages refused, and with room again. */
const ROUNDS_EACH = 2;

function smallDisk(context: TestContext): SmallDisk {
  try {
    const disk = new SmallDisk(DISK_MIB);
    onTestFinished(() => disk.unmount());
    return disk;
  } catch (error) {
    const reason = `no tmpfs can be mounted here: ${(error as Error).message.trim()}`;
    if (process.env.REQUIRE_TOOLS === "1") throw new Error(`REQUIRE_TOOLS=1, but ${reason}`);
    console.log(`skipped: ${context.task.name}: ${reason}`);
    return context.skip(reason);
  }
}

it("a broker whose disk is full refuses what it cannot store, keeps what it acknowledged, and goes on when there is room", {
  timeout: 180_000,
}, async (context) => {
  const disk = smallDisk(context);
  const programs = mkdtempSync(join(tmpdir(), "mqttd-torture-programs-"));
  onTestFinished(() => rmSync(programs, { recursive: true, force: true }));
  const { file, args } = commandOf(RUNTIME, programs);
  let refusedFrom: number | undefined;
  let roomFrom: number | undefined;
  const result = await runCampaign({
    command: { file, args: [...args, ...losslessArgs(disk.folder)] },
    ...{ rounds: MAX_ROUNDS, seed: 5, maxPadding: MAX_PADDING, storesLeaving: false },
    onRound: (round, refused) => {
      if (round === FULL_FROM) disk.fill();
      if (refused > 0) refusedFrom ??= round;
      if (refusedFrom === undefined || round < refusedFrom + ROUNDS_EACH || roomFrom !== undefined) return;
      disk.makeRoom();
      roomFrom = round;
    },
    isEnough: (round) => roomFrom !== undefined && round >= roomFrom + ROUNDS_EACH,
    // Without room it may not even start; it says so, and does when there is some.
    onRefused: ({ code, output }) => {
      expect([code, output]).toEqual([1, expect.stringContaining(`the store in ${disk.folder} cannot be written: the disk is full`)]);
      disk.makeRoom();
      roomFrom ??= 0;
      return true;
    },
    isExpected: (line) => /could not be stored|cannot be written|cannot go on|does not work/.test(line),
  });
  expect(result.problems).toEqual([]);
  expect(result.refused + result.refusals).toBeGreaterThan(0);
  expect(result.acknowledged).toBeGreaterThan(100);
});
