import { expect, it } from "vitest";
import { Delivery } from "../../src/session/delivery.js";
import { inOrderOfBoth } from "../../src/session/in-order-of-both.js";
import { messageOf } from "./support.js";

/** "a3" is the third of broker a; what has no number is from nowhere. */
function deliveries(names: string): Delivery[] {
  return names.split(" ").map((name, index) => {
    const number = Number(name.slice(1));
    const source = number > 0 ? { origin: name[0]!, number } : undefined;
    return new Delivery(index + 1, messageOf(name), 1, false, undefined, undefined, source);
  });
}

it.each([
  ["a1 x", "b1 y", "a1 x b1 y", "parts that have nothing in common follow each other"],
  ["a1 c7", "b6 c7 c8", "a1 b6 c7 c8", "what comes before something in one part does so where the other part has that"],
  ["a4 a5 x a9", "a4 a5 a6", "a4 a5 x a9 a6", "what comes after all that both have is the first part's before"],
  ["a1 b1 c1", "c1 b1 a1", "a1 b1 c1", "what is in one order here and in another there has none"],
  ["x x", "x", "x x x", "what has no number is never the same"],
  ["c7 x y", "a4 a5 c7 a6", "c7 x y a4 a5 a6", "what came before the session moved is before all of its publisher's that came then"],
  ["x c7", "a4 c7", "x a4 c7", "and that is no later than it has to be"],
])("of %s and %s is made %s: %s", (first, second, expected) => {
  const merged = inOrderOfBoth(deliveries(first), deliveries(second));
  expect(merged.map(({ message }) => Buffer.from(message.payload).toString()).join(" ")).toBe(expected);
});
