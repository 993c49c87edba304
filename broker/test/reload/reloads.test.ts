import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config/config-error.js";
import { configFrom } from "../../src/config/load-config.js";
import type { Reloadable } from "../../src/reload/reloadable.js";
import { Reloads } from "../../src/reload/reloads.js";
import { Counters } from "../../src/sys/counters.js";
import { RecordingLog } from "../log/recording-log.js";

const config = (settings: object) => configFrom({ sysIntervalSeconds: 0, ...settings }, () => "");

/** Notes what is done with it, and refuses if it is told to. */
class Part implements Reloadable {
  refuses = "";

  constructor(
    readonly name: string,
    readonly calls: string[],
  ) {}

  async prepare() {
    this.calls.push(`prepare ${this.name}`);
    await Promise.resolve();
    if (this.refuses !== "") throw new Error(this.refuses);
    return { apply: () => void this.calls.push(`apply ${this.name}`), discard: () => void this.calls.push(`discard ${this.name}`) };
  }
}

function setUp() {
  const calls: string[] = [];
  const [one, two] = [new Part("one", calls), new Part("two", calls)];
  const log = new RecordingLog();
  const counters = new Counters();
  const state = { isRunning: true };
  const reloads = new Reloads({
    config: config({}),
    log,
    counters,
    createAccess: () => ({
      authenticatorFor: () => ({ authenticate: () => ({ allowed: true }) }),
      enhancedFor: () => new Map(),
      authorizer: null,
      denyAction: "ignore",
      close: async () => void calls.push("discard access"),
    }),
    parts: [one, two],
    isRunning: () => state.isRunning,
  });
  return { calls, one, two, log, counters, state, reloads };
}

describe("Reloads", () => {
  it("prepares every part before it puts any in force, and logs names", async () => {
    const { reloads, calls, log, counters } = setUp();
    expect(await reloads.run(() => config({ maxConnections: 1, sysIntervalSeconds: 9 }))).toEqual({
      applied: ["maxConnections"],
      needsRestart: ["sysIntervalSeconds"],
    });
    expect(calls).toEqual(["prepare one", "prepare two", "apply one", "apply two"]);
    expect(reloads.config.maxConnections).toBe(1);
    expect(log.lines).toEqual([
      { level: "info", fields: { applied: ["maxConnections"] }, message: "settings were read again" },
      { level: "warn", fields: { settings: ["sysIntervalSeconds"] }, message: "other settings than those in force need a restart" },
    ]);
    expect([counters.reloads, counters.reloadsRefused]).toEqual([1, 0]);
  });

  it("names a setting that needs a restart each time, and none that is back as it was", async () => {
    const { reloads } = setUp();
    for (let time = 0; time < 2; time++) {
      expect((await reloads.run(() => config({ sysIntervalSeconds: 9 }))).needsRestart).toEqual(["sysIntervalSeconds"]);
    }
    expect(await reloads.run(() => config({}))).toEqual({ applied: [], needsRestart: [] });
  });

  it("puts nothing in force if a part refuses, and says everything that is wrong", async () => {
    const { reloads, calls, one, two, log, counters } = setUp();
    one.refuses = "port in use";
    two.refuses = "no such thing";
    await expect(reloads.run(() => config({ maxConnections: 1 }))).rejects.toMatchObject({ problems: ["port in use", "no such thing"] });
    expect(calls).toEqual(["prepare one", "prepare two", "discard access"]);
    expect(reloads.config.maxConnections).toBe(Number.POSITIVE_INFINITY);
    expect(log.lines).toEqual([
      {
        level: "error",
        fields: { problems: ["port in use", "no such thing"] },
        message: "settings were not taken over, those in force go on",
      },
    ]);
    expect([counters.reloads, counters.reloadsRefused]).toEqual([0, 1]);
    two.refuses = "";
    calls.length = 0;
    await expect(reloads.run(() => config({ maxConnections: 1 }))).rejects.toThrow("port in use");
    expect(calls).toEqual(["prepare one", "prepare two", "discard access", "discard two"]);
  });

  it("touches no part if the settings cannot be read", async () => {
    const { reloads, calls, log } = setUp();
    const load = () => {
      throw new ConfigError(["first", "second"]);
    };
    await expect(reloads.run(load)).rejects.toMatchObject({ problems: ["first", "second"] });
    expect(calls).toEqual([]);
    expect(log.lines[0]?.fields).toEqual({ problems: ["first", "second"] });
  });

  it("does one after the other, and goes on after one that failed", async () => {
    const { reloads, calls } = setUp();
    const bad = reloads.run(() => {
      throw new Error("unreadable");
    });
    const runs = [1, 2].map((maxConnections) => reloads.run(() => config({ maxConnections })));
    await expect(bad).rejects.toThrow("unreadable");
    await Promise.all(runs);
    const whole = ["prepare one", "prepare two", "apply one", "apply two"];
    expect(calls).toEqual([...whole, ...whole]);
    expect(reloads.config.maxConnections).toBe(2);
  });

  it("does nothing before the broker has started, and once it stops", async () => {
    const { reloads, calls, state, two } = setUp();
    state.isRunning = false;
    await expect(reloads.run(() => config({}))).rejects.toThrow("the broker is not running");
    state.isRunning = true;
    const prepare = two.prepare.bind(two);
    two.prepare = () => {
      state.isRunning = false;
      return prepare();
    };
    await expect(reloads.run(() => config({}))).rejects.toThrow("the broker stops");
    expect(calls.filter((call) => call.startsWith("apply"))).toEqual([]);
  });
});
