import { beforeEach, describe, expect, it } from "vitest";
import { type ClusterNodes, ClusterRebalance, type RebalanceOptions } from "../../src/rebalance/cluster-rebalance.js";
import { Rebalance } from "../../src/rebalance/rebalance.js";
import { Evicted } from "./support.js";

const LOW: RebalanceOptions = { absConnThreshold: 5, absSessThreshold: 5, waitHealthCheckSeconds: 0, waitTakeoverSeconds: 0 };

/** Brokers that reach each other, apart from those that are cut off. */
class Room implements ClusterNodes {
  readonly cutOff = new Set<string>();
  readonly brokers = new Map<string, Evicted & { readonly rebalance: Rebalance }>();

  constructor(names: readonly string[]) {
    for (const name of names) {
      const evicted = new Evicted();
      this.brokers.set(name, Object.assign(evicted, { rebalance: new Rebalance(evicted.parts) }));
    }
  }

  get names() {
    return [...this.brokers.keys()];
  }

  async load(node: string) {
    const { status } = this.#reach(node).rebalance;
    return { ...status.current, process: status.eviction?.order.type };
  }

  async evict(node: string, order: Parameters<ClusterNodes["evict"]>[1]) {
    this.#reach(node).rebalance.evict(order);
  }

  async stop(node: string) {
    this.#reach(node).rebalance.stop();
  }

  #reach(node: string) {
    if (this.cutOff.has(node)) throw new Error("no answer");
    return this.brokers.get(node)!;
  }
}

describe("ClusterRebalance", () => {
  let room: Room;
  let brokers: (Evicted & { readonly rebalance: Rebalance })[];
  let cluster: ClusterRebalance;

  beforeEach(() => {
    room = new Room(["mqttd-0-0a1b2c3d", "mqttd-1-0a1b2c3d", "mqttd-2-0a1b2c3d"]);
    brokers = [...room.brokers.values()];
    cluster = new ClusterRebalance(room);
  });

  it("has the broker with too many clients give them away", async () => {
    brokers[1]!.broker.clients(30);
    expect(await cluster.start(LOW)).toEqual(["mqttd-1-0a1b2c3d"]);
    await brokers[1]!.pass(3);
    expect(brokers[1]!.broker.connected).toBe(10);
    expect(brokers[1]!.rebalance.isEvicting).toBe(false);
  });

  it("takes only the brokers that are named, by their short names or their whole ones", async () => {
    brokers[0]!.broker.clients(30);
    brokers[2]!.broker.clients(90);
    expect(await cluster.start({ ...LOW, nodes: ["mqttd-0", "mqttd-1-0a1b2c3d"] })).toEqual(["mqttd-0-0a1b2c3d"]);
    await brokers[0]!.pass(3);
    expect(brokers.map(({ broker }) => broker.connected)).toEqual([15, 0, 90]);
  });

  it("stops what it has begun, and leaves evacuations alone", async () => {
    brokers[1]!.broker.clients(30);
    await cluster.start({ ...LOW, waitHealthCheckSeconds: 60 });
    brokers[2]!.rebalance.evacuate();
    expect(await cluster.stop()).toEqual(["mqttd-1-0a1b2c3d"]);
    expect(brokers.map(({ rebalance }) => rebalance.isEvicting)).toEqual([false, false, true]);
  });

  it.each([
    ["there is nothing to balance", LOW, "nothing to balance"],
    ["a broker is not there", { ...LOW, nodes: ["mqttd-0", "mqttd-7"] }, "no broker 'mqttd-7'; there are 'mqttd-0-0a1b2c3d', 'mqttd-1-0a"],
    ["there is only one broker", { ...LOW, nodes: ["mqttd-0"] }, "only one broker"],
  ])("refuses where %s", async (_, options, message) => {
    await expect(cluster.start(options)).rejects.toThrow(message);
  });

  it("refuses while clients are moved away already", async () => {
    brokers[1]!.rebalance.evacuate();
    expect(() => brokers[1]!.rebalance.evacuate()).toThrow("clients are moved away from this broker already");
    await expect(cluster.start(LOW)).rejects.toThrow("clients are moved away from 'mqttd-1-0a1b2c3d' already");
  });

  it("refuses while a broker does not answer, unless the others are named", async () => {
    room.cutOff.add("mqttd-2-0a1b2c3d");
    brokers[1]!.broker.clients(30);
    await expect(cluster.start(LOW)).rejects.toThrow("'mqttd-2-0a1b2c3d' did not answer");
    expect(await cluster.start({ ...LOW, nodes: ["mqttd-0", "mqttd-1"] })).toEqual(["mqttd-1-0a1b2c3d"]);
  });
});
