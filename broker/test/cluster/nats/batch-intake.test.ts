import { expect, it } from "vitest";
import { BatchIntake } from "../../../src/cluster/nats/batch-intake.js";
import { ClusterCounters } from "../../../src/cluster/nats/cluster-counters.js";
import type { Peer } from "../../../src/cluster/nats/peer.js";
import { Places } from "../../../src/cluster/nats/places.js";
import { messageOf } from "../../session/support.js";

it("what a dead broker had on its way is not for those who know no numbers, once something has come that it took later: they have subscribed since", () => {
  const [wanted, groups]: [number[], number[]] = [[], []];
  const intake = new BatchIntake({
    counters: new ClusterCounters(),
    deliver: ({ payload }, to, from) => {
      if (!from!.isRepeated) wanted.push(payload[0]!);
      if (to.groups.length > 0) groups.push(payload[0]!);
    },
    kept: {
      ...{ changes: () => 0, mark: () => {}, numbers: new Map(), passed: () => {}, came: () => undefined },
      ...{ hadForGroup: () => {}, dealt: () => {}, wasHadForGroup: () => false, commit: () => undefined, durable: async () => {} },
    },
  });
  let sequence = 0;
  const come = (from: string, number: number, isAgain: boolean) => {
    const peer = { id: from, origin: { broker: from }, places: new Places(from) } as Peer;
    const message = { ...messageOf("", { qos: 2 }), payload: Uint8Array.of(number) };
    const to = { toSubscribers: true, groups: [{ shareName: "g", filter: "t" }] };
    intake.take(peer, ({ message: give }) => give(message, to, { source: { origin: "dead", number, floor: 0 }, isAgain }, 0), ++sequence);
  };
  come("dead", 2, false);
  for (const number of [1, 2, 3]) come("heir", number, true);
  // A group had a member elsewhere that may not have got it.
  expect([wanted, groups]).toEqual([
    [2, 3],
    [2, 1, 3],
  ]);
});
