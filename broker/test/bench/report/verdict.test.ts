import { describe, expect, it } from "vitest";
import { verdictsOf } from "../../../bench/report/verdict.js";
import { aReport } from "./a-report.js";

describe("verdictsOf()", () => {
  it.each([
    [1_500, "kept", "not reached"],
    [1_499, "missed", "not reached"],
    [3_000, "kept", "reached"],
  ])("holds %i msg/s to 15 and 30 times mosquitto's 100", (value, must, aim) => {
    const [verdict] = verdictsOf(aReport({ qos0: { "mqttd-node": [value], mosquitto: [100] } }));
    expect(verdict).toMatchObject({ reached: value / 100, must, aim });
  });

  it.each([
    [100, "kept", "not reached"],
    [101, "missed", "not reached"],
    [50, "kept", "reached"],
  ])("holds a p99 of %i µs to mosquitto's 100, where lower is better", (value, must, aim) => {
    const [verdict] = verdictsOf(aReport({ latency: { "mqttd-bun": [value], mosquitto: [100] } }));
    expect(verdict).toMatchObject({ must, aim });
  });

  it("holds memory to bytes, on the runtime that they are meant for", () => {
    const verdicts = verdictsOf(aReport({ memory: { "mqttd-node": [9_000], "mqttd-bun": [2_049], mosquitto: [700] } }));
    expect(verdicts.map(({ contender, reached, must }) => [contender.name, reached, must])).toEqual([["mqttd-bun", 2_049, "missed"]]);
  });

  it("does not judge a ratio to a row that mosquitto has not", () => {
    const [verdict] = verdictsOf(aReport({ qos0: { "mqttd-node": [1_500] } }));
    expect(verdict).toMatchObject({ reached: undefined, must: "not measured", aim: undefined });
  });

  it("says of a row that our broker failed in that it was not measured", () => {
    const [verdict] = verdictsOf(aReport({ qos0: { "mqttd-node": "died", mosquitto: [100] } }));
    expect(verdict).toMatchObject({ must: "not measured" });
  });

  it("judges only our broker", () => {
    expect(verdictsOf(aReport({ qos0: { aedes: [1], mosquitto: [100], null: [1] } }))).toEqual([]);
  });
});
