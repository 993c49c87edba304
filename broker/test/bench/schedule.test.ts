import { describe, expect, it } from "vitest";
import type { Contender } from "../../bench/contender.js";
import type { Outcome } from "../../bench/generator/job.js";
import { FULL, rows } from "../../bench/rows.js";
import { type Progress, runSteps, type Step, stepsOf } from "../../bench/schedule.js";
import { measured } from "./report/a-report.js";

const ROWS = rows(FULL).filter(({ name }) => name === "memory" || name === "qos0");
const SILENT: Progress = { started() {}, done() {} };

describe("stepsOf()", () => {
  it("goes round by round over all brokers, and does once what need not be repeated", () => {
    expect(stepsOf(ROWS, [contender("a"), contender("null", "ceiling")], 2).map(nameOf)).toEqual([
      "1 memory a",
      "1 memory null",
      "1 qos0 a",
      "1 qos0 null",
      "2 qos0 a",
    ]);
  });
});

describe("runSteps()", () => {
  it("leaves out later rounds of what has failed", async () => {
    const steps = stepsOf(ROWS, [contender("a"), contender("b")], 3);
    const measurements = await runSteps(steps, async (step) => failing(step, "1 qos0 b"), SILENT);
    expect(measurements.filter(({ contender: name, row }) => name === "b" && row === "qos0")).toHaveLength(1);
    expect(measurements.filter(({ contender: name, row }) => name === "a" && row === "qos0")).toHaveLength(3);
  });

  it("keeps what it has when it is interrupted, but not what was interrupted", async () => {
    const interrupt = new AbortController();
    const measure = async (step: Step) => {
      if (nameOf(step) === "1 qos0 a") interrupt.abort();
      return measured(1);
    };
    const steps = stepsOf(ROWS, [contender("a")], 3);
    const measurements = await runSteps(steps, measure, SILENT, interrupt.signal);
    expect(measurements.map(({ row }) => row)).toEqual(["memory"]);
  });
});

function failing(step: Step, name: string): Outcome {
  return nameOf(step) === name ? { failure: "died" } : measured(1);
}

function nameOf({ round, row, contender: { name } }: Step): string {
  return `${round} ${row.name} ${name}`;
}

function contender(name: string, role: Contender["role"] = "other"): Contender {
  return {
    name,
    title: name,
    role,
    budgets: [],
    speaksMqtt5: true,
    speaksTls: true,
    stores: true,
    guards: true,
    command: () => ({ file: "false", args: [] }),
  };
}
