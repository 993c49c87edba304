import { describe, expect, it } from "vitest";
import { WorkloadError } from "../../lib/errors";
import { planTuning } from "../../lib/kernel/tuning-plan";
import { allocatableOf } from "../../lib/sizing/allocatable";
import { MACHINE_TYPES } from "../../lib/sizing/machine-types";
import { countNodes } from "../../lib/sizing/node-count";
import { type CloudSizing, priceOf, sizing } from "../../lib/sizing/sizing";
import { MAX_PAYLOAD_BYTES, resolveWorkload, type Workload } from "../../lib/sizing/workload";

const MILLION: Workload = { connections: 1_000_000, publishRate: 20_000, payloadBytes: 256, qos: 1, fanOut: 1, tls: "lb" };

describe("sizing()", () => {
  it("answers for each cloud and architecture", () => {
    expect(sizing(MILLION).clouds.map(({ cloud, architecture }) => `${cloud} ${architecture}`)).toEqual([
      "eks amd64",
      "eks arm64",
      "aks amd64",
      "aks arm64",
      "gke amd64",
      "gke arm64",
    ]);
    expect(sizing(MILLION, { clouds: ["gke"], architecture: "arm64" }).clouds).toHaveLength(1);
  });

  it("has room for every client while a node is missing", () => {
    for (const { nodes, podsPerNode, pod, machine } of sizing(MILLION).clouds) {
      expect((nodes - 1) * podsPerNode * pod.connections, machine.name).toBeGreaterThanOrEqual(MILLION.connections);
    }
  });

  it("asks for no more than a machine gives to pods", () => {
    for (const { machine, podsPerNode, pod } of sizing(MILLION).clouds) {
      const { cores, memoryBytes } = allocatableOf(machine);
      expect(podsPerNode * pod.cores, machine.name).toBeLessThanOrEqual(cores);
      expect(podsPerNode * pod.memoryBytes, machine.name).toBeLessThanOrEqual(memoryBytes);
    }
  });

  it("never needs more than one core for a pod, as a broker has one thread", () => {
    const { clouds } = sizing({ ...MILLION, publishRate: 1_000_000 }, { utilisation: 0.9 });
    for (const { pod } of clouds) expect(pod.cores).toBeLessThanOrEqual(1);
  });

  it.each([
    ["a million clients", MILLION, {}],
    ["more on a node than a container may have files", { connections: 100_000_000, publishRate: 1e5 }, { maxConnectionsPerPod: 1_000_000 }],
  ])("gives a profile that the clouds can carry out, with an entry of conntrack for each client: %s", (_, workload, options) => {
    const platforms = { eks: "eks-al2023", aks: "aks-ubuntu", gke: "gke-cos" } as const;
    for (const { cloud, pool, node, pod } of sizing(workload, options).clouds) {
      const plan = planTuning(pool.profile, platforms[cloud], "1.34");
      expect(pool.profile.openFiles.limit, cloud).toBe(pod.openFiles);
      expect(plan.openFiles.limit, cloud).toBeGreaterThanOrEqual(pod.openFiles);
      expect(node.conntrackMax, cloud).toBeGreaterThan(node.conntrackEntries);
    }
  });

  it("keeps within the ports that a load balancer which ends TLS has for a pod", () => {
    const [eks] = sizing(MILLION, { clouds: ["eks"], zones: 1, maxConnectionsPerPod: 1_000_000 }).clouds;
    expect(eks!.loadBalancer.connectionsPerTarget).toBe(55_000);
    expect(eks!.pod.connections).toBeLessThanOrEqual(55_000);
  });

  it("counts TLS in the broker where the cloud's load balancer ends none", () => {
    const { clouds } = sizing(MILLION);
    expect(clouds.map(({ cloud, tls }) => `${cloud} ${tls}`)).toContain("eks lb");
    expect(clouds.filter(({ cloud }) => cloud !== "eks").every(({ tls }) => tls === "broker")).toBe(true);
  });

  it("stands beside the guide's example and the vendor's row", () => {
    expect(sizing(MILLION).comparisons.map(({ cores, memoryGiB }) => [cores, memoryGiB])).toEqual([
      [16, 32],
      [24, 96],
    ]);
    // 120,000 msg/s at QoS 1 weigh 156,000, which is twelve steps of 10,000 above the row's 36,000.
    expect(sizing({ ...MILLION, publishRate: 120_000 }).comparisons[1]).toMatchObject({ cores: 24 + 12, memoryGiB: 96 + 24 });
    expect(sizing({ ...MILLION, connections: 2_000_000 }).comparisons).toHaveLength(1);
  });
});

