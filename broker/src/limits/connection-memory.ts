import type { RuntimeLimits } from "./host-limits.js";

/**
 * Process memory that one idle connection may take, in bytes: the budgets that `npm run bench` holds the broker to over 18,000
 * connections (2,048 on Bun, 4,608 on Node 24). Over TLS, what bare sockets took over 3,000 connections: about 6 KB on Bun and 50 KB on
 * Node, to which the broker's own part of a plain connection is added.
 */
const PROCESS_BYTES = {
  bun: { plain: 2_048, tls: 7_168 },
  node: { plain: 4_608, tls: 51_200 },
} as const;

/**
 * Kernel memory of one idle TCP connection at our end, in bytes. Over 8,500 loopback connections, Linux 6 took 3.8 KB of slab for each
 * end; the rest is in reserve for connection tracking and page tables. 1,000,000 connections come to 7 GiB with Bun.
 */
export const KERNEL_BYTES = 5_120;

/** What one idle connection takes, in the process alone and with the kernel's part. */
export interface ConnectionMemory {
  readonly processBytes: number;
  readonly totalBytes: number;
}

/** Memory of one idle connection on a runtime. */
export function connectionMemory(runtime: RuntimeLimits["name"], carrier: "plain" | "tls"): ConnectionMemory {
  const processBytes = PROCESS_BYTES[runtime][carrier];
  return { processBytes, totalBytes: processBytes + KERNEL_BYTES };
}
