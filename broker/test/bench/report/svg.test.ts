import { describe, expect, it } from "vitest";
import { svgOf } from "../../../bench/report/svg.js";
import { aReport } from "./a-report.js";

const REPORT = aReport({
  qos0: { "mqttd-node": [2_000], "mqttd-bun": [4_000], mosquitto: [100], aedes: [50], null: [9_000] },
  latency: { "mqttd-bun": [25], mosquitto: [100] },
  topics: { "mqttd-bun": [1_200] },
});

describe("svgOf()", () => {
  it("draws a bar for each broker but mosquitto and the ceiling, in rows that mosquitto has a value for", () => {
    const bars = svgOf(REPORT).match(/<rect [^>]*width="[\d.]+" height="12" fill="#\w+"\/>/g) ?? [];
    const legend = 3;
    expect(bars).toHaveLength(4 + legend);
  });

  it("says how many times as good each is, also where lower is better", () => {
    const svg = svgOf(REPORT);
    for (const label of ["20 ×", "40 ×", "0.50 ×", "4.0 ×"]) expect(svg).toContain(`>${label}</text>`);
  });

  it("draws one power of ten as wide as another, around all values", () => {
    const ticks = Array.from(svgOf(REPORT).matchAll(/class="(?:grid|one)" x1="([\d.]+)"/g), (match) => Number(match[1]));
    const [first, second, third, fourth] = ticks;
    expect(ticks).toHaveLength(4);
    expect(second! - first!).toBeCloseTo(third! - second!, 0);
    expect(fourth! - third!).toBeCloseTo(third! - second!, 0);
  });

  it("has a number wherever one belongs, also for brokers that failed and rows without mosquitto", () => {
    const svg = svgOf(aReport({ qos0: { "mqttd-bun": [1], aedes: "died" }, qos1: { "mqttd-bun": [3], mosquitto: [2], aedes: "died" } }));
    expect(svg).toContain("QoS 1, 100 pairs");
    expect(svg).not.toContain("QoS 0, 100 pairs");
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("escapes what names may contain", () => {
    const [contender, ...others] = REPORT.contenders;
    const svg = svgOf({ ...REPORT, contenders: [{ ...contender!, title: "a < b & c" }, ...others] });
    expect(svg).toContain("a &lt; b &amp; c");
  });

  it("colours its text for readers on light and on dark", () => {
    expect(svgOf(REPORT)).toContain("prefers-color-scheme: dark");
  });
});
