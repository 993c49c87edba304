import { buildBrokerBundle } from "../../stacks/broker-bundle";

/** Once for all tests: releases mount the broker, and several files that build it at a time would read each other's halves. */
export function setup(): void {
  buildBrokerBundle();
}
