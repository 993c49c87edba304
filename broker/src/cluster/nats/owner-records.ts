import crypto from "node:crypto";
import type { StreamDefinition } from "./engine.js";

/** Of a client that nobody owns any more. */
export const TOMBSTONE = new Uint8Array(0);
/** Longer than any claim takes: within it, a claim that was late finds that another had come and gone. */
export const TOMBSTONE_SECONDS = 60;

/** Who has claimed a client. */
export interface OwnerClaim {
  readonly brokerId: string;
  readonly clientId: string;
  /** Owners before it that had not handed over when it was written, as far as it knew; the last one first. */
  readonly former: readonly string[];
}

export function encodeClaim({ brokerId, clientId, former }: OwnerClaim): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([brokerId, former, clientId]));
}

/** Undefined for a tombstone. */
export function decodeClaim(bytes: Uint8Array): OwnerClaim | undefined {
  if (bytes.length === 0) return undefined;
  const [brokerId, former, clientId] = JSON.parse(new TextDecoder().decode(bytes)) as [string, string[], string];
  return { brokerId, former, clientId };
}

/** In hexadecimal. At once where the runtime can: each object that hashes bit by bit is 500 bytes of garbage, for each client that connects. */
const sha256 =
  typeof crypto.hash === "function"
    ? (text: string) => crypto.hash("sha256", text, "hex")
    : (text: string) => crypto.createHash("sha256").update(text).digest("hex");

/** Where the claims to a client are. */
export class OwnerSubjects {
  readonly #prefix: string;
  readonly #shards: number;

  constructor(prefix: string, shards: number) {
    this.#prefix = prefix;
    this.#shards = shards;
  }

  /** By hash, as a client identifier may be no subject. */
  of(clientId: string): { readonly subject: string; readonly stream: string } {
    const hash = sha256(clientId);
    const shard = Number.parseInt(hash.slice(32, 40), 16) % this.#shards;
    return { subject: `${this.#prefix}.o.${shard}.${hash.slice(0, 32)}`, stream: streamName(this.#prefix, shard) };
  }
}

export interface OwnerStreamOptions {
  /** First part of all subjects: `mqttd.<cluster>`. */
  readonly prefix: string;
  readonly shards: number;
  readonly storage: "file" | "memory";
  readonly replicas: number;
}

/** The streams of all shards. */
export function ownerStreams({ prefix, shards, storage, replicas }: OwnerStreamOptions): StreamDefinition[] {
  return Array.from({ length: shards }, (_, shard) => ({
    name: streamName(prefix, shard),
    subjects: [`${prefix}.o.${shard}.*`],
    storage,
    replicas,
    maxMessagesPerSubject: 1,
    hasMessageTtl: true,
    agreedSettings: { "nats.ownerShards": `${shards}` },
  }));
}

export function ownerStreamNames(prefix: string, shards: number): readonly string[] {
  return Array.from({ length: shards }, (_, shard) => streamName(prefix, shard));
}

function streamName(prefix: string, shard: number): string {
  return `${prefix.replaceAll(".", "_")}_owners_${shard}`;
}
