import { type TerraformStack, Testing } from "cdktf";
import type { IBrokerNodePool } from "../../lib/nodes/broker-node-pool";
import type { BrokerNamespace } from "../../lib/release/namespace";
import { BrokerNamespace as Namespace } from "../../lib/release/namespace";
import { type Block, resourcesOf, stackOf } from "../support/synth";
import { POOLS, type PoolName } from "./pools";

/** Where a release of a test goes. */
export interface Place {
  readonly stack: TerraformStack;
  readonly pool: IBrokerNodePool;
  readonly namespace: BrokerNamespace;
}

export interface Built<T> {
  readonly made: T;
  readonly pool: IBrokerNodePool;
  /** Helm releases by name, as Terraform gets them. */
  readonly releases: ReadonlyMap<string, Block>;
}

/** Builds `make` on a pool of its own stack. */
export function buildOn<T>(pool: PoolName | ((stack: TerraformStack) => IBrokerNodePool), make: (place: Place) => T): Built<T> {
  let made!: T;
  let used!: IBrokerNodePool;
  const stack = stackOf((created) => {
    used = typeof pool === "string" ? POOLS[pool](created) : pool(created);
    const namespace = new Namespace(created, "Namespace", { pools: [used] });
    made = make({ stack: created, pool: used, namespace });
  });
  const releases = resourcesOf(JSON.parse(Testing.synth(stack, false)), "helm_release");
  return { made, pool: used, releases: new Map(releases.map((release) => [release.name, release])) };
}

/** Values of a release, as Helm gets them. */
export function valuesOf(release: Block | undefined): Block {
  return JSON.parse(release?.values[0]);
}

/** Why `make` is refused. */
export function refusalOn(pool: PoolName | ((stack: TerraformStack) => IBrokerNodePool), make: (place: Place) => unknown): string {
  try {
    buildOn(pool, make);
  } catch (error) {
    return String(error);
  }
  return "accepted";
}
