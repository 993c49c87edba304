import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { CLAUSES } from "./clauses.js";
import { clausesIn, type TitledTest, testsByClause } from "./evidence.js";
import { DEADLINE_MS, listTests } from "./list-tests.js";
import { REASONS } from "./reasons.js";
import { conformanceReport, keyOf, unshownClauses } from "./report.js";

describe("the list of clauses", () => {
  it.each([
    ["3.1.1", 141],
    ["5.0", 251],
  ])("has all of %s, each once", (standard, count) => {
    const keys = CLAUSES.filter((clause) => clause.standard === standard).map(keyOf);
    expect(keys).toHaveLength(count);
    expect(new Set(keys).size).toBe(count);
  });
});

describe("clausesIn()", () => {
  it.each([
    ["closes the connection", []],
    ["closes [MQTT-3.1.0-2]", ["5.0 MQTT-3.1.0-2"]],
    ["closes [MQTT-3.1.0-2] [MQTT-4.13.1-1]", ["5.0 MQTT-3.1.0-2", "5.0 MQTT-4.13.1-1"]],
    ["closes 3.1.1 [MQTT-3.1.2.7] [MQTT-3-8.3-4]", ["3.1.1 MQTT-3.1.2.7", "3.1.1 MQTT-3-8.3-4"]],
    ["closes [MQTT-3.1.0-2], 3.1.1 [MQTT-4.8.0-1]", ["5.0 MQTT-3.1.0-2", "3.1.1 MQTT-4.8.0-1"]],
    ["closes, 5.0 [MQTT-3.1.0-2]", ["5.0 MQTT-3.1.0-2"]],
  ])("reads %j", (title, expected) => {
    expect(clausesIn(title)).toEqual(expected);
  });
});

/** Every clause there is; what names another one has a number wrong, or the wrong standard. */
const KNOWN = new Set<string>(CLAUSES.map(keyOf));

describe("the comments of the broker", () => {
  const sources = fileURLToPath(new URL("../../src/", import.meta.url));
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

  it("name no clause that does not exist", () => {
    const unknown = files.flatMap((file) => {
      const named = clausesIn(readFileSync(sources + file, "utf8"));
      return named.filter((key) => !KNOWN.has(key)).map((key) => `${file}: ${key}`);
    });
    expect(unknown).toEqual([]);
  });
});

describe("the tests of the broker", () => {
  let tests: readonly TitledTest[];

  beforeAll(async () => {
    tests = await listTests();
  }, DEADLINE_MS);

  it("name no clause that does not exist", () => {
    expect(tests.filter(({ title }) => clausesIn(title).some((key) => !KNOWN.has(key)))).toEqual([]);
  });

  it("show every clause that a server can break, or the reason why not is written down", () => {
    expect(unshownClauses(tests)).toEqual([]);
  });

  it("leave no reason that a test has made untrue", () => {
    const shown = testsByClause(tests);
    expect([...shown.keys()].filter((key) => REASONS[key] !== undefined)).toEqual([]);
  });

  it("are what conformance.md was generated from", () => {
    const committed = readFileSync(new URL("../conformance.md", import.meta.url), "utf8");
    expect(committed === conformanceReport(tests), "run npx tsx broker/test/conformance/generate.ts").toBe(true);
  });
});
