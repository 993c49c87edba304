import { expect, it } from "vitest";
import { ClusterStore } from "../../../src/cluster/nats/cluster-store.js";
import { Once } from "../../../src/cluster/nats/once.js";
import type { Outgoing } from "../../../src/persistence/records.js";
import { messageOf } from "../../session/support.js";
import { SILENT } from "./test-backplane.js";

it("what a dead broker had on its way is sent in the order in which it was taken, whatever that in its journal is", () => {
  const sent: [origin: string, number: number][] = [];
  const once = new Once({
    self: "self",
    store: new ClusterStore({ log: SILENT }),
    messages: () => ({
      publishOnce: async ({ origin, number }) => {
        sent.push([origin, number]);
      },
    }),
    isAwaited: true,
    commit: () => undefined,
    durable: async () => {},
  });
  const left = (
    [
      ["a", 10],
      ["a", 9],
      ["b", 1],
      ["a", 100],
    ] as const
  ).map(([origin, number]): Outgoing => ({ origin, number, message: messageOf("t", { qos: 2 }), toSubscribers: true, groups: [] }));
  once.publishAgain(left, "a");
  expect(sent).toEqual([
    ["a", 9],
    ["a", 10],
    ["a", 100],
    ["b", 1],
  ]);
});
