import { describe, expect, it } from "vitest";
import { FULL, QUICK, rows } from "../../bench/rows.js";

describe("rows()", () => {
  it("have names of their own, also when they are quick", () => {
    const names = rows(FULL).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(rows(QUICK).map(({ name }) => name)).toEqual(names);
  });

  it("hold every budget of the design that one process can be held to", () => {
    const budgets = rows(FULL).flatMap(({ name, budgets }) =>
      budgets.map(({ of, measure, must, aim }) => [name, of, measure, must, aim].join(" ").trim()),
    );
    expect(budgets).toEqual([
      "memory bun value 2048 1500",
      "memory node24 value 4608 4000",
      "memory-tls bun value 10240 7168",
      "qos0 every ratio 15 30",
      "qos1 every ratio 8 15",
      "qos2 every ratio 8 20",
      "fan-out every ratio 8 15",
      "window1 every ratio 0.9 1.2",
      "latency every ratio 1 0.5",
      "accept every ratio 1.5",
      "durable every value 20000 50000",
      "qos0-guarded every ratio 15 30",
      "qos1-guarded every ratio 8 15",
      "memory-guarded bun value 2048 1500",
      "memory-guarded node24 value 4608 4000",
      "topics every value 2000 1000",
    ]);
  });

  it("aim at something better than must be", () => {
    for (const { name, better, budgets } of rows(FULL)) {
      for (const { must, aim = must } of budgets) {
        if (better === "higher") expect(aim, name).toBeGreaterThanOrEqual(must);
        else expect(aim, name).toBeLessThanOrEqual(must);
      }
    }
  });
});
