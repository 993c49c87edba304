import { expect, it } from "vitest";
import { Delivery, type SharedMember } from "../../src/session/delivery.js";
import { sortedBySource } from "../../src/session/sorted-by-source.js";
import { messageOf } from "./support.js";

/** "a3" is the third of broker a; what has no number is from nowhere. */
function deliveries(names: string): Delivery[] {
  return names.split(" ").map((name, index) => {
    const number = Number(name.slice(1));
    const source = number > 0 ? { origin: name[0]!, number } : undefined;
    return new Delivery(index + 1, messageOf(name), 1, false, undefined, undefined, source);
  });
}

const sorted = (names: string) => sortedBySource(deliveries(names)).map(({ message }) => Buffer.from(message.payload).toString());

it.each([
  ["a1 b1 x a2 b2", "a1 b1 x a2 b2", "what is in order stays"],
  ["a1 a3 x b7 a2", "a1 a2 a3 x b7", "what comes late goes before the first later one of its broker"],
  ["a5 b7 a4", "a4 a5 b7", "what others took after a later one stays behind that"],
  ["a4 a6 a5 a2 a3 a1", "a1 a2 a3 a4 a5 a6", "several that come late go each where they belong"],
  ["a2 a3 a4 a1 a2 a3 a4", "a1 a2 a3 a4", "what has come by two ways is there once"],
  ["a3 a1 a1 a2 x x", "a1 a2 a3 x x", "also if it came late by both; what has no number is never the same"],
])("of %s is made %s: %s", (given, expected) => {
  expect(sorted(given)).toEqual(expected.split(" "));
});

it("what came to a member of a shared group, and what came to the session itself, are two, though of one source", () => {
  const shared = { topicFilter: "$share/g/t", shared: { shareName: "g", filter: "t" } };
  const source = { origin: "a", number: 1 };
  const of = (group?: SharedMember) => new Delivery(1, messageOf("x"), 2, false, undefined, group, source);
  const [own, first, again] = [of(), of(shared), of(shared)];
  expect(sortedBySource([first, own, again])).toEqual([first, own]);
});
