import { describe, expect, it } from "vitest";
import { topicLevels } from "../../src/topics/topic-levels.js";

describe("topicLevels()", () => {
  it.each([
    ["sport", 1],
    ["sport/tennis/player1", 3],
    ["/finance", 2],
    ["a//b", 3],
    ["a/", 2],
    ["/", 2],
    ["////////", 9],
    ["日本/😀", 2],
    ["$SYS/broker", 2],
  ])("counts empty levels too (4.7.3): %j has %i", (topic, levels) => {
    expect(topicLevels(topic)).toBe(levels);
  });
});
