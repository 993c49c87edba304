import { expect, it } from "vitest";
import { logPlan } from "../../src/doctor/log-plan.js";
import { RecordingLog } from "../log/recording-log.js";
import { planKey, planOf } from "./make-plan.js";

it("logPlan() warns of each key that is not as planned, with the remedy", () => {
  const log = new RecordingLog();
  const plan = planOf(planKey("net.core.somaxconn", "32768"), planKey("net.ipv4.tcp_max_syn_backlog", "2048"));
  logPlan(plan, { readText: () => "4096\n", openFiles: undefined }, log);
  expect(log.lines).toEqual([
    {
      level: "warn",
      message: "not as the tuning plan has it",
      fields: {
        check: "net.core.somaxconn",
        need: "required",
        wanted: "32768",
        effective: "4096",
        remedy: "add net.core.somaxconn to the pod",
      },
    },
    { level: "info", message: "compared with the tuning plan", fields: { pool: "aks/Brokers", profile: "million", keys: 2, wrong: 1 } },
  ]);
});
