import { describe, expect, it } from "vitest";
import { EdgeTable, NOWHERE } from "../../src/topics/edge-table.js";
import { LevelScan } from "../../src/topics/level-scan.js";
import { oneOf, seededRandom } from "./support.js";

const PARENT = 5;

/** A table, with hashes made as the trie makes them, or all the same. */
function tableWith(hashOf: (text: string) => number) {
  const table = new EdgeTable();
  return {
    table,
    find: (text: string, parent = PARENT) => table.find(parent, hashOf(text), text, 0, text.length),
    add: (text: string, child: number, parent = PARENT) => table.add(parent, hashOf(text), text, 0, text.length, child),
    remove: (text: string, child: number, parent = PARENT) => table.remove(parent, hashOf(text), child),
  };
}

function seededHash(seed: number): (text: string) => number {
  const scan = new LevelScan(seed);
  return (text) => {
    scan.read(text);
    return scan.whole;
  };
}

describe("EdgeTable", () => {
  it("finds a part of a text like the same text alone", () => {
    const { table, add } = tableWith(() => 1);
    add("sport", 3);
    expect(table.find(PARENT, 1, "a/sport/b", 2, 7)).toBe(3);
    expect(table.find(PARENT, 1, "a/sport/b", 2, 6)).toBe(NOWHERE);
    expect(table.find(PARENT, 1, "a/sport/b", 0, 0)).toBe(NOWHERE);
  });

  it("keeps the same text apart by the node it leads away from", () => {
    const { find, add, remove } = tableWith(() => 1);
    add("sport", 3);
    add("sport", 3, PARENT + 1);
    remove("sport", 3);
    expect([find("sport"), find("sport", PARENT + 1), find("sport", PARENT + 2)]).toEqual([NOWHERE, 3, NOWHERE]);
  });

  it.each([
    ["one byte a character", "caf\u00e9", "caf\u00e8"],
    ["two", "\u65e5\u672c", "\u65e5\u672d"],
    ["two, characters that differ in the high byte only", "\u0161", "a"],
    ["an empty text and one of a null byte's width", "", "a"],
    ["wide and narrow of the same bytes", "\u6161", "aa"],
  ])("tells texts apart whose hashes are equal: %s", (_, text, other) => {
    const { find, add } = tableWith(() => 1);
    add(text, 3);
    expect([find(text), find(other)]).toEqual([3, NOWHERE]);
    add(other, 4);
    expect([find(text), find(other)]).toEqual([3, 4]);
  });

  it.each([
    ["hash seed 0", seededHash(0), 2_000],
    ["hash seed 1", seededHash(1), 2_000],
    ["hash seed -1", seededHash(-1), 2_000],
    ["hash seed 0x7fffffff", seededHash(0x7fffffff), 2_000],
    ["four hashes for all texts", (text: string) => text.length & 3, 200],
  ])("finds what is there and nothing else while texts come and go (%s)", (_, hashOf, count) => {
    const random = seededRandom(3);
    const { table, find, add, remove } = tableWith(hashOf);
    const texts = Array.from({ length: count }, (_, i) => (i % 7 === 0 ? "日" : "text").repeat(i % 5) + i);
    const children = new Map<string, number>();
    for (let step = 1; step <= 20_000; step++) {
      const text = oneOf(texts, random);
      const child = children.get(text);
      if (child === undefined) {
        add(text, step);
        children.set(text, step);
      } else {
        remove(text, child);
        children.delete(text);
      }
    }
    expect(texts.map((text) => find(text))).toEqual(texts.map((text) => children.get(text) ?? NOWHERE));
    expect(table.size).toBe(children.size);
  });

  it("tells apart 400,000 texts, of which some 18 pairs share a hash of 32 bits, however good it is", () => {
    const { find, add } = tableWith(seededHash(1));
    for (let i = 1; i <= 400_000; i++) add(`text${i}`, i);
    let wrong = 0;
    for (let i = 1; i <= 400_000; i++) if (find(`text${i}`) !== i) wrong++;
    expect(wrong).toBe(0);
  });
});
