import { expect, it } from "vitest";
import { RecentlyRight } from "../../src/auth/recently-right.js";

it("RecentlyRight forgets what has not been asked for longest", () => {
  const right = new RecentlyRight(3);
  for (const mark of ["a", "b", "c"]) right.add(mark);
  expect(right.has("a")).toBe(true);
  right.add("d");
  expect(["a", "b", "c", "d"].map((mark) => right.has(mark))).toEqual([true, false, true, true]);
  for (let i = 0; i < 10; i++) right.add(`more ${i}`);
  expect(right.size).toBe(3);
});

it("RecentlyRight remembers nothing if it is to hold nothing", () => {
  const right = new RecentlyRight(0);
  right.add("a");
  expect([right.has("a"), right.size]).toEqual([false, 0]);
});
