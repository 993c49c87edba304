import { describe, expect, it } from "vitest";
import { PARTS, parseOptions } from "../../../bench/cluster/options.js";

describe("the command line of bench:cluster", () => {
  it("measures everything in full by default", () => {
    expect(parseOptions([])).toMatchObject({ parts: PARTS, rounds: 3, routes: 1_000_000, sessions: 100_000, runtime: "node" });
  });

  it("scales down, all at once or one by one", () => {
    expect(parseOptions(["--quick", "--sessions", "50"])).toMatchObject({ rounds: 1, routes: 100_000, sessions: 50 });
    expect(parseOptions(["--only", "routes, latency"]).parts).toEqual(["routes", "latency"]);
  });

  it.each([
    [["--only", "memory"], "'--only' does not know 'memory'; there are throughput, latency, routes, sessions"],
    [["--runtime", "deno"], "'--runtime' takes node or bun, got deno"],
    [["--routes", "0"], "'--routes' takes a whole number from 1, got 0"],
  ])("refuses %j", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
