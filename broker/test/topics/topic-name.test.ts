import { describe, expect, it } from "vitest";
import { MAX_TOPIC_BYTES, topicNameProblem } from "../../src/topics/topic-name.js";

const LEVELS = 8;

describe("topicNameProblem()", () => {
  it.each([
    "/",
    "/finance",
    "sport/tennis/player1",
    "a//b",
    "a/",
    " ",
    "Accounts payable",
    "$SYS/broker",
    "$",
    "日本/😀",
    "1/2/3/4/5/6/7/8",
  ])("allows %j", (topic) => {
    expect(topicNameProblem(topic, LEVELS)).toBeUndefined();
  });

  it.each([
    ["", "is empty", "MQTT-4.7.3-1"],
    ["sport/+", "contains a wildcard", "MQTT-3.3.2-2"],
    ["sport/#", "contains a wildcard", "MQTT-3.3.2-2"],
    ["a+b", "contains a wildcard", "MQTT-4.7.1-1 of 3.1.1, MQTT-4.7.0-1 of 5.0"],
    ["a\0b", "contains the null character", "MQTT-4.7.3-2"],
    ["1/2/3/4/5/6/7/8/9", "has 9 levels, at most 8 are allowed", "our limit"],
    ["////////", "has 9 levels, at most 8 are allowed", "our limit, empty levels count"],
  ])("refuses %j because it %s [%s]", (topic, problem) => {
    expect(topicNameProblem(topic, LEVELS)).toContain(`topic name ${problem}`);
  });

  it.each([
    ["a", MAX_TOPIC_BYTES, 1],
    ["é", 32_767, 2],
    ["日", 21_845, 3],
    ["😀", 16_383, 4],
  ])("counts the length in bytes of UTF-8 [MQTT-4.7.3-3]: %s fits %i times", (character, times) => {
    expect(topicNameProblem(character.repeat(times), LEVELS)).toBeUndefined();
    expect(topicNameProblem(character.repeat(times + 1), LEVELS)).toBe("topic name is longer than 65535 bytes");
  });
});
