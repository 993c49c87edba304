import { expect, it } from "vitest";
import { choiceOf, numberOf, runtimesOf } from "./options.js";

it("takes what is in the range, whole unless it may be a fraction", () => {
  expect(numberOf("rounds", "50", { least: 1 })).toBe(50);
  expect(numberOf("scale", "0.25", { least: 0.001, most: 1, mayBeFraction: true })).toBe(0.25);
});

it.each(["", " ", "x", "0", "1.5", "-1", "Infinity", "9007199254740993"])(
  "names the option and the value where %j is no number from 1",
  (text) => {
    expect(() => numberOf("rounds", text, { least: 1 })).toThrow(`'--rounds' takes a whole number from 1, got ${JSON.stringify(text)}`);
  },
);

it("names the range where it has an end", () => {
  const range = { least: 0.001, most: 1, mayBeFraction: true };
  expect(() => numberOf("scale", "2", range)).toThrow(`'--scale' takes a number from 0.001 to 1, got "2"`);
});

it("names what there is to choose from", () => {
  expect(runtimesOf("both")).toEqual(["node", "bun"]);
  expect(runtimesOf("bun")).toEqual(["bun"]);
  expect(() => choiceOf("only", "bogus", ["flood", "churn"])).toThrow(`'--only' takes one of flood, churn, got "bogus"`);
});
