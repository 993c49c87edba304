import { describe, expect, it } from "vitest";
import { TurnAwayLog } from "../../src/limits/turn-away-log.js";
import { Counters, NotAdmittedCause, TurnedOutCause } from "../../src/sys/counters.js";
import { RecordingLog } from "../log/recording-log.js";

describe("TurnAwayLog", () => {
  it("says once that connections are turned away, with the causes, and once that it is over, with their number", () => {
    const log = new RecordingLog();
    const counters = new Counters();
    const { turnedOut, notAdmitted } = counters;
    const turnAways = new TurnAwayLog(log, counters);
    const ticks = (count: number) => {
      for (let i = 0; i < count; i++) turnAways.tick();
    };
    ticks(20);
    expect(log.lines).toEqual([]);

    notAdmitted[NotAdmittedCause.Rate]! += 3;
    turnedOut[TurnedOutCause.Rate]!++;
    ticks(10);
    notAdmitted[NotAdmittedCause.Rate]! += 5;
    ticks(10);
    expect(log.lines).toEqual([
      {
        level: "warn",
        message: "connections are turned away",
        fields: { connections: 4, turnedOut: { Rate: 1 }, notAdmitted: { Rate: 3 } },
      },
    ]);
    ticks(1);
    expect(log.lines.slice(1)).toEqual([{ level: "info", message: "nobody is turned away any more", fields: { connections: 9 } }]);
    ticks(20);
    notAdmitted[NotAdmittedCause.Full]!++;
    ticks(11);
    expect(log.lines.slice(2).map(({ fields }) => fields)).toEqual([
      { connections: 1, turnedOut: { Rate: 1 }, notAdmitted: { Full: 1, Rate: 8 } },
      { connections: 1 },
    ]);
  });
});
