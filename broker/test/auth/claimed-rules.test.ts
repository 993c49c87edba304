import { describe, expect, it } from "vitest";
import { claimedRules, MalformedRules } from "../../src/auth/claimed-rules.js";

describe("claimedRules()", () => {
  it("takes a list of rules", () => {
    const claim = [
      { permission: "allow", action: "publish", topic: "t/${clientid}" },
      { permission: "deny", action: "subscribe", topic: "eq t/1/#", qos: [1, 2] },
      { permission: "allow", action: "all", topics: ["a/%u", "b/+"], qos: 0, retain: false },
    ];
    expect(claimedRules(claim)).toEqual([
      { permission: "allow", action: "publish", filters: ["t/${clientid}"] },
      { permission: "deny", action: "subscribe", filters: ["eq t/1/#"], qos: [1, 2] },
      { permission: "allow", action: "all", filters: ["a/%u", "b/+"], qos: [0], retain: false },
    ]);
  });

  it("takes lists of topics, which deny everything else", () => {
    expect(claimedRules({ pub: ["a/${username}"], sub: ["b/#", "c"], all: [] })).toEqual([
      { permission: "allow", action: "publish", filters: ["a/${username}"] },
      { permission: "allow", action: "subscribe", filters: ["b/#", "c"] },
      { permission: "deny", action: "all" },
    ]);
    expect(claimedRules({})).toEqual([{ permission: "deny", action: "all" }]);
  });

  it("takes an empty list as no rules", () => {
    expect(claimedRules([])).toEqual([]);
  });

  const rule = { permission: "allow", action: "all", topic: "a" };
  it.each([
    ["nothing", null],
    ["a text", "a/#"],
    ["a number", 1],
    ["another word", [{ ...rule, permission: "maybe" }]],
    ["no action", [{ ...rule, action: undefined }]],
    ["no topic", [{ permission: "allow", action: "all" }]],
    ["topic and topics", [{ ...rule, topics: ["b"] }]],
    ["no topics", [{ permission: "allow", action: "all", topics: [] }]],
    ["a filter that is none", [{ ...rule, topic: "a/#/b" }]],
    ["an empty filter", [{ ...rule, topic: "" }]],
    ["another QoS", [{ ...rule, qos: [3] }]],
    ["no QoS", [{ ...rule, qos: [] }]],
    ["a word for retain", [{ ...rule, retain: "yes" }]],
    ["a condition that would be overlooked", [{ ...rule, ipaddr: "10.0.0.0/8" }]],
    ["a placeholder that would be overlooked", [{ ...rule, topic: "a/${zone}" }]],
    ["a rule that is none", [[]]],
    ["a list that is none", { pub: "a" }],
    ["another list", { publish: ["a"] }],
    ["more topics than a client may have", { pub: Array.from({ length: 1_001 }, (_, i) => `a/${i}`) }],
  ])("refuses %s", (_, claim) => {
    expect(() => claimedRules(claim)).toThrow(MalformedRules);
  });

  it("takes as many topics as a client may have", () => {
    expect(claimedRules({ pub: Array.from({ length: 1_000 }, (_, i) => `a/${i}`) })).toHaveLength(2);
  });
});
