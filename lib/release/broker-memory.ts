/** What runs the companion broker. */
export type Runtime = "bun" | "node";

/**
 * Memory of one idle connection in bytes, process and kernel: the budgets that `npm run bench` holds the broker to (2,048 on Bun, 4,608 on Node.js; over
 * TLS 7,168 and 55,808) and 5,120 of kernel memory. The same figures as in broker/src/limits/connection-memory.ts.
 */
const CONNECTION_BYTES = {
  bun: { plain: 7_168, tls: 12_288 },
  node: { plain: 9_728, tls: 60_928 },
} as const;

/** Runtime, code and stores before the first client. */
const BASE_BYTES = 256 * 1_048_576;

/** Room for messages on their way, subscriptions and garbage on top of what idle clients take. */
const HEADROOM = 1.5;

/** Steps in which memory is asked for. */
const STEP_MIB = 128;

/** Memory for a pod of the companion broker, in MiB. */
export function brokerMemoryMiB(connections: number, runtime: Runtime, tls: boolean): number {
  const bytes = (BASE_BYTES + connections * CONNECTION_BYTES[runtime][tls ? "tls" : "plain"]) * HEADROOM;
  return Math.ceil(bytes / 1_048_576 / STEP_MIB) * STEP_MIB;
}
