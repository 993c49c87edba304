import { describe, expect, it } from "vitest";
import type { Contender } from "../../bench/contender.js";
import type { Outcome } from "../../bench/generator/job.js";
import { cellOf, type Measurement } from "../../bench/measurement.js";
import { parseOptions, pick } from "../../bench/options.js";
import { markdownOf } from "../../bench/report/markdown.js";
import { bound, quantity, times } from "../../bench/report/quantities.js";
import type { Report } from "../../bench/report/report.js";
import { svgOf } from "../../bench/report/svg.js";
import { verdictsOf } from "../../bench/report/verdict.js";
import { QUICK, rows } from "../../bench/rows.js";
import { runSteps, stepsOf } from "../../bench/schedule.js";

const ROWS = rows(QUICK).filter(({ name }) => ["memory", "qos0", "latency"].includes(name));
const CONTENDERS: Report["contenders"] = [
  { name: "mqttd-bun", title: "mqttd, Bun", role: "ours", budgets: ["every", "bun"] },
  { name: "mosquitto", title: "mosquitto", role: "reference", budgets: [] },
  { name: "aedes", title: "aedes", role: "other", budgets: [] },
];

function measured(row: string, contender: string, values: readonly number[]): Measurement[] {
  return values.map((value, index) => ({
    ...{ row, contender, round: index + 1 },
    outcome: { value, details: {}, processor: { broker: 0.99, generator: 0.5, cores: [1, 0.5] } },
  }));
}

function reportOf(measurements: readonly Measurement[]): Report {
  const written = { date: "2026-11-25T12:00:00.000Z", command: "npm run bench", machine: "2 cores", conditions: ["pinned"] };
  return { ...written, rows: ROWS, contenders: CONTENDERS, measurements };
}

const REPORT = reportOf([
  ...measured("qos0", "mqttd-bun", [3_000_000, 1_000_000, 2_000_000]),
  ...measured("qos0", "mosquitto", [100_000, 100_000, 100_000]),
  ...measured("latency", "mqttd-bun", [900]),
  ...measured("latency", "mosquitto", [600]),
  ...measured("memory", "mqttd-bun", [1_770]),
  { row: "qos0", contender: "aedes", round: 1, outcome: { failure: "died: closed by the peer" } },
]);

describe("a report", () => {
  it("gives medians with their ratio to mosquitto, and says what died", () => {
    const line = markdownOf(REPORT)
      .split("\n")
      .find((text) => text.startsWith("| QoS 0"));
    expect(line).toBe("| QoS 0, 100 pairs, window 100 | 2.00 M msg/s (20.0 ×) | 100 k msg/s | died: closed by the peer |");
  });

  it("holds our columns to the budgets, in the direction that is good", () => {
    const verdicts = verdictsOf(REPORT).map(({ row, must, aim, reached }) => [row.name, must, aim, reached]);
    expect(verdicts).toEqual([
      ["memory", "kept", "not reached", 1_770],
      ["qos0", "kept", "not reached", 20],
      ["latency", "missed", "not reached", 1.5],
    ]);
    expect(markdownOf(REPORT)).toContain("**missed**");
  });

  it("is drawn with a bar for each broker that has a value, longer for better", () => {
    const svg = svgOf(REPORT);
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain("QoS 0, 100 pairs");
    expect(svg).not.toContain("memory per idle"); // mosquitto has no value to compare with
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("quantities", () => {
  it.each([
    [2_345_678, "msg/s", "2.35 M msg/s"],
    [18_234, "conn/s", "18.2 k conn/s"],
    [950, "msg/s", "950 msg/s"],
    [1_769.6, "B", "1,770 B"],
  ] as const)("%d %s reads %s", (value, unit, text) => {
    expect(quantity(value, unit)).toBe(text);
  });

  it("name the bound and what it is relative to", () => {
    const [memory, qos0] = ROWS;
    expect(bound(2_048, memory!, memory!.budgets[0]!)).toBe("≤ 2,048 B");
    expect(bound(15, qos0!, qos0!.budgets[0]!)).toBe("≥ 15 × mosquitto");
    expect(times(12.345)).toBe("12.3 ×");
  });
});

describe("a cell", () => {
  it("is the median of its rounds with the extremes", () => {
    expect(cellOf(REPORT.measurements, "qos0", "mqttd-bun")).toMatchObject({
      median: 2_000_000,
      min: 1_000_000,
      max: 3_000_000,
      rounds: 3,
    });
  });

  it("has failed if one round has, and is undefined where nothing was measured", () => {
    const mixed = [...measured("qos0", "x", [1]), { row: "qos0", contender: "x", round: 2, outcome: { failure: "died" } }];
    expect(cellOf(mixed, "qos0", "x")).toEqual({ failure: "died" });
    expect(cellOf([], "qos0", "x")).toBeUndefined();
  });
});

describe("a run", () => {
  const contender = (name: string, role: Contender["role"]) => ({ name, role }) as Contender;

  it("interleaves the brokers in each round, and repeats only what may differ", () => {
    const [memory, qos0] = ROWS;
    const steps = stepsOf([memory!, qos0!], [contender("a", "ours"), contender("null", "ceiling")], 2);
    expect(steps.map((step) => `${step.round} ${step.row.name} ${step.contender.name}`)).toEqual([
      "1 memory a",
      "1 memory null",
      "1 qos0 a",
      "1 qos0 null",
      "2 qos0 a",
    ]);
  });

  it("leaves out later rounds of what has died, and goes on with the others", async () => {
    const steps = stepsOf(
      ROWS.filter(({ name }) => name === "qos0"),
      [contender("a", "ours"), contender("b", "other")],
      2,
    );
    const ran: string[] = [];
    const measure = async ({ contender: { name }, round }: (typeof steps)[number]): Promise<Outcome> => {
      ran.push(`${name}${round}`);
      return name === "b" ? { failure: "died" } : { value: 1, details: {}, processor: { broker: 1, generator: 1, cores: [] } };
    };
    await runSteps(steps, measure, { started: () => {}, done: () => {} });
    expect(ran).toEqual(["a1", "b1", "a2"]);
  });
});

describe("the command line", () => {
  it("has one round and fewer connections when quick", () => {
    expect(parseOptions(["--quick", "--only", "qos0, memory"])).toMatchObject({
      isQuick: true,
      rounds: 1,
      only: ["qos0", "memory"],
      version: 4,
    });
  });

  it("names what it does not know and what there is", () => {
    expect(() => pick(ROWS, ["qos9"], "--only")).toThrow("'--only' does not know 'qos9'; there are memory, qos0, latency");
    expect(() => parseOptions(["--rounds", "0"])).toThrow("'--rounds' takes a whole number from 1, got 0");
    expect(() => parseOptions(["--fast"])).toThrow(/fast/);
  });
});
