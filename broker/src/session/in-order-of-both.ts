import type { Delivery } from "./delivery.js";
import { nameOf } from "./had.js";

/**
 * What two parts of a session have, each in the order in which it came there: in an order that is both, and all of the first as early as that allows. What both
 * have is there once, as the first has it.
 */
export function inOrderOfBoth(first: readonly Delivery[], second: readonly Delivery[]): readonly Delivery[] {
  const places = new Map<string, number>();
  for (const [place, delivery] of second.entries()) {
    const name = nameOf(delivery);
    if (name !== undefined) places.set(name, place);
  }
  const isCommon = new Set(first.map(nameOf));
  const merged: Delivery[] = [];
  let next = 0;
  const takeUpTo = (place: number) => {
    for (; next < place; next++) {
      const name = nameOf(second[next]!);
      if (name === undefined || !isCommon.has(name)) merged.push(second[next]!);
    }
  };
  for (const delivery of first) {
    const place = places.get(nameOf(delivery) ?? "");
    if (place !== undefined) takeUpTo(place);
    merged.push(delivery);
  }
  takeUpTo(second.length);
  return merged;
}
