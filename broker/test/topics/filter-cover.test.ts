import { describe, expect, it } from "vitest";
import { covers, overlaps } from "../../src/topics/filter-cover.js";
import { matchesByDefinition, oneOf, seededRandom } from "./support.js";

/** Every topic of up to four of these levels: those that filters of the test name, and one that none does, for all others. */
const TOPIC_LEVELS = ["", "a", "b", "$s", "other"];
const FILTER_LEVELS = ["", "a", "b", "$s", "+", "+"];
const TOPICS = [1, 2, 3, 4].flatMap((depth) => topicsOf(depth)).filter((topic) => topic !== "");

describe("covers()", () => {
  it.each([
    ["a/#", "a/+", true],
    ["a/#", "a", true],
    ["a/#", "a/#", true],
    ["a/#", "a/b/#", true],
    ["+/+", "a/+", true],
    ["+/#", "#", true],
    ["#", "+/#", true],
    ["a/#", "#", false],
    ["a/+", "a/#", false],
    ["a/+/#", "a/#", false],
    ["a/b", "a/+", false],
    ["a", "ab", false],
    ["ab", "a", false],
    ["#", "$SYS/#", false],
    ["+/broker", "$SYS/broker", false],
    ["$SYS/#", "$SYS/+/load", true],
    ["a/$b/+", "a/$b/c", true],
    ["/+", "/", true],
    ["+", "/", false],
  ])("%s of %s: %s", (filter, other, expected) => {
    expect(covers(filter, other)).toBe(expected);
  });

  it("is true exactly if every topic that the one matches is matched by the other, by brute force [MQTT-4.7.2-1]", () => {
    compareAll((filter, other, mine, theirs) => {
      expect(covers(filter, other), `${filter} covers ${other}`).toBe(theirs.every((topic) => mine.has(topic)));
    });
  });
});

describe("overlaps()", () => {
  it("is true exactly if there is a topic that both match, by brute force", () => {
    compareAll((filter, other, mine, theirs) => {
      expect(overlaps(filter, other), `${filter} overlaps ${other}`).toBe(theirs.some((topic) => mine.has(topic)));
    });
  });
});

function compareAll(check: (filter: string, other: string, mine: ReadonlySet<string>, theirs: readonly string[]) => void): void {
  const random = seededRandom(20_261_125);
  const filters = [...new Set(Array.from({ length: 150 }, () => randomFilter(random)))];
  const matched = new Map(
    filters.map((filter) => [filter, TOPICS.filter((topic) => matchesByDefinition(filter.split("/"), topic.split("/")))]),
  );
  for (const filter of filters) {
    const mine = new Set(matched.get(filter));
    for (const other of filters) check(filter, other, mine, matched.get(other)!);
  }
}

/** Up to three levels, the last of which may be #, so that a topic of four tells all apart. */
function randomFilter(random: () => number): string {
  const levels = Array.from({ length: 1 + Math.floor(random() * 3) }, () => oneOf(FILTER_LEVELS, random));
  if (random() < 0.3) levels[levels.length - 1] = "#";
  const filter = levels.join("/");
  return filter === "" ? "a" : filter;
}

function topicsOf(depth: number): string[] {
  return depth === 0
    ? [""]
    : depth === 1
      ? TOPIC_LEVELS
      : topicsOf(depth - 1).flatMap((start) => TOPIC_LEVELS.map((level) => `${start}/${level}`));
}
