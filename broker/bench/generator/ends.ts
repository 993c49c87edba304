import type { Dialler } from "./client.js";
import type { Job } from "./job.js";

/** How the two clients of a pair connect. */
export interface Ends {
  readonly atSubscriber: Dialler;
  readonly atPublisher: Dialler;
}

/** Pairs are spread over the brokers there are; a crossing pair is at two of them. */
export function endsOf({ target, others = [], isCrossing = false }: Job, dialler: Dialler, index: number): Ends {
  const targets = [target, ...others];
  const at = (number: number): Dialler => ({ ...dialler, target: targets[number % targets.length]! });
  return { atSubscriber: at(index), atPublisher: at(isCrossing ? index + 1 : index) };
}
