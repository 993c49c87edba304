import type { ChannelCounts } from "./eviction-order.js";

/** How unequal brokers must be for clients, or sessions, to be moved: by the number and by the factor. */
export interface Thresholds {
  readonly absConnThreshold: number;
  readonly relConnThreshold: number;
  readonly absSessThreshold: number;
  readonly relSessThreshold: number;
}

/** As `emqx ctl rebalance start` has them. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  absConnThreshold: 1_000,
  relConnThreshold: 1.1,
  absSessThreshold: 1_000,
  relSessThreshold: 1.1,
};

/** What a broker gives away: down to which numbers. */
export interface DonorGoal<Broker> {
  readonly donor: Broker;
  readonly connectionGoal: number;
  readonly sessionGoal: number;
}

/**
 * Who has to give away what, so that all have alike. Brokers above the average give if they have more than the others, on average, by both
 * thresholds; nobody gives more than what is above the average.
 */
export function rebalancePlan<Broker extends ChannelCounts>(brokers: readonly Broker[], thresholds: Thresholds): DonorGoal<Broker>[] {
  const { absConnThreshold, relConnThreshold, absSessThreshold, relSessThreshold } = thresholds;
  const connections = donors(brokers, ({ connected }) => connected, absConnThreshold, relConnThreshold);
  const sessions = donors(brokers, ({ sessions }) => sessions, absSessThreshold, relSessThreshold);
  return brokers
    .filter((broker) => connections.givers.includes(broker) || sessions.givers.includes(broker))
    .map((donor) => ({
      donor,
      connectionGoal: connections.givers.includes(donor) ? connections.goal : donor.connected,
      sessionGoal: sessions.givers.includes(donor) ? sessions.goal : donor.sessions,
    }));
}

function donors<Broker extends ChannelCounts>(
  brokers: readonly Broker[],
  countOf: (broker: ChannelCounts) => number,
  absThreshold: number,
  relThreshold: number,
): { readonly givers: readonly Broker[]; readonly goal: number } {
  const average = mean(brokers.map(countOf));
  const givers = brokers.filter((broker) => countOf(broker) > average);
  const others = mean(brokers.filter((broker) => countOf(broker) <= average).map(countOf));
  const theirs = mean(givers.map(countOf));
  const isUnequal = givers.length > 0 && theirs >= others + absThreshold && theirs >= others * relThreshold;
  return { givers: isUnequal ? givers : [], goal: Math.ceil(average) };
}

function mean(counts: readonly number[]): number {
  return counts.length === 0 ? 0 : counts.reduce((sum, count) => sum + count, 0) / counts.length;
}
