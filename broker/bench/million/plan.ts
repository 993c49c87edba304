import type { MillionOptions } from "./options.js";

/** What this machine gives. */
export interface Machine {
  readonly cores: number;
  readonly openFiles: number;
  readonly availableBytes: number;
  /** `fs.file-max`; undefined where it does not bound this user. */
  readonly fileMax: number | undefined;
  readonly conntrack: { readonly count: number; readonly max: number } | undefined;
}

/** What one run is made of, and the arithmetic behind it. */
export interface Plan {
  readonly connections: number;
  readonly brokers: number;
  readonly generators: number;
  /** Loopback addresses of the brokers, all with one port. */
  readonly brokerAddresses: readonly string[];
  readonly sourceAddresses: readonly string[];
  /** Clients who subscribe and get a message; part of the connections. */
  readonly sample: number;
  readonly neededBytes: number;
  readonly arithmetic: readonly MemoryRow[];
  /** Why it cannot be done here, with the remedy. */
  readonly problems: readonly string[];
}

export interface MemoryRow {
  readonly what: string;
  readonly count: number;
  readonly bytesEach: number;
}

/**
 * Bytes, as `npm run bench:million -- --connections 60000` found them on 2026-11-29 (2 cores, 24 GiB, Linux 6.18, Bun 1.4.5), rounded up: process
 * memory of a connection at either end, kernel memory of both ends together, and a process before its first connection. Node: from `npm run bench`.
 * NATS: 1,000,000 owners in streams on disk, its default, on 2026-11-30: a heap of 258 MB in nats-server 2.15.2, where such in memory were 414 MB.
 */
const COST = {
  bun: { broker: 1_700, generator: 1_200, process: 36 * 2 ** 20 },
  node: { broker: 4_608, generator: 5_120, process: 64 * 2 ** 20 },
  kernelBothEnds: 7_800,
  nats: 64 * 2 ** 20,
  natsPerClient: 272,
} as const;

/** Left to the machine: below this, Linux begins to look for somebody to end. */
export const RESERVE_BYTES = 768 * 2 ** 20;

/** Of a process's open files, for everything that is no client. */
const FILES_KEPT_FREE = 300;
/** Ports of one source address that are used. */
const CONNECTIONS_PER_SOURCE = 50_000;

/** Nothing but arithmetic. */
export function planOf(options: MillionOptions, machine: Machine): Plan {
  const { connections, isStandalone, runtime, samplePerBroker } = options;
  const perProcess = Math.max(1, machine.openFiles - FILES_KEPT_FREE);
  const brokers = Math.max(Math.min(machine.cores, connections), Math.ceil(connections / (perProcess - samplePerBroker)));
  const sample = Math.min(brokers * samplePerBroker, Math.floor(connections / 2));
  const generators = Math.max(machine.cores, Math.ceil(connections / perProcess));
  const arithmetic = memoryOf(connections, brokers, generators, runtime, isStandalone);
  const neededBytes = total(arithmetic);
  return {
    ...{ connections, brokers, generators, sample, arithmetic, neededBytes },
    brokerAddresses: Array.from({ length: brokers }, (_, index) => address(77, index)),
    sourceAddresses: Array.from({ length: Math.ceil(connections / CONNECTIONS_PER_SOURCE) }, (_, index) => address(78, index)),
    problems: [...memoryProblem(options, machine, neededBytes, perProcess), ...kernelProblems(connections, machine)],
  };
}

/** What memory would do for, by the same arithmetic. */
export function mostThatFit({ runtime, isStandalone }: MillionOptions, machine: Machine, perProcess: number): number {
  let low = 0;
  let high = 100_000_000;
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2);
    const processes = Math.max(machine.cores, Math.ceil(middle / perProcess));
    if (total(memoryOf(middle, processes, processes, runtime, isStandalone)) <= machine.availableBytes - RESERVE_BYTES) low = middle;
    else high = middle;
  }
  return Math.floor(low / 1_000) * 1_000;
}

/** What nats-server is to make do with. */
export function natsMemory(connections: number): number {
  return COST.nats + connections * COST.natsPerClient;
}

function memoryOf(
  connections: number,
  brokers: number,
  generators: number,
  runtime: "bun" | "node",
  isStandalone: boolean,
): readonly MemoryRow[] {
  const cost = COST[runtime];
  return [
    { what: "broker processes", count: brokers, bytesEach: cost.process },
    { what: "connections in brokers", count: connections, bytesEach: cost.broker },
    { what: "client processes", count: generators, bytesEach: cost.process },
    { what: "connections in clients", count: connections, bytesEach: cost.generator },
    { what: "kernel, both ends of a connection", count: connections, bytesEach: COST.kernelBothEnds },
    ...(isStandalone
      ? []
      : [
          { what: "nats-server", count: 1, bytesEach: COST.nats },
          { what: "owners of client ids in NATS", count: connections, bytesEach: COST.natsPerClient },
        ]),
  ];
}

function memoryProblem(options: MillionOptions, machine: Machine, neededBytes: number, perProcess: number): string[] {
  const missing = neededBytes + RESERVE_BYTES - machine.availableBytes;
  if (missing <= 0) return [];
  const most = mostThatFit(options, machine, perProcess);
  return [
    `memory: ${gib(neededBytes)} and ${gib(RESERVE_BYTES)} in reserve are needed, ${gib(machine.availableBytes)} are available: ` +
      `--connections ${most} fits, ${gib(missing)} more would do, and --force begins nevertheless and stops in time`,
  ];
}

function kernelProblems(connections: number, { fileMax, conntrack }: Machine): string[] {
  const problems: string[] = [];
  if (fileMax !== undefined && connections * 2 > fileMax)
    problems.push(`fs.file-max is ${fileMax}: both ends take ${connections * 2} files`);
  if (conntrack !== undefined && conntrack.count > 0 && conntrack.max < connections) {
    problems.push(
      `connections are tracked here and nf_conntrack_max is ${conntrack.max}: raise it above ${connections}, or exempt loopback`,
    );
  }
  return problems;
}

/** The arithmetic as text. */
export function planText(plan: Plan, machine: Machine): string {
  const width = Math.max(...plan.arithmetic.map(({ what }) => what.length));
  const rows = plan.arithmetic.map(
    ({ what, count, bytesEach }) =>
      `  ${what.padEnd(width)} ${count.toLocaleString("en").padStart(11)} × ${bytesEach.toLocaleString("en").padStart(10)} B = ${gib(count * bytesEach).padStart(9)}`,
  );
  return [
    `${plan.connections.toLocaleString("en")} connections: ${plan.brokers} brokers and ${plan.generators} client processes of at most ${machine.openFiles.toLocaleString("en")} open files, ` +
      `from ${plan.sourceAddresses.length} source addresses; ${plan.sample.toLocaleString("en")} of them are the sample`,
    ...rows,
    `  needed ${gib(plan.neededBytes)}, available ${gib(machine.availableBytes)}, of which ${gib(RESERVE_BYTES)} stay in reserve`,
    ...plan.problems.map((problem) => `  NOT POSSIBLE: ${problem}`),
  ].join("\n");
}

export function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}

function total(rows: readonly MemoryRow[]): number {
  return rows.reduce((sum, { count, bytesEach }) => sum + count * bytesEach, 0);
}

/** 250 to a network, from .1 on. */
function address(second: number, index: number): string {
  return `127.${second}.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}
