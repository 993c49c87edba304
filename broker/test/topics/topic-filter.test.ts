import { describe, expect, it } from "vitest";
import {
  isSharedFilter,
  MAX_TOPIC_BYTES,
  parseSharedFilter,
  sharedFilterProblem,
  topicFilterProblem,
} from "../../src/topics/topic-filter.js";

const LEVELS = 8;

describe("topicFilterProblem()", () => {
  it.each([
    "sport/tennis/player1/#",
    "sport/#",
    "#",
    "+",
    "+/tennis/#",
    "sport/+/player1",
    "/+",
    "+/+",
    "/",
    "a//b",
    "$SYS/#",
    "$",
    "日/+",
  ])("allows %j", (filter) => {
    expect(topicFilterProblem(filter, LEVELS)).toBeUndefined();
  });

  it.each([
    ["", "is empty", "MQTT-4.7.3-1"],
    ["sport/tennis#", "# does not stand alone in its level", "MQTT-4.7.1-1"],
    ["sport/#tennis", "# does not stand alone in its level", "MQTT-4.7.1-1"],
    ["##", "# does not stand alone in its level", "MQTT-4.7.1-1"],
    ["sport/tennis/#/ranking", "# is not the last level", "MQTT-4.7.1-1"],
    ["#/", "# is not the last level", "MQTT-4.7.1-1"],
    ["sport+", "+ does not stand alone in its level", "MQTT-4.7.1-2"],
    ["+sport", "+ does not stand alone in its level", "MQTT-4.7.1-2"],
    ["a/++/b", "+ does not stand alone in its level", "MQTT-4.7.1-2"],
    ["+#", "+ does not stand alone in its level", "MQTT-4.7.1-2"],
    ["a\0/+", "contains the null character", "MQTT-4.7.3-2"],
    ["+/+/+/+/+/+/+/+/+", "has 9 levels, at most 8 are allowed", "our limit"],
    ["日".repeat(21_846), "is longer than 65535 bytes", "MQTT-4.7.3-3"],
  ])("refuses %.30j: %s [%s]", (filter, problem) => {
    expect(topicFilterProblem(filter, LEVELS)).toContain(problem);
  });

  it.each([
    ["a", MAX_TOPIC_BYTES, 1],
    ["é", 32_767, 2],
    ["日", 21_845, 3],
    ["😀", 16_383, 4],
  ])("counts the length in bytes of UTF-8 [MQTT-4.7.3-3]: %s fits %i times", (character, times) => {
    expect(topicFilterProblem(character.repeat(times), LEVELS)).toBeUndefined();
    expect(topicFilterProblem(character.repeat(times + 1), LEVELS)).toBe("topic filter is longer than 65535 bytes");
  });
});

describe("sharedFilterProblem()", () => {
  it.each(["$share/consumer1/sport/tennis/+", "$share/group/#", "$share/g//", "$share/g/1/2/3/4/5/6/7/8", "$share/日/a"])(
    "allows %j",
    (filter) => {
      expect(sharedFilterProblem(filter, LEVELS)).toBeUndefined();
    },
  );

  it.each([
    ["share/g/a", "does not start with $share/", "MQTT-4.8.2-1"],
    ["$share", "does not start with $share/", "MQTT-4.8.2-1"],
    ["$share/", "share name is empty", "MQTT-4.8.2-1"],
    ["$share//a", "share name is empty", "MQTT-4.8.2-1"],
    ["$share/g+/a", "share name contains + or #", "MQTT-4.8.2-2"],
    ["$share/#", "share name contains + or #", "MQTT-4.8.2-2"],
    ["$share/g\0/a", "share name contains the null character", "MQTT-4.7.3-2"],
    ["$share/g", "no / and topic filter follow", "MQTT-4.8.2-2"],
    ["$share/g/", "topic filter is empty", "MQTT-4.7.3-1"],
    ["$share/g/a#", "# does not stand alone", "MQTT-4.7.1-1"],
    ["$share/g/1/2/3/4/5/6/7/8/9", "has 9 levels", "our limit"],
    [`$share/g/${"a".repeat(65_530)}`, "longer than 65535 bytes", "MQTT-4.7.3-3"],
  ])("refuses %.30j: %s [%s]", (filter, problem) => {
    expect(sharedFilterProblem(filter, LEVELS)).toContain(problem);
  });
});

describe("parseSharedFilter()", () => {
  it.each([
    ["$share/consumer1/sport/tennis/+", "consumer1", "sport/tennis/+"],
    ["$share/g//", "g", "/"],
    ["$share/g/$SYS/#", "g", "$SYS/#"],
  ])("takes %s apart", (text, shareName, filter) => {
    expect(parseSharedFilter(text)).toEqual({ shareName, filter });
  });

  it.each(["sport/+", "$share/g", "$share//a", "$share/g/a#"])("gives nothing for %s", (text) => {
    expect(parseSharedFilter(text)).toBeUndefined();
  });

  it("tells a malformed shared filter from an ordinary one", () => {
    expect(isSharedFilter("$share/")).toBe(true);
    expect(isSharedFilter("$shared/a")).toBe(false);
  });
});
