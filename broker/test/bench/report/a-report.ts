import type { Outcome } from "../../../bench/generator/job.js";
import type { Report } from "../../../bench/report/report.js";
import { FULL, rows } from "../../../bench/rows.js";

const CONTENDERS: Report["contenders"] = [
  { name: "mqttd-node", title: "mqttd, Node 20", role: "ours", budgets: ["every"] },
  { name: "mqttd-bun", title: "mqttd, Bun 1.4", role: "ours", budgets: ["every", "bun"] },
  { name: "mosquitto", title: "mosquitto 2.0", role: "reference", budgets: [] },
  { name: "aedes", title: "aedes 1.2", role: "other", budgets: [] },
  { name: "null", title: "ceiling", role: "ceiling", budgets: [] },
];

/** Values of rounds, or a failure, by row and broker. */
export type Values = Readonly<Record<string, Readonly<Record<string, readonly number[] | string>>>>;

/** A report of the rows that have values. */
export function aReport(values: Values): Report {
  return {
    date: "2026-11-25T10:00:00.000Z",
    command: "npm run bench",
    machine: "2 × processor",
    conditions: ["MQTT 3.1.1."],
    rows: rows(FULL).filter(({ name }) => name in values),
    contenders: CONTENDERS,
    measurements: Object.entries(values).flatMap(([row, cells]) =>
      Object.entries(cells).flatMap(([contender, rounds]) => {
        const outcomes = typeof rounds === "string" ? [{ failure: rounds }] : rounds.map((value) => measured(value));
        return outcomes.map((outcome, index) => ({ row, contender, round: index + 1, outcome }));
      }),
    ),
  };
}

export function measured(value: number, others: readonly number[] = [0, 0]): Outcome {
  return { value, details: {}, processor: { broker: 0.9, generator: 0.5, cores: [0.99, 0.6], others } };
}
