import type { Engine } from "./engine.js";
import { LostRaceError } from "./engine-errors.js";
import { decodeClaim, ownerStreamNames, TOMBSTONE, TOMBSTONE_SECONDS } from "./owner-records.js";

export interface OwnerSweepOptions {
  readonly engine: Engine;
  /** First part of all subjects: `mqttd.<cluster>`. */
  readonly prefix: string;
  readonly shards: number;
  /** As in Ownership: must not say false of a broker that has joined. */
  isMember(brokerId: string): boolean | Promise<boolean>;
  /** Whether this broker keeps a session of the client, that it has from a dead owner: then the claim stays. @default - it keeps none */
  keeps?(clientId: string): boolean;
}

/**
 * Buries the claims of brokers that have left, and resolves with their number: for clients that never come back nobody else would. One
 * broker does so after another has died, at leisure: one message of each stream at a time. Claims that name former owners that live are
 * left alone, as those have to be asked by the next owner. Rejects if the engine is out of reach; what was done is done.
 */
export async function sweepOwners(options: OwnerSweepOptions): Promise<number> {
  const { prefix, shards } = options;
  const buried = await Promise.all(ownerStreamNames(prefix, shards).map((stream) => sweepStream(stream, options)));
  return buried.reduce((sum, count) => sum + count, 0);
}

async function sweepStream(stream: string, { engine, isMember, keeps }: OwnerSweepOptions): Promise<number> {
  let buried = 0;
  const last = await engine.lastSequence(stream); // tombstones come after it
  for (let next = 1; next <= last; ) {
    const message = await engine.nextMessage(stream, next);
    if (message === undefined) break;
    const { subject, sequence, bytes } = message;
    const claim = decodeClaim(bytes);
    if (claim !== undefined && keeps?.(claim.clientId) !== true && !(await anyOf([claim.brokerId, ...claim.former], isMember))) {
      const options = { expectedLastSubjectSequence: sequence, ttlSeconds: TOMBSTONE_SECONDS };
      try {
        await engine.append(subject, TOMBSTONE, options);
        buried++;
      } catch (error) {
        if (!(error instanceof LostRaceError)) throw error; // else it has been claimed meanwhile
      }
    }
    next = sequence + 1;
  }
  return buried;
}

async function anyOf(brokerIds: readonly string[], isMember: OwnerSweepOptions["isMember"]): Promise<boolean> {
  for (const brokerId of brokerIds) if (await isMember(brokerId)) return true;
  return false;
}
