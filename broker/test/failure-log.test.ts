import { expect, it } from "vitest";
import { FailureLog } from "../src/failure-log.js";
import { RecordingLog } from "./log/recording-log.js";
import { SettableClock } from "./support/settable-clock.js";

it("failures are told once an episode, with their number when nothing has failed for ten seconds", () => {
  const [log, clock] = [new RecordingLog(), new SettableClock()];
  const failures = new FailureLog(log, clock, "it failed");
  const told = () => log.lines.splice(0).map(({ level, message, fields }) => [level, message, fields]);
  for (let second = 0; second < 30; second++) {
    failures.report(`error ${second}`);
    clock.nowMs += 1_000;
    failures.tick();
  }
  expect(told()).toEqual([["error", "it failed", { err: "error 0" }]]);
  clock.nowMs += 9_000;
  failures.tick();
  failures.tick();
  expect(told()).toEqual([["info", "no more of: it failed", { failures: 30 }]]);
  failures.report("another");
  expect(told()).toEqual([["error", "it failed", { err: "another" }]]);
});
