import { describe, expect, it } from "vitest";
import { CompanionRelease } from "../../lib/release/companion-release";
import { NatsRelease } from "../../lib/release/nats-release";
import { sizing } from "../../lib/sizing/sizing";
import { POOLS } from "../release/pools";
import { buildOn, valuesOf } from "../release/releases";

describe("a sizing", () => {
  it("is props of a pool and of a release as it stands", () => {
    const [sized] = sizing({ connections: 1_000_000 }, { clouds: ["gke"], architecture: "amd64" }).clouds;
    const { pool, releases } = buildOn(
      (stack) => POOLS.GKE(stack, sized!.pool),
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
