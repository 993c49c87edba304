import type { ConnackPacket, ProtocolVersion } from "../codec/packet.js";
import type { BenchClient } from "./client.js";
import type { Tallies } from "./tallies.js";

/** What a client needs of the swarm that it is part of. */
export interface SwarmContext {
  readonly tallies: Tallies;
  readonly version: ProtocolVersion;
  readonly disconnectFrame: Uint8Array;
  dial(client: BenchClient): void;
  connectFrame(client: BenchClient): Uint8Array;
  reasonName(reasonCode: number): string;
  /** The connection is there, after that many milliseconds. */
  opened(client: BenchClient, tookMs: number): void;
  joined(client: BenchClient, connack: ConnackPacket, tookMs: number): void;
  /** The broker says that it ends the connection. */
  told(client: BenchClient, reasonCode: number): void;
  /** The connection ended before CONNACK, or could not be opened. */
  failed(client: BenchClient, reason: string, code: string, wasDialling: boolean): void;
  /** It ended though nobody here wanted it to. */
  lost(client: BenchClient, reason: string): void;
  /** It ended as it was to. */
  left(): void;
}
