import { describe, expect, it } from "vitest";
import { CompanionRelease } from "../../lib/release/companion-release";
import { NatsRelease } from "../../lib/release/nats-release";
import { sizing } from "../../lib/sizing/sizing";
import { POOLS } from "../release/pools";
import { buildOn, valuesOf } from "../release/releases";

describe("a sizing", () => {
  it.each([
    ["gke", "GKE", 1_000_000],
    // Its pods have 126,020 clients, whose files just fit into 131,072; those of 127,000, as the release has it, do not.
    ["eks", "EKS, AL2023", 1_008_160],
  ] as const)("is props of a pool and of a release as it stands: %s", (cloud, name, connections) => {
    const options = { clouds: [cloud], architecture: "amd64", maxConnectionsPerPod: 1_000_000 } as const;
    const [sized] = sizing({ connections, publishRate: 1_000 }, options).clouds;
    const { pool, releases } = buildOn(
      (stack) => POOLS[name](stack, sized!.pool),
      ({ stack, pool: nodes, namespace }) => {
        const nats = new NatsRelease(stack, "Nats", { pool: nodes, namespace });
        return new CompanionRelease(stack, "Broker", { pool: nodes, namespace, nats, allowAnonymous: true, ...sized!.release });
      },
    );
    const { replicas, connectionsPerPod, cpu, memory } = sized!.release;
    expect(pool.tuning.profileName).toBe(sized!.pool.profile.name);
    expect(valuesOf(releases.get("mqttd"))).toMatchObject({
      replicaCount: replicas,
      connectionsPerPod,
      runtime: "bun",
      resources: { requests: { cpu, memory }, limits: { memory } },
    });
  });
});
