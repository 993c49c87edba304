import { describe, expect, it } from "vitest";
import { HELP, parseOptions, pick } from "../../bench/options.js";

describe("parseOptions()", () => {
  it("measures the usual rows of all brokers in three rounds if nothing is said", () => {
    expect(parseOptions([])).toMatchObject({ isQuick: false, version: 4, only: undefined, brokers: undefined, rounds: 3, out: undefined });
  });

  it("does one round when it has to be quick, unless told otherwise", () => {
    expect(parseOptions(["--quick"]).rounds).toBe(1);
    expect(parseOptions(["--quick", "--rounds", "2"]).rounds).toBe(2);
  });

  it("takes lists with spaces and empty places", () => {
    expect(parseOptions(["--only", "qos0, qos1,,", "--brokers=null"])).toMatchObject({ only: ["qos0", "qos1"], brokers: ["null"] });
  });

  it.each([[["--rounds", "0"]], [["--rounds", "many"]], [["--fast"]], [["word"]]])("refuses %j", (args) => {
    expect(() => parseOptions(args)).toThrow(TypeError);
  });

  it("explains every flag", () => {
    for (const flag of ["--quick", "--only", "--brokers", "--v5", "--rounds", "--out", "--help"]) expect(HELP).toContain(`  ${flag}`);
  });
});

describe("pick()", () => {
  const all = [{ name: "a" }, { name: "b" }, { name: "c" }];

  it("keeps the order of all, whatever the order asked for", () => {
    expect(pick(all, ["c", "a"], "--only")).toEqual([{ name: "a" }, { name: "c" }]);
  });

  it("names what there is when it does not know one", () => {
    expect(() => pick(all, ["d"], "--only")).toThrow("'--only' does not know 'd'; there are a, b, c");
  });
});
