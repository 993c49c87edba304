import { expect, it } from "vitest";
import { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import { TopicTree } from "../../src/retained/topic-tree.js";
import { SettableClock } from "../support/settable-clock.js";
import { describeRetainedStore } from "./retained-store.suite.js";

describeRetainedStore("MemoryRetainedStore", (clock) => ({ store: new MemoryRetainedStore({ clock }) }));

it("answers at once, with nothing to wait for", () => {
  const store = new MemoryRetainedStore({ clock: new SettableClock() });
  expect([store.match("#", () => {}), store.get("a"), store.commit()]).toEqual([undefined, undefined, undefined]);
});

it("lets go of the levels that only deleted topics had, and of no others", () => {
  const tree = new TopicTree<string>();
  tree.set("a/b", "stays");
  for (let i = 0; i < 100; i++) tree.set(`a/b/${i}/c`, "goes");
  expect([tree.size, tree.nodeCount]).toEqual([101, 202]);
  for (let i = 0; i < 100; i++) tree.delete(`a/b/${i}/c`);
  expect([tree.size, tree.nodeCount, tree.get("a/b")]).toEqual([1, 2, "stays"]);
  tree.delete("a/b");
  expect([tree.size, tree.nodeCount]).toEqual([0, 0]);
});
