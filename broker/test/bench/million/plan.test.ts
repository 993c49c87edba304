import { describe, expect, it } from "vitest";
import { parseOptions } from "../../../bench/million/options.js";
import { type Machine, planOf, planText } from "../../../bench/million/plan.js";

const MACHINE: Machine = { cores: 2, openFiles: 20_000, availableBytes: 23 * 2 ** 30, fileMax: undefined, conntrack: undefined };
const plan = (args: readonly string[], machine: Partial<Machine> = {}) => planOf(parseOptions(args), { ...MACHINE, ...machine });

describe("the plan of a million connections", () => {
  it("has as many processes as the limit on open files needs, and an address for each broker", () => {
    const { brokers, generators, brokerAddresses, sourceAddresses, problems } = plan([]);
    expect({ brokers, generators, sources: sourceAddresses.length, problems }).toEqual({
      brokers: 51,
      generators: 51,
      sources: 20,
      problems: [],
    });
    expect(new Set([...brokerAddresses, ...sourceAddresses]).size).toBe(71);
    expect(plan([], { openFiles: 2_000_000 }).brokers).toBe(2);
  });

  it("refuses with arithmetic what memory will not do for, and names what fits", () => {
    const { problems, neededBytes, arithmetic } = plan(["--connections", "2000000"]);
    expect(arithmetic.reduce((sum, { count, bytesEach }) => sum + count * bytesEach, 0)).toBe(neededBytes);
    const [, most = ""] = /--connections (\d+) fits/.exec(problems[0]!) ?? [];
    expect(plan(["--connections", most]).problems).toEqual([]);
    expect(plan(["--connections", String(Number(most) + 20_000)]).problems).not.toEqual([]);
    expect(planText(plan(["--connections", "2000000"]), MACHINE)).toMatch(
      /NOT POSSIBLE: memory: [\d.]+ GiB and 0\.75 GiB in reserve are needed, 23\.00 GiB are available/,
    );
  });

  it("refuses when connections are tracked and there is no room, and when the system has too few files", () => {
    expect(plan([], { conntrack: { count: 9, max: 262_144 } }).problems).toEqual([expect.stringContaining("nf_conntrack_max is 262144")]);
    expect(plan([], { conntrack: { count: 0, max: 262_144 } }).problems).toEqual([]);
    expect(plan([], { fileMax: 1_000_000 }).problems).toEqual([expect.stringContaining("fs.file-max is 1000000")]);
  });

  it.each([
    [["--connections", "0"], "'--connections' takes a whole number from 100"],
    [["--connections", "1e6"], 'got "1e6"'],
    [["--runtime", "deno"], "'--runtime' takes bun or node"],
    [["--sample", "-1"], "'--sample'"],
  ])("%j is refused", (args, problem) => {
    expect(() => parseOptions(args)).toThrow(problem);
  });
});
