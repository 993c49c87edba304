import { describe, expect, it } from "vitest";
import { NO_TEXT, TextTable } from "../../src/topics/text-table.js";
import { WildcardTrie } from "../../src/topics/wildcard-trie.js";
import { oneOf, seededRandom } from "./support.js";

const find = (table: TextTable, text: string) => table.find(text, 0, text.length);
const hold = (table: TextTable, text: string) => table.hold(text, 0, text.length);

describe("TextTable", () => {
  it("numbers a part of a text like the same text alone", () => {
    const table = new TextTable(1);
    const sport = hold(table, "sport");
    expect(table.find("a/sport/b", 2, 7)).toBe(sport);
    expect(table.find("a/sport/b", 2, 6)).toBe(NO_TEXT);
    expect(table.find("a/sport/b", 0, 0)).toBe(NO_TEXT);
  });

  it("keeps a number until its last holder has released it", () => {
    const table = new TextTable(1);
    const number = hold(table, "a");
    expect(hold(table, "a")).toBe(number);
    table.release(number);
    expect([find(table, "a"), table.size]).toEqual([number, 1]);
    table.release(number);
    expect([find(table, "a"), table.size]).toEqual([NO_TEXT, 0]);
  });

  it.each([0, 1, -1, 0x7fffffff])("finds what is held and nothing else while texts come and go (hash seed %i)", (hashSeed) => {
    const random = seededRandom(3);
    const table = new TextTable(hashSeed);
    const texts = Array.from({ length: 2_000 }, (_, i) => `text${i}`);
    const numbers = new Map<string, number>();
    for (let step = 0; step < 20_000; step++) {
      const text = oneOf(texts, random);
      const number = numbers.get(text);
      if (number === undefined) numbers.set(text, hold(table, text));
      else {
        table.release(number);
        numbers.delete(text);
      }
    }
    expect(texts.map((text) => find(table, text))).toEqual(texts.map((text) => numbers.get(text) ?? NO_TEXT));
    expect(new Set(numbers.values()).size).toBe(table.size);
  });

  it("tells texts apart whose hashes are equal", () => {
    // Among 400,000 texts some 18 pairs share a hash of 32 bits, however good it is.
    const table = new TextTable(1);
    const numbers = new Set<number>();
    for (let i = 0; i < 400_000; i++) numbers.add(hold(table, `text${i}`));
    expect([numbers.size, table.size]).toEqual([400_000, 400_000]);
  });
});

describe("WildcardTrie", () => {
  it("lets go of the levels that only removed filters had", () => {
    const trie = new WildcardTrie<string>(1);
    trie.set("a/b/+", "stays");
    for (let i = 0; i < 100; i++) trie.set(`a/level${i}/b/#`, "goes");
    expect(trie.levelCount).toBe(102);
    for (let i = 0; i < 100; i++) trie.delete(`a/level${i}/b/#`);
    expect([trie.levelCount, trie.nodeCount]).toEqual([2, 3]);
  });
});
