import type { ProtocolVersion } from "../../src/codec/packet.js";
import { startBroker, type TestBroker, type TestBrokerOptions } from "../support/start-broker.js";

export type RunningBroker = TestBroker;

/** Names and levels of the versions, for tables of tests. */
export const VERSIONS: readonly (readonly [name: string, version: ProtocolVersion])[] = [
  ["3.1", 3],
  ["3.1.1", 4],
  ["5.0", 5],
];

/** What a test puts in the place of the broker's own parts. */
export type Parts = Omit<TestBrokerOptions, "settings">;

/** A broker with these settings, as in the configuration file, and with these parts in place of its own. */
export function withBroker(settings: Readonly<Record<string, unknown>> = {}, parts: Parts = {}): Promise<RunningBroker> {
  return startBroker({ settings, ...parts });
}
