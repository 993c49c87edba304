import type { FullWorkload } from "./workload";

/** What somebody else says for such a load. */
export interface Comparison {
  readonly source: string;
  readonly nodes?: number;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly remark: string;
}

interface VendorRow {
  readonly connections: number;
  readonly messagesPerSecond: number;
  readonly coresPerNode: number;
  readonly gibPerNode: number;
  readonly nodes: number;
}

/** The table behind EMQX's public estimate as a former employee published it (wivwiv.com), by the most connections of each row. */
const VENDOR_ROWS: readonly VendorRow[] = [
  { connections: 5_000, messagesPerSecond: 6_000, coresPerNode: 2, gibPerNode: 4, nodes: 2 },
  { connections: 20_000, messagesPerSecond: 9_000, coresPerNode: 2, gibPerNode: 4, nodes: 3 },
  { connections: 50_000, messagesPerSecond: 12_000, coresPerNode: 4, gibPerNode: 8, nodes: 2 },
  { connections: 200_000, messagesPerSecond: 18_000, coresPerNode: 4, gibPerNode: 8, nodes: 3 },
  { connections: 300_000, messagesPerSecond: 24_000, coresPerNode: 8, gibPerNode: 16, nodes: 2 },
  { connections: 500_000, messagesPerSecond: 36_000, coresPerNode: 8, gibPerNode: 16, nodes: 3 },
  { connections: 1_000_000, messagesPerSecond: 36_000, coresPerNode: 8, gibPerNode: 32, nodes: 3 },
];
/** Its weights of QoS. */
const VENDOR_QOS = [1, 1.3, 1.6] as const;
/** It adds a core and 2 GB for each 10,000 messages a second beyond the row's. */
const VENDOR_STEP = { messagesPerSecond: 10_000, cores: 1, gib: 2 } as const;

/** The guide's own example: 16 cores and 32 GB for a million clients, over several nodes. */
const GUIDE: Comparison = {
  source: "the guide (EMQX on Kubernetes)",
  cores: 16,
  memoryGiB: 32,
  remark: "its example for 1,000,000 connections, whatever else they do",
};

/** Rows to hold a sizing against: the guide's example, and the vendor's table where it has a row. */
export function comparisonsFor({ connections, publishRate, qos }: FullWorkload): readonly Comparison[] {
  const row = VENDOR_ROWS.find((each) => connections <= each.connections);
  if (row === undefined) return [GUIDE];
  const beyond = Math.max(0, publishRate * VENDOR_QOS[qos] - row.messagesPerSecond);
  const steps = Math.ceil(beyond / VENDOR_STEP.messagesPerSecond);
  const vendor: Comparison = {
    source: "EMQX's table, secondhand",
    nodes: row.nodes,
    cores: row.nodes * row.coresPerNode + steps * VENDOR_STEP.cores,
    memoryGiB: row.nodes * row.gibPerNode + steps * VENDOR_STEP.gib,
    remark: `row of up to ${row.connections.toLocaleString("en")} connections and ${row.messagesPerSecond.toLocaleString("en")} msg/s${steps > 0 ? `, ${steps} cores added for more messages` : ""}`,
  };
  return [GUIDE, vendor];
}
