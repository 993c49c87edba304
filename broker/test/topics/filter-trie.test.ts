import { describe, expect, it } from "vitest";
import { FilterTrie } from "../../src/topics/filter-trie.js";
import { LevelScan } from "../../src/topics/level-scan.js";
import { matchesByDefinition, oneOf, seededRandom } from "./support.js";

/** Whatever the seed, a client may have found texts whose hashes are equal. Here all are. */
class CollidingScan extends LevelScan {
  override read(text: string): void {
    super.read(text);
    this.hashes.fill(1);
    this.whole = 1;
  }
}

const LEVELS = ["a", "b", "", "aa", "日", "$"];

describe("FilterTrie", () => {
  it("agrees with the definition when all hashes are equal", () => {
    const random = seededRandom(5);
    const trie = new FilterTrie();
    const scan = new CollidingScan(1);
    const numbers = new Map<string, number>();
    const text = (choices: readonly string[]) =>
      Array.from({ length: 1 + Math.floor(random() * 4) }, () => oneOf(choices, random)).join("/") || "/";

    for (let step = 1; step <= 1_500; step++) {
      const filter = text([...LEVELS, "+"]) + (random() < 0.3 ? "/#" : "");
      const number = numbers.get(filter);
      scan.read(filter);
      if (trie.get(filter, scan) !== (number ?? 0)) expect.fail(`wrong number of ${filter}`);
      if (number === undefined) {
        trie.add(filter, scan, step);
        numbers.set(filter, step);
      } else {
        trie.delete(filter, scan, number);
        numbers.delete(filter);
      }

      const topic = text(LEVELS);
      scan.read(topic);
      const found: number[] = [];
      const end = trie.collect(topic, scan, found, 0);
      const expected = [...numbers].filter(([other]) => matchesByDefinition(other.split("/"), topic.split("/"))).map(([, it]) => it);
      if (`${found.slice(0, end).sort()}` !== `${expected.sort()}`) expect(found.slice(0, end), topic).toEqual(expected);
    }

    for (const [filter, number] of numbers) {
      scan.read(filter);
      trie.delete(filter, scan, number);
    }
    expect(trie.nodeCount).toBe(0);
  });
});
