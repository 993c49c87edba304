import type { BenchClient } from "./client.js";

/** What a client does once it is connected; `conn` has none. */
export interface Role {
  /** Past CONNACK, the first time or again. */
  onConnected(client: BenchClient, nowMs: number, receiveMaximum: number): void;
  onFrame(client: BenchClient, bytes: Uint8Array, start: number, end: number): void;
  /** All frames of a read have been handed over. */
  afterRead(client: BenchClient): void;
  onDrain(client: BenchClient): void;
  /** The connection is gone, and with it what was under way. */
  onLost(): void;
}
