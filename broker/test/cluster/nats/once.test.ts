import { expect, it } from "vitest";
import { ClusterStore } from "../../../src/cluster/nats/cluster-store.js";
import { Once } from "../../../src/cluster/nats/once.js";
import { Deferred } from "../../../src/journal/deferred.js";
import type { Outgoing } from "../../../src/persistence/outgoing.js";
import { TakenNumbers } from "../../../src/persistence/taken-numbers.js";
import { messageOf } from "../../session/support.js";
import { SILENT } from "./test-backplane.js";

it("what a dead broker had on its way is sent in the order in which it was taken, whatever that in its journal is: first what it had inherited", () => {
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
      ["c", 2],
      ["a", 9],
      ["b", 1],
      ["a", 100],
      ["c", 1],
    ] as const
  ).map(([origin, number]): Outgoing => ({ origin, number, message: messageOf("t", { qos: 2 }), toSubscribers: true, groups: [] }));
  once.publishAgain(left, "a", new Map());
  expect(sent).toEqual([
    ["c", 1],
    ["c", 2],
    ["b", 1],
    ["a", 9],
    ["a", 10],
    ["a", 100],
  ]);
});

it("what is on its way is over once it has come everywhere, sessions of the dead included, and a journal that is taken over says so", async () => {
  const taken = new Map<number, Deferred>();
  const [journal, events] = [new Deferred(), [] as string[]];
  const once = new Once({
    self: "self",
    store: new ClusterStore({ log: SILENT }),
    messages: () => ({
      publishOnce: ({ number }) => {
        const all = new Deferred();
        taken.set(number, all);
        return all.promise;
      },
    }),
    isAwaited: true,
    commit: () => (events.includes("all have it") ? journal.promise : undefined),
    durable: async (first) => void (await first),
  });
  const message = messageOf("t", { qos: 2 });
  for (let count = 0; count < 2; count++) void once.publish(message, [], once.next());
  await once.allSent();
  const over = once.allOver().then(() => events.push("over"));
  void once.publish(message, [], once.next()); // not waited for
  await once.allSent();
  taken.get(2)!.resolve();
  await new Promise((resolve) => setTimeout(resolve, 20));
  events.push("all have it");
  taken.get(1)!.resolve();
  await new Promise((resolve) => setTimeout(resolve, 20));
  events.push("journal");
  journal.resolve();
  await over;
  expect(events).toEqual(["all have it", "journal", "over"]);
});

it("what several brokers that are dead had on its way goes to a shared group once, and not at all if it was for one of them that had it", () => {
  const sent: [number: number, groups: number][] = [];
  const once = new Once({
    self: "self",
    store: new ClusterStore({ log: SILENT }),
    messages: () => ({
      publishOnce: async ({ number, groups }) => {
        sent.push([number, groups.length]);
      },
    }),
    isAwaited: true,
    commit: () => undefined,
    durable: async () => {},
  });
  const left = [1, 2, 3].map((number): Outgoing => {
    const groups = [{ shareName: "g", filter: "t", broker: number === 3 ? "heir" : "other" }];
    return { origin: "a", number, message: messageOf("t", { qos: 2 }), toSubscribers: true, groups };
  });
  once.publishAgain(left.slice(0, 1), "a", new Map());
  once.publishAgain(left, "heir", new Map([["a", new TakenNumbers(0, [2, 3])]]));
  expect(sent).toEqual([
    [1, 1],
    [1, 0],
    [2, 1],
    [3, 0],
  ]);
});

it("what the next life of a broker has taken over from this one stays on its way, though nobody waits in this one any more", async () => {
  const store = new ClusterStore({ log: SILENT });
  const isDurable = new Deferred();
  const once = new Once({
    ...{ self: "self", store, isAwaited: true },
    messages: () => ({ publishOnce: () => isDurable.promise }),
    commit: () => undefined,
    durable: async () => {},
  });
  const outgoing: Outgoing = { origin: "a", number: 1, message: messageOf("t", { qos: 2 }), toSubscribers: true, groups: [] };
  store.note(outgoing);
  once.publishAgain([outgoing], "a", new Map());
  once.stop();
  isDurable.resolve(); // as what waits for a journal does once that has ended
  await new Promise(setImmediate);
  expect(store.outgoing).toEqual(["a 1"]);
});
