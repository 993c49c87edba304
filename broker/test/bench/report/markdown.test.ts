import { describe, expect, it } from "vitest";
import { markdownOf } from "../../../bench/report/markdown.js";
import type { Report } from "../../../bench/report/report.js";
import { aReport, measured } from "./a-report.js";

const REPORT = aReport({
  qos0: { "mqttd-node": [2e6], "mqttd-bun": [1e6, 4e6, 4.2e6], mosquitto: [90_000, 100_000, 110_000], aedes: "died: a | b", null: [6e6] },
  topics: { "mqttd-node": [1_500] },
});

describe("markdownOf()", () => {
  it("gives medians with ratios to mosquitto, failures in words, and a dash for what was not measured", () => {
    const lines = markdownOf(REPORT).split("\n");
    expect(lines).toContain(
      "| QoS 0, 100 pairs, window 100 | 2.00 M msg/s (20.0 ×) | 4.00 M msg/s (40.0 ×) | 100 k msg/s | died: a \\| b | 6.00 M msg/s (60.0 ×) |",
    );
    expect(lines).toContain("| matching one topic against 1 M filters, slowest of five kinds | 1,500 ns | – | – | – | – |");
  });

  it("says of each budget what must be, what is wanted and what came out", () => {
    const text = markdownOf(REPORT);
    expect(text).toContain("| mqttd, Node 20 | ≥ 15 × mosquitto | ≥ 30 × mosquitto | 20.0 × | kept, aim not reached |");
    expect(text).toContain("| mqttd, Bun 1.4 | ≥ 15 × mosquitto | ≥ 30 × mosquitto | 40.0 × | kept, aim reached |");
    expect(markdownOf(aReport({ qos0: { "mqttd-bun": [1], mosquitto: [1] } }))).toContain("| 1.00 × | **missed** |");
  });

  it("says who was busy and how far the rounds were apart", () => {
    expect(markdownOf(REPORT)).toContain("| 90 % / 50 %, broker | 90 % / 50 %, broker, ± 40 % | 90 % / 50 %, broker, ± 10 % | – |");
  });

  it("has a warning if other programs took part of the cores", () => {
    const disturbed: Report = {
      ...REPORT,
      measurements: [...REPORT.measurements, { row: "qos0", contender: "null", round: 2, outcome: measured(6e6, [0.3, 0]) }],
    };
    expect(markdownOf(disturbed)).toContain(
      "**Disturbed**: in 1 of 11 measurements other programs took more than 5 % of a core; they count only where",
    );
    expect(markdownOf(REPORT)).not.toContain("Disturbed");
  });
});
