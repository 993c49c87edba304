import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { PassingMap } from "../src/passing-map.js";
import { PassingSet } from "../src/passing-set.js";

/** Bun has no way to ask for a young collection, and so nothing to see. */
const forV8 = process.versions.bun === undefined ? it : () => {};
const MIB = 1_048_576;
/** 2 KiB each, and 10 of them at a time. */
const COUNT = 4_000;
const AT_A_TIME = 10;

describe("a set that members pass through", () => {
  it("has who came and has not gone, in the order of coming, however many have passed", () => {
    const [set, model] = [new PassingSet<number>(), new Set<number>()];
    for (let number = 0; number < 2_000; number++) {
      set.add(number);
      model.add(number);
      if (number % 7 === 0) continue;
      expect(set.delete(number - 3)).toBe(model.delete(number - 3));
      expect(set.size).toBe(model.size);
    }
    expect([...set]).toEqual([...model]);
  });

  forV8("lets young collections have those that have gone", () => {
    expect(keptBytes(new PassingSet<object>())).toBeLessThan(1 * MIB);
    // The reason why there is one: should this fail some day, a Set will do.
    expect(keptBytes(new Set<object>())).toBeGreaterThan(2 * MIB);
  });
});

describe("a map that entries pass through", () => {
  it("has what was set and has not gone, in the order of coming, however many have passed", () => {
    const [map, model] = [new PassingMap<number, string>(), new Map<number, string>()];
    for (let number = 0; number < 2_000; number++) {
      map.set(number, `value ${number}`);
      model.set(number, `value ${number}`);
      if (number % 7 === 0) continue;
      expect(map.delete(number - 3)).toBe(model.delete(number - 3));
      expect(map.size).toBe(model.size);
    }
    expect([...map]).toEqual([...model]);
    expect(map.get(1_400)).toBe(model.get(1_400));
    expect([map.has(1_400), map.has(1_401)]).toEqual([model.has(1_400), model.has(1_401)]);
  });

  forV8("lets young collections have what has gone", () => {
    const map = new PassingMap<object, number>();
    expect(keptBytes({ add: (member) => map.set(member, 1), delete: (member) => map.delete(member) })).toBeLessThan(1 * MIB);
  });
});

/** What young collections leave of thousands that have come and gone, for a set that has grown old before. */
function keptBytes(set: { add(member: object): void; delete(member: object): void }): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options?: { type: "minor" }) => void;
  collect();
  collect();
  const before = getHeapStatistics().used_heap_size;
  const present: object[] = [];
  for (let count = 0; count < COUNT; count++) {
    const member = new Array(256).fill(count);
    set.add(member);
    if (present.push(member) > AT_A_TIME) set.delete(present.shift()!);
    if (count % 500 === 0) collect({ type: "minor" });
  }
  for (const member of present.splice(0)) set.delete(member);
  collect({ type: "minor" });
  collect({ type: "minor" });
  return getHeapStatistics().used_heap_size - before;
}
