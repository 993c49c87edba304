import { onTestFinished } from "vitest";
import { SYSTEM_CLOCK } from "../../../src/clock.js";
import { NatsBackplane, type NatsBackplaneOptions } from "../../../src/cluster/nats/nats-backplane.js";
import { NatsEngine } from "../../../src/cluster/nats/nats-engine.js";
import { openLog } from "../../../src/log.js";
import type { ShareStrategy } from "../../../src/topics/shared-group.js";

export const SILENT = openLog({ level: "silent", format: "json" });

/** A backplane as the broker makes it, on servers of the test. */
export function natsBackplane(servers: readonly string[], options: Partial<NatsBackplaneOptions> = {}): NatsBackplane {
  return new NatsBackplane({
    hostName: "test.pod",
    cluster: "test",
    connect: (name) =>
      NatsEngine.connect({
        servers,
        credentials: undefined,
        tls: undefined,
        name,
        inboxPrefix: "mqttd.test.i",
        log: options.log ?? SILENT,
      }),
    storage: "memory",
    replicas: 1,
    ownerShards: 2,
    sessionShards: 2,
    deadAfterSeconds: 5,
    cutOffAfterSeconds: options.deadAfterSeconds ?? 5,
    maxBatchBytes: 256 * 1024,
    maxInFlightBytes: 32 * 1024 * 1024,
    acknowledge: "peers",
    shareStrategy: (): ShareStrategy => "round-robin",
    random: Math.random,
    hashSeed: 1,
    clock: SYSTEM_CLOCK,
    log: SILENT,
    ...options,
  });
}

/** As `natsBackplane`; stopped when the test is over, whatever happens. */
export function lastingBackplane(servers: readonly string[], options: Partial<NatsBackplaneOptions> = {}): NatsBackplane {
  const backplane = natsBackplane(servers, options);
  onTestFinished(() => backplane.stop());
  return backplane;
}
