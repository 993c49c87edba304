import { expect, it } from "vitest";
import { runCampaign } from "./campaign.js";

const SEED = 20_261_125;
const PACKETS = 20_000;

it(`${PACKETS.toLocaleString("en")} mutated packets harm neither the broker nor other clients`, { timeout: 180_000 }, async () => {
  const runtime = process.versions.bun === undefined ? "node" : "bun";
  const result = await runCampaign({ runtime, seed: SEED, packets: PACKETS, phases: 2, progress: () => {} });
  expect(result.problems).toEqual([]);
  expect(result.packets).toBeGreaterThanOrEqual(PACKETS);
  // The attackers got through, and the witnesses were there.
  expect(result.packetsReceived).toBeGreaterThan(PACKETS);
  expect(result.messagesWitnessed).toBeGreaterThan(1_000);
});
