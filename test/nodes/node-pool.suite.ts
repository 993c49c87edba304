import { type TerraformElement, type TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import type { BrokerNodePoolOptions, IBrokerNodePool } from "../../lib/nodes/broker-node-pool";
import { type Block, type SynthesisedStack, stackOf, synthesise } from "../support/synth";
import type { NodeFacts } from "./read-user-data";

/** What every pool says to its cloud, in one form. */
export interface PoolFacts extends NodeFacts {
  readonly min: number;
  readonly max: number;
  /** Nodes to begin with; where a cloud counts per zone, times three. */
  readonly desired: number;
  readonly machineType: string;
  readonly diskGiB: number;
  readonly spot: boolean;
  readonly tags: Record<string, string>;
  /** What the surge setting ends up as; only compared for being different. */
  readonly surge: unknown;
}

export interface PoolKind {
  /** Options besides the common ones are bound. */
  readonly build: (stack: TerraformStack, id: string, options: BrokerNodePoolOptions, kubernetesVersion: string) => IBrokerNodePool;
  readonly read: (synthesised: SynthesisedStack) => PoolFacts;
  readonly resourceType: string;
  readonly amd64: string;
  readonly arm64: string;
  /** Kubernetes version to test with; AL2 ends at 1.32. */
  readonly kubernetes?: string;
  /** Taints that the cloud adds by itself to Arm nodes. */
  readonly armTaints?: readonly string[];
}

/** The behaviour of every pool, on every cloud and operating system. */
export function describeNodePool(name: string, kind: PoolKind): void {
  const kubernetes = kind.kubernetes ?? "1.34";

  function pool(options: Partial<BrokerNodePoolOptions> = {}, version = kubernetes) {
    let built!: IBrokerNodePool;
    const synthesised = synthesise((stack) => {
      built = kind.build(stack, "Pool", { machineType: kind.amd64, ...options }, version);
    });
    return { pool: built, facts: kind.read(synthesised), synthesised };
  }

  function refused(options: Partial<BrokerNodePoolOptions>, version = kubernetes): string {
    try {
      stackOf((stack) => kind.build(stack, "Pool", { machineType: kind.amd64, ...options }, version));
    } catch (error) {
      return String(error);
    }
    return "accepted";
  }

  describe(name, () => {
    it("sets every node value of its plan, and no other", () => {
      const { pool: built, facts } = pool();
      expect(built.tuning.node.length).toBeGreaterThan(5);
      expect(facts.sysctls).toEqual(Object.fromEntries(built.tuning.node.map((sysctl) => [sysctl.name, sysctl.value])));
    });

    it("allows on the kubelet exactly what its plan lists", () => {
      const { pool: built, facts } = pool();
      expect(facts.allowList).toEqual(built.tuning.allowedUnsafeSysctls);
      expect(facts.allowList).toContain("net.core.somaxconn");
    });

    it("carries a changed profile to the node, the kubelet and the plan alike", () => {
      const profile = SysctlProfile.MILLION.with({ "net.ipv4.tcp_retries2": 8, "net.core.netdev_max_backlog": 40_000 });
      const { pool: built, facts } = pool({ profile });
      expect(facts.sysctls["net.core.netdev_max_backlog"]).toBe("40000");
      expect(facts.allowList).toContain("net.ipv4.tcp_retries2");
      expect(built.tuning.podSysctls).toContainEqual({ name: "net.ipv4.tcp_retries2", value: "8" });
    });

    it("gives containers the planned open-file limit where the pool decides it", () => {
      const { pool: built, facts } = pool();
      expect(built.tuning.openFiles.limit).toBe(1_048_576);
      expect(facts.openFiles).toBe(built.tuning.openFiles.setByPool ? 1_048_576 : undefined);
    });

    it("plans for the Kubernetes version of its cluster", () => {
      expect(pool({}, "1.31").facts.allowList).toContain("net.ipv4.tcp_rmem");
      expect(pool({}, "1.32").facts.allowList).not.toContain("net.ipv4.tcp_rmem");
    });

    it("adds allow-list entries for other pods on the pool", () => {
      expect(pool({ allowedUnsafeSysctls: ["net.ipv4.tcp_ecn"] }).facts.allowList).toContain("net.ipv4.tcp_ecn");
    });

    it("taints and labels nodes from registration on", () => {
      const { pool: built, facts } = pool();
      expect(facts.taints).toEqual(["dedicated=mqtt-broker:NoSchedule"]);
      expect(facts.labels).toMatchObject({ dedicated: "mqtt-broker" });
      expect(built.nodeSelector).toEqual({ dedicated: "mqtt-broker" });
      expect(built.tolerations).toEqual([{ key: "dedicated", operator: "Equal", value: "mqtt-broker", effect: "NoSchedule" }]);
    });

    it("registers labels and taints of the caller beside its own", () => {
      const { pool: built, facts } = pool({
        dedicatedTo: "mqtt-load",
        labels: { "example.com/team": "iot" },
        taints: [{ key: "example.com/quiet", value: "true", effect: "NoExecute" }],
      });
      expect(facts.labels).toMatchObject({ dedicated: "mqtt-load", "example.com/team": "iot" });
      expect(facts.taints).toEqual(["dedicated=mqtt-load:NoSchedule", "example.com/quiet=true:NoExecute"]);
      expect(built.tolerations).toHaveLength(2);
      expect(built.labels).toMatchObject(built.nodeSelector);
    });

    it("scales between the given sizes, from three to six nodes by default", () => {
      expect(pool().facts).toMatchObject({ min: 3, max: 6, desired: 3 });
      expect(pool({ minNodes: 0, maxNodes: 9, desiredNodes: 6 }).facts).toMatchObject({ min: 0, max: 9, desired: 6 });
    });

    it("leaves the number of nodes to the autoscaler after the first apply", () => {
      const blocks = Object.values(pool().synthesised.resource?.[kind.resourceType] ?? {});
      expect(blocks[0]?.lifecycle?.ignore_changes).toHaveLength(1);
    });

    it("uses the machine type and reads the architecture from it", () => {
      expect(pool().facts.machineType).toBe(kind.amd64);
      expect(pool().pool.architecture).toBe("amd64");
      const arm = pool({ machineType: kind.arm64 });
      expect(arm.facts.machineType).toBe(kind.arm64);
      expect(arm.pool.architecture).toBe("arm64");
      expect(arm.pool.taints.map(({ key }) => key)).toEqual(["dedicated", ...(kind.armTaints ?? [])]);
    });

    it("passes disk, spot, surge and tags on", () => {
      const { facts } = pool({ diskGiB: 123, spot: true, tags: { team: "iot" } });
      expect(facts).toMatchObject({ diskGiB: 123, spot: true, tags: { team: "iot" } });
      expect(pool().facts.spot).toBe(false);
      expect(pool({ surge: 2 }).facts.surge).not.toEqual(pool({ surge: 1 }).facts.surge);
    });

    it("opens an escape hatch to the one underlying resource", () => {
      const synthesised = synthesise((stack) => {
        const built = kind.build(stack, "Pool", { machineType: kind.amd64 }, kubernetes);
        const resource = built.node.defaultChild as TerraformElement;
        resource.addOverride("a_field_we_did_not_model", 42);
      });
      expect(Object.values(synthesised.resource?.[kind.resourceType] ?? {})).toEqual([
        expect.objectContaining<Block>({ a_field_we_did_not_model: 42 }),
      ]);
    });

    it("stands twice in one stack without a clash", () => {
      const stack = stackOf((scope) => {
        kind.build(scope, "One", { machineType: kind.amd64 }, kubernetes);
        kind.build(scope, "Two", { machineType: kind.arm64, dedicatedTo: "mqtt-load" }, kubernetes);
      });
      const { resource } = JSON.parse(Testing.synth(stack)) as SynthesisedStack;
      expect(Object.keys(resource?.[kind.resourceType] ?? {})).toHaveLength(2);
    });

    it("repeats each warning of the plan as an annotation", () => {
      // The kernel sizes tcp_mem itself, so it is only touched where a script can raise it without lowering it.
      const { pool: built } = pool({ profile: SysctlProfile.MILLION.with({ "net.ipv4.tcp_mem": [65_536, 98_304, 131_072] }, "advised") });
      const annotations = built.node.metadata.filter(({ type }) => type === "@cdktf/warn").map(({ data }) => data);
      expect(annotations).toEqual(built.tuning.warnings);
      const scripted = built.tuning.platform === "eks-al2023" || built.tuning.platform === "eks-al2";
      expect(built.tuning.warnings.some((warning) => warning.startsWith("net.ipv4.tcp_mem"))).toBe(!scripted);
    });

    it("moves net.* keys to the node for pods in the host network", () => {
      const profile = SysctlProfile.of("host", { "net.core.somaxconn": 65_000 });
      const { pool: built, facts } = pool({ profile, hostNetwork: true });
      expect(facts.sysctls["net.core.somaxconn"]).toBe("65000");
      expect(built.tuning.podSysctls).toEqual([]);
    });

    it.each<[string, Partial<BrokerNodePoolOptions>, RegExp]>([
      ["an empty machine type", { machineType: "" }, /'machineType' is ''; write a machine type of this cloud, for example '/],
      ["a machine type of another cloud", { machineType: "potato" }, /'machineType' is 'potato'/],
      ["a contradicting architecture", { architecture: "arm64" }, /'architecture' is 'arm64', but machineType '.+' is amd64/],
      ["fewer nodes at most than at least", { minNodes: 5, maxNodes: 2 }, /'maxNodes' is 2, below minNodes \(5\)/],
      ["more nodes to begin with than at most", { maxNodes: 4, desiredNodes: 5 }, /'desiredNodes' is 5; it must be between/],
      ["half a node", { minNodes: 1.5 }, /'minNodes' is 1.5; it takes a whole number/],
      ["no surge", { surge: 0 }, /'surge' is 0; it takes a whole number from 1 on/],
      ["a tiny disk", { diskGiB: 5 }, /'diskGiB' is 5; a node needs/],
      [
        "a taint value of 64 characters",
        { dedicatedTo: "x".repeat(64) },
        /'dedicatedTo' has a mistake: taint .*at most 63 letters.*it has 64/,
      ],
      ["an empty taint value", { dedicatedTo: "" }, /'dedicatedTo' is empty/],
      [
        "a reserved label",
        { labels: { "node-role.kubernetes.io/broker": "true" } },
        /reserved for Kubernetes: a kubelet told to set it exits/,
      ],
      [
        "a label that is the pool's own",
        { labels: { dedicated: "me" } },
        /label 'dedicated' is the pool's own; state its value as dedicatedTo/,
      ],
      [
        "a taint that is the pool's own",
        { taints: [{ key: "dedicated", value: "me", effect: "NoExecute" }] },
        /taint 'dedicated' is the pool's own; state its value as dedicatedTo/,
      ],
      ["a label with a blank", { labels: { team: "iot team" } }, /label 'team': a value has at most 63/],
      ["an allow-list entry that stops the kubelet", { allowedUnsafeSysctls: ["fs.file-max"] }, /'fs\.file-max' is not namespaced/],
      ["a key that hangs the pod", { allowedUnsafeSysctls: ["net.core.rmem_max"] }, /sandbox would then fail for ever/],
    ])("refuses %s, naming prop, value and remedy", (_, options, message) => {
      expect(refused(options)).toMatch(message);
    });

    it("refuses a Kubernetes version that does not exist", () => {
      expect(refused({}, "134")).toMatch(/test\/Pool: Kubernetes version: '134' is not a version; write major\.minor/);
    });
  });
}
