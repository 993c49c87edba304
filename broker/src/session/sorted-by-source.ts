import type { Delivery } from "./delivery.js";

/**
 * Messages of each broker in the order in which that took them, in the places that they have among those of others. What has come for a session by
 * two ways was put together one behind the other, and some of it may have come by both.
 */
export function sortedBySource(deliveries: readonly Delivery[]): Delivery[] {
  const sorted = [...deliveries];
  const places = new Map<string, number[]>();
  for (const [place, { source }] of deliveries.entries()) {
    if (source === undefined) continue;
    const known = places.get(source.origin);
    if (known === undefined) places.set(source.origin, [place]);
    else known.push(place);
  }
  for (const own of places.values()) {
    const inOrder = own.map((place) => deliveries[place]!).sort((a, b) => a.source!.number - b.source!.number);
    for (const [index, place] of own.entries()) {
      const delivery = inOrder[index]!;
      if (delivery !== deliveries[place]) sorted[place] = delivery.at(deliveries[place]!.sequence);
    }
  }
  return sorted;
}
