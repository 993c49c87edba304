import { describe, expect, it } from "vitest";
import { LevelScan } from "../../src/topics/level-scan.js";

const levelsOf = (scan: LevelScan, text: string) =>
  Array.from({ length: scan.count }, (_, i) => text.slice(i === 0 ? 0 : scan.ends[i - 1]! + 1, scan.ends[i]));

describe("LevelScan", () => {
  it.each(["", "/", "a", "a/b", "/a//b/", "日/😀", "/".repeat(65_535)])("takes %.20j apart like a split at each slash", (text) => {
    const scan = new LevelScan(7);
    scan.read(text);
    expect(levelsOf(scan, text)).toEqual(text.split("/"));
  });

  it("gives a level the same hash wherever it stands, and a whole text the same hash each time", () => {
    const scan = new LevelScan(7);
    scan.read("sport/tennis");
    const [sport, tennis] = scan.hashes;
    const { whole } = scan;
    scan.read("tennis/sport/x");
    expect([...scan.hashes.slice(0, 2)]).toEqual([tennis, sport]);
    expect(scan.whole).not.toBe(whole);
    scan.read("sport/tennis");
    expect(scan.whole).toBe(whole);
  });

  it("gives other hashes with another seed", () => {
    const [one, other] = [new LevelScan(1), new LevelScan(2)];
    for (const scan of [one, other]) scan.read("sport");
    expect(one.hashes[0]).not.toBe(other.hashes[0]);
    expect(one.whole).not.toBe(other.whole);
  });
});
