import { createHash } from "node:crypto";
import type { StreamDefinition } from "./engine.js";

export interface SessionStreamOptions {
  /** First part of all subjects: `mqttd.<cluster>`. */
  readonly prefix: string;
  readonly shards: number;
  readonly storage: "file" | "memory";
  readonly replicas: number;
}

/** The streams of all shards, in which the journals of the brokers are. */
export function sessionStreams({ prefix, shards, storage, replicas }: SessionStreamOptions): StreamDefinition[] {
  return Array.from({ length: shards }, (_, shard) => ({
    name: streamName(prefix, shard),
    subjects: [`${prefix}.j.${shard}.*`],
    storage,
    replicas,
    agreedSettings: { "nats.sessionShards": `${shards}` },
  }));
}

/** Where the journal of a broker is. */
export function journalOf(prefix: string, shards: number, brokerId: string): { readonly stream: string; readonly subject: string } {
  const shard = createHash("sha256").update(brokerId).digest().readUInt32BE(0) % shards;
  return { stream: streamName(prefix, shard), subject: `${prefix}.j.${shard}.${brokerId}` };
}

function streamName(prefix: string, shard: number): string {
  return `${prefix.replaceAll(".", "_")}_sessions_${shard}`;
}
