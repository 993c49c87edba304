import { expect, it } from "vitest";
import { TakenNumbers } from "../../src/persistence/taken-numbers.js";

it("takes each number once, in whatever order they come", () => {
  const taken = new TakenNumbers();
  expect([5, 3, 5, 4, 3].map((number) => taken.take(number, 0))).toEqual([true, true, false, true, false]);
});

it("lets go of numbers below a floor, and takes none of them any more", () => {
  const taken = new TakenNumbers();
  for (const number of [1, 2, 9]) taken.take(number, 0);
  expect(taken.take(10, 9)).toBe(true);
  expect([...taken.numbers]).toEqual([9, 10]);
  expect([2, 8, 9, 11].map((number) => taken.has(number))).toEqual([true, true, true, false]);
});

it("knows what another has taken, once that is added", () => {
  const [one, other] = [new TakenNumbers(0, [1, 5]), new TakenNumbers(3, [7])];
  one.add(other);
  expect([one.floor, ...one.numbers]).toEqual([3, 5, 7]);
  expect(other.has(5)).toBe(false);
});
