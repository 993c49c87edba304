import type { Bans } from "./bans/bans.js";
import type { Clock } from "./clock.js";
import { ClusterStore } from "./cluster/nats/cluster-store.js";
import { NatsBackplane } from "./cluster/nats/nats-backplane.js";
import { NatsBanStore } from "./cluster/nats/nats-ban-store.js";
import { NatsEngine } from "./cluster/nats/nats-engine.js";
import { NatsRetainedStore } from "./cluster/nats/nats-retained-store.js";
import type { Standing } from "./cluster/nats/retained-writer.js";
import type { Config } from "./config/config.js";
import { Latency } from "./latency.js";
import type { Log } from "./log.js";
import type { ClusterReadings } from "./sys/reading.js";
import type { ShareStrategy } from "./topics/shared-group.js";

export interface ClusterParts {
  readonly log: Log;
  readonly clock: Clock;
  readonly bans: Bans;
  /** Answers what operators ask through another broker. */
  readonly answer: (question: Uint8Array) => Promise<Uint8Array>;
  readonly shareStrategy: () => ShareStrategy;
  readonly random: () => number;
  readonly hashSeed: number;
}

/** What joins a broker to others. */
export interface Cluster {
  readonly backplane: NatsBackplane;
  readonly retained: NatsRetainedStore;
  /** Sessions that outlive their connections. */
  readonly store: ClusterStore;
  readonly banStore: NatsBanStore;
  /** How long NATS takes to store something. */
  readonly latency: Latency;
  readings(): ClusterReadings;
}

/** What a broker has in common with others; undefined for one that is alone. Nothing is connected before the backplane starts. */
export function createCluster({ nats, dataDir }: Config, parts: ClusterParts): Cluster | undefined {
  if (nats === undefined) return undefined;
  const { log, clock } = parts;
  const { brokerName, storage, replicas, cluster, retainedMemoryBytes } = nats;
  if (dataDir !== undefined) log.info({ dataDir }, "dataDir is not used, as NATS keeps what the brokers of a cluster share");
  const latency = new Latency();
  const standing = (): Standing => backplane.standing;
  const retained = new NatsRetainedStore({ clock, log, storage, replicas, memoryBytes: retainedMemoryBytes, standing });
  const banStore = new NatsBanStore({ bans: parts.bans, log, storage, replicas });
  const store = new ClusterStore({ log, before: () => retained.commit() });
  const backplane = new NatsBackplane({
    ...parts,
    ...nats,
    store,
    hostName: brokerName,
    connect: (name) => NatsEngine.connect({ ...nats, name, inboxPrefix: `mqttd.${cluster}.i`, log, latency }),
    load: async (engine, prefix) => {
      await Promise.all([retained.load(engine, prefix), banStore.load(engine, prefix)]);
    },
    catchUp: () => retained.catchUp(),
    stored: () => retained.writing,
  });
  return {
    backplane,
    retained,
    store,
    banStore,
    latency,
    readings: () => ({ ...backplane.counters, peers: backplane.peers.length, ...backplane.load, ...retained.readings() }),
  };
}