describe("more load", () => {
  const STEPS: readonly (readonly [name: string, more: (workload: Required<Workload>) => Workload])[] = [
    ["connections", (each) => ({ ...each, connections: Math.ceil(each.connections * 1.3) + 1 })],
    ["messages", (each) => ({ ...each, publishRate: each.publishRate * 1.5 + 10 })],
    ["payload", (each) => ({ ...each, payloadBytes: Math.min(MAX_PAYLOAD_BYTES, each.payloadBytes * 2 + 1) })],
    ["deliveries", (each) => ({ ...each, fanOut: Math.min(each.connections, each.fanOut * 2 + 1) })],
    ["filters", (each) => ({ ...each, subscriptionsPerClient: each.subscriptionsPerClient * 2 + 1 })],
    ["keep-alives", (each) => ({ ...each, keepAliveSeconds: Math.ceil(each.keepAliveSeconds / 2) })],
    ["QoS", (each) => ({ ...each, qos: Math.min(2, each.qos + 1) as 0 | 1 | 2 })],
    ["TLS in the broker", (each) => ({ ...each, tls: "broker" })],
  ];
  const random = seeded(42);
  const WORKLOADS = Array.from({ length: 60 }, () =>
    resolveWorkload({
      connections: Math.ceil(10 ** (1 + 5.5 * random())),
      publishRate: 10 ** (5 * random()),
      payloadBytes: Math.floor(10 ** (4 * random())),
      qos: Math.floor(3 * random()) as 0 | 1 | 2,
      fanOut: 1 + Math.floor(5 * random()),
      subscriptionsPerClient: Math.floor(4 * random()),
      keepAliveSeconds: 10 + Math.floor(300 * random()),
      tls: random() < 0.5 ? "none" : "lb",
      runtime: random() < 0.5 ? "bun" : "node",
    }),
  );

  it.each(STEPS)("of %s never costs less, on any cloud", (_, more) => {
    for (const workload of WORKLOADS) {
      const before = sizing(workload).clouds.map(priced);
      const after = sizing(more(workload)).clouds.map(priced);
      for (const [place, price] of after.entries()) expect(price, JSON.stringify(workload)).toBeGreaterThanOrEqual(before[place]!);
    }
  });

  it.each(STEPS)("of %s never takes fewer nodes of the same machine type", (_, more) => {
    const machine = MACHINE_TYPES.find(({ name }) => name === "m7i.2xlarge")!;
    const bounds = { utilisation: 0.5, connections: 100_000, memoryHeadroom: 1.25, reconnectSeconds: 60 };
    for (const workload of WORKLOADS) {
      const before = countNodes(workload, machine, bounds)!.nodes;
      expect(countNodes(resolveWorkload(more(workload)), machine, bounds)!.nodes).toBeGreaterThanOrEqual(before);
    }
  });

  function priced({ machine, nodes }: CloudSizing): number {
    return nodes * priceOf(machine);
  }
});

describe("a workload that makes no sense", () => {
  it.each<[string, Partial<Workload>, string]>([
    ["no connection", { connections: 0 }, "'connections' is 0; write a whole number from 1 to 100000000"],
    ["fewer than none", { connections: -1 }, "'connections' is -1"],
    ["a trillion", { connections: 1e12 }, "'connections' is 1000000000000"],
    ["a broken number", { connections: Number.NaN }, "'connections' is NaN"],
    ["half a connection", { connections: 1.5 }, "'connections' is 1.5; write a whole number"],
    ["a payload that no packet holds", { payloadBytes: 2_000_000 }, "the broker's longest packet (mqtt.maxPacketBytes) is 1 MiB"],
    ["a negative rate", { publishRate: -1 }, "'publishRate' is -1"],
    ["a rate without end", { publishRate: Number.POSITIVE_INFINITY }, "'publishRate' is Infinity"],
    ["QoS 3", { qos: 3 as 2 }, "'qos' is 3; write 0, 1 or 2"],
    ["more deliveries than clients", { connections: 10, fanOut: 11 }, "no message reaches more clients than there are"],
    ["keep alive of nothing", { keepAliveSeconds: 0 }, "'keepAliveSeconds' is 0"],
    ["another place for TLS", { tls: "proxy" as "lb" }, "'tls' is \"proxy\"; write none, lb or broker"],
  ])("is refused: %s", (_, change, words) => {
    expect(() => sizing({ ...MILLION, ...change })).toThrow(WorkloadError);
    expect(() => sizing({ ...MILLION, ...change })).toThrow(words);
  });

  it("is told all that is wrong at once", () => {
    expect(() => sizing({ connections: 0, qos: 4 as 2 })).toThrow(/'connections' is 0.*\n'qos' is 4/);
  });

  it("is told when no known machine carries it", () => {
    expect(() => sizing({ connections: 100_000_000, publishRate: 100_000_000, fanOut: 1_000 })).toThrow(
      /no machine type of eks .* split 'connections'/,
    );
  });

  it.each([
    [{ utilisation: 2 }, "'utilisation' is 2"],
    [{ maxConnectionsPerPod: 10 }, "'maxConnectionsPerPod' is 10"],
    [{ zones: 0 }, "'zones' is 0"],
    [{ reconnectSeconds: 0 }, "'reconnectSeconds' is 0"],
    [{ clouds: ["ibm" as "eks"] }, "'clouds' has 'ibm'"],
  ])("is refused with options %o", (options, words) => {
    expect(() => sizing(MILLION, options)).toThrow(words);
  });
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
