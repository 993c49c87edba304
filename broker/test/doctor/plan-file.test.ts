import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parsePlan } from "../../src/doctor/plan-file.js";

const SAMPLE = readFileSync(new URL("plan.json", import.meta.url), "utf8");
const sample = () => JSON.parse(SAMPLE);
const parse = (plan: unknown) => parsePlan(JSON.stringify(plan));
const withKey = (change: object) => parse({ ...sample(), keys: [{ ...sample().keys[2], ...change }] });

describe("a plan file", () => {
  it("is read as it stands", () => {
    expect(parsePlan(SAMPLE)).toEqual(sample());
  });

  it("may have no keys: nothing is wanted of the node then", () => {
    expect(parse({ ...sample(), keys: [] }).keys).toEqual([]);
  });

  it("is refused with everything that is wrong, by field", () => {
    const { keys, ...rest } = sample();
    const wrong = { ...rest, kubernetesVersion: "latest", colour: "red", keys: [{ ...keys[0], comparison: "more" }] };
    expect(() => parse(wrong)).toThrow("kubernetesVersion: takes a version: 1.34");
    expect(() => parse(wrong)).toThrow("colour");
    expect(() => parse(wrong)).toThrow("keys[0].comparison");
  });

  it.each([
    ["not JSON", "format: x", "it is not JSON"],
    ["another file", '{"kind": "ConfigMap"}', 'format: takes "cdktf-broker-pools/tuning-plan"'],
    ["a later version", JSON.stringify({ ...sample(), version: 2, more: true }), "version: takes 1"],
  ])("is refused for what it is: %s", (_, text, message) => {
    expect(() => parsePlan(text)).toThrow(message);
    expect(() => parsePlan(text)).not.toThrow("keys");
  });

  it.each([
    ["a key that leads out of /proc/sys", { key: "../../etc/passwd" }, "keys[0].key: takes the name of a sysctl"],
    ["a key with a folder in it", { key: "net.core/somaxconn" }, "keys[0].key"],
    ["a key that asks for nothing", { wanted: undefined, expected: undefined }, "net.core.somaxconn asks for nothing"],
    ["a comparison of what is no number", { wanted: "many" }, "keys[0].wanted: takes whole numbers"],
    ["a value over two lines", { comparison: "equal", wanted: "1\n2" }, "keys[0].wanted: takes a value as /proc/sys prints it"],
    ["nothing to change", { remedy: " " }, "keys[0].remedy: takes one sentence"],
  ])("is refused with %s", (_, change, message) => {
    expect(() => withKey(change)).toThrow(message);
  });

  it("is refused with a key twice", () => {
    const { keys } = sample();
    expect(() => parse({ ...sample(), keys: [keys[0], keys[0]] })).toThrow("keys[1].key: stands there twice");
  });
});
