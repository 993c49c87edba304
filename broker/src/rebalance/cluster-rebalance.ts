import { isNamed } from "../cluster/broker-name.js";
import { type ChannelCounts, DEFAULT_TERMS, type EvictionOrder, type EvictionTerms } from "./eviction-order.js";
import { given } from "./given.js";
import { RebalanceRefused } from "./rebalance.js";
import { DEFAULT_THRESHOLDS, rebalancePlan, type Thresholds } from "./rebalance-plan.js";

export interface RebalanceOptions extends Partial<EvictionTerms>, Partial<Thresholds> {
  /** Brokers that take part, by name. @default - all */
  readonly nodes?: readonly string[] | undefined;
}

/** What a broker has, and whether it gives any of it away. */
export interface NodeLoad extends ChannelCounts {
  readonly process: EvictionOrder["type"] | undefined;
}

/** All brokers of a cluster, this one among them, as far as they can be reached. */
export interface ClusterNodes {
  readonly names: readonly string[];
  /** These reject if the broker does not answer, or refuses. */
  load(node: string): Promise<NodeLoad>;
  evict(node: string, order: EvictionOrder): Promise<void>;
  stop(node: string): Promise<void>;
}

/**
 * Has the brokers of a cluster share their clients evenly. Each that has too many is told how many to keep, and then gets there by itself: nothing
 * depends on the broker that was asked.
 */
export class ClusterRebalance {
  readonly #nodes: ClusterNodes;

  constructor(nodes: ClusterNodes) {
    this.#nodes = nodes;
  }

  /**
   * Has brokers with too many clients or sessions give away what is above the average; resolves with their names when they have begun.
   *
   * @throws RebalanceRefused if something is under way, there is nothing to balance, or brokers do not answer
   */
  async start({ nodes: named, ...options }: RebalanceOptions = {}): Promise<readonly string[]> {
    const names = named === undefined ? this.#nodes.names : this.#known(named);
    if (names.length < 2) throw new RebalanceRefused("there is only one broker: clients have nowhere else to go");
    const { loads, missing } = await this.#loads(names);
    if (missing.length > 0) throw new RebalanceRefused(`${list(missing)} did not answer: try again, or name the brokers that take part`);
    const busy = loads.filter(({ process }) => process !== undefined).map(({ node }) => node);
    if (busy.length > 0) throw new RebalanceRefused(`clients are moved away from ${list(busy)} already: stop that first`);

    const { absConnThreshold, relConnThreshold, absSessThreshold, relSessThreshold, ...terms } = options;
    const thresholds = { ...DEFAULT_THRESHOLDS, ...given({ absConnThreshold, relConnThreshold, absSessThreshold, relSessThreshold }) };
    const goals = rebalancePlan(loads, thresholds);
    if (goals.length === 0) throw new RebalanceRefused("there is nothing to balance: no broker has more than the others by the thresholds");
    for (const { donor, ...goal } of goals) {
      await this.#nodes.evict(donor.node, { ...DEFAULT_TERMS, ...given(terms), ...goal, type: "rebalance" });
    }
    return goals.map(({ donor }) => donor.node);
  }

  /** Ends what `start` has begun on any broker, and leaves evacuations alone; resolves with the brokers that have stopped. */
  async stop(): Promise<readonly string[]> {
    const { loads } = await this.#loads(this.#nodes.names);
    const giving = loads.filter(({ process }) => process === "rebalance").map(({ node }) => node);
    await Promise.all(giving.map((node) => this.#nodes.stop(node)));
    return giving;
  }

  async #loads(names: readonly string[]): Promise<{ loads: (NodeLoad & { readonly node: string })[]; missing: string[] }> {
    const settled = await Promise.allSettled(names.map((node) => this.#nodes.load(node)));
    const loads = settled.flatMap((one, index) => (one.status === "fulfilled" ? [{ ...one.value, node: names[index]! }] : []));
    return { loads, missing: names.filter((_, index) => settled[index]!.status === "rejected") };
  }

  #known(named: readonly string[]): readonly string[] {
    const { names } = this.#nodes;
    const found = new Map(named.map((name) => [name, names.find((known) => isNamed(known, name))]));
    const unknown = named.filter((name) => found.get(name) === undefined);
    if (unknown.length > 0) throw new RebalanceRefused(`there is no broker ${list(unknown)}; there are ${list(names)}`);
    return [...new Set([...found.values()].map((name) => name!))];
  }
}

function list(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ");
}
