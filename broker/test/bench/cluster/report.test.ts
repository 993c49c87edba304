import { describe, expect, it } from "vitest";
import { type ClusterReport, markdownOf } from "../../../bench/cluster/report.js";
import type { Throughput } from "../../../bench/cluster/traffic.js";

const EMPTY: ClusterReport = {
  ...{ date: "2026-11-29T12:00:00Z", command: "npm run bench:cluster", machine: "a machine", runtime: "Node 20", conditions: ["So."] },
  ...{ throughput: [], latency: [], failures: [] },
};

function throughput(pods: number, isCrossing: boolean, messagesPerSecond: number): Throughput[] {
  return ([0, 1] as const).map((qos) => ({ pods, isCrossing, isClustered: true, qos, messagesPerSecond, brokersMicros: 1, natsMicros: 2 }));
}

describe("the report of bench:cluster", () => {
  it("says when, where and by which command", () => {
    expect(markdownOf(EMPTY)).toBe("`npm run bench:cluster`, 2026-11-29, a machine; Node 20. So.\n");
  });

  it("has the median of all rounds, and its ratio to one pod", () => {
    const rounds = [...throughput(1, false, 100), ...throughput(2, true, 40), ...throughput(1, false, 300), ...throughput(2, true, 60)];
    const text = markdownOf({ ...EMPTY, throughput: rounds });
    expect(text).toContain("| 1 pod, local | 200 msg/s (1.00 ×) | 1.0 + 2.0 µs | 200 msg/s (1.00 ×) | 1.0 + 2.0 µs |");
    expect(text).toContain("| 2 pods, crossing | 50.0 msg/s (0.25 ×) |");
  });

  it("has shared groups in rows of their own, beside what the same costs without", () => {
    const shared = { ...throughput(1, false, 50)[1]!, isShared: true };
    const text = markdownOf({ ...EMPTY, throughput: [...throughput(1, false, 100), shared] });
    expect(text).toContain("| 1 pod, local | 100 msg/s (1.00 ×) | 1.0 + 2.0 µs | 100 msg/s (1.00 ×) | 1.0 + 2.0 µs |");
    expect(text).toContain("| 1 pod, local, shared groups |  |  | 50.0 msg/s (0.50 ×) | 1.0 + 2.0 µs |");
  });

  it("says that there are no persistent sessions to measure, or what a million would take", () => {
    expect(markdownOf({ ...EMPTY, sessions: "refused" })).toContain("not measured");
    const sessions = {
      sessions: 10,
      createdPerSecond: 1,
      returnedPerSecond: 1_000,
      natsBytes: 1_074,
      natsStoredBytes: 2_148,
      brokerBytes: 0,
    };
    expect(markdownOf({ ...EMPTY, sessions })).toContain("1.0 GiB of memory and 2.0 GiB of disk");
    expect(markdownOf({ ...EMPTY, sessions })).toContain("after 17 minutes");
  });
});
