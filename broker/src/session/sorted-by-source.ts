import type { Place } from "../persistence/taken-numbers.js";
import type { Delivery } from "./delivery.js";
import { wayOf } from "./had.js";

/** A message that comes after all that were here before it of its broker, and those that came later and go before it. */
interface Step {
  readonly number: number;
  readonly late: Delivery[];
}

/**
 * Messages of each broker in the order in which that took them, each once: one that comes behind later ones of its broker goes before the first of these,
 * and nothing else changes. What has come for a session by two ways was put together one behind the other, and some of it may have come by both.
 */
export function sortedBySource(deliveries: readonly Delivery[]): readonly Delivery[] {
  const steps = new Map<string, Step[]>();
  const ahead = new Map<Delivery, Delivery[]>();
  const late = new Set<Delivery>();
  for (const delivery of deliveries) {
    if (delivery.source === undefined) continue;
    const { number } = delivery.source;
    const way = wayOf(delivery)!;
    const own = steps.get(way);
    const last = own?.[own.length - 1];
    if (last !== undefined && number <= last.number) {
      late.add(delivery);
      const next = firstNotBelow(own!, number);
      if (next.number !== number) next.late.push(delivery);
      continue;
    }
    const step: Step = { number, late: [] };
    ahead.set(delivery, step.late);
    if (own === undefined) steps.set(way, [step]);
    else own.push(step);
  }
  if (late.size === 0) return deliveries;
  return deliveries.flatMap((delivery) => (late.has(delivery) ? [] : [...inOrder(ahead.get(delivery)), delivery]));
}

function firstNotBelow(steps: readonly Step[], number: number): Step {
  let [low, high] = [0, steps.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]!.number < number) low = middle + 1;
    else high = middle;
  }
  return steps[low]!;
}

function inOrder(late: Delivery[] = []): readonly Delivery[] {
  const numberOf = ({ source }: { readonly source: Place | undefined }) => source!.number;
  const sorted = late.sort((a, b) => numberOf(a) - numberOf(b));
  return sorted.filter((delivery, index) => index === 0 || numberOf(delivery) !== numberOf(sorted[index - 1]!));
}
