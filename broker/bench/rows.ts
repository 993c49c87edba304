import type { Load, PacedLoad } from "./generator/job.js";

/** One thing that is measured of every broker. */
export interface Row {
  /** How `--only` names it. */
  readonly name: string;
  /** As the table says it, with the numbers that matter. */
  readonly title: string;
  readonly unit: Unit;
  readonly better: "higher" | "lower";
  /** What the generator does; undefined where a program without a broker measures. */
  readonly load?: Load;
  readonly tls?: boolean;
  /** Messages are kept on disk. */
  readonly isDurable?: boolean;
  /** Clients have passwords, and rights that each message is checked against. */
  readonly isGuarded?: boolean;
  /** Measured without `--only` too. */
  readonly byDefault: boolean;
  /** Once is enough where nothing depends on the moment, as with memory. */
  readonly repeats: boolean;
  readonly budgets: readonly Budget[];
}

export type Unit = "msg/s" | "conn/s" | "B" | "µs" | "ns";

/** A line of design.md §5. */
export interface Budget {
  readonly of: BudgetOf;
  /** "ratio": to mosquitto in the same run; "value": in the row's unit. */
  readonly measure: "ratio" | "value";
  readonly must: number;
  readonly aim?: number;
}

/** Every runtime, or one. */
export type BudgetOf = "every" | "bun" | "node24";

/** What `--quick` makes smaller. */
export interface Scale {
  readonly connections: number;
  readonly tlsConnections: number;
  readonly steps: number;
  readonly settleMs: number;
}

/** The budgets speak of 18,000 and 3,000 connections. */
export const FULL: Scale = { connections: 18_000, tlsConnections: 3_000, steps: 9, settleMs: 400 };
export const QUICK: Scale = { connections: 6_000, tlsConnections: 1_000, steps: 4, settleMs: 250 };

const PAIRS = 100;
const SUBSCRIBERS = 1_000;
const QOS0_WINDOW = 100;
const ACKED_WINDOW = 20;
export const LARGE_PAYLOAD_BYTES = 16_384;
/** What the row "latency" measures with. */
export const LATENCY: PacedLoad = { kind: "paced", pairs: PAIRS, messagesPerSecond: 5_000 };
/** Fewer than the 100 that mosquitto's listener lets wait, so that no SYN is lost and sent again a second later. */
const ACCEPT_CONCURRENCY = 80;

const STORED_SESSIONS = 20;
const STORED_WINDOW = 100;
/** Rules for others than the one who connects, who has one of his own. */
export const ACL_USERS = 1_000;

const MESSAGES = { unit: "msg/s", better: "higher", byDefault: true, repeats: true } as const;
const CONNECTIONS = { unit: "conn/s", better: "higher", repeats: true } as const;

export function rows({ connections, tlsConnections, steps, settleMs }: Scale): readonly Row[] {
  return [
    {
      name: "memory",
      title: `memory per idle connection, slope over ${connections.toLocaleString("en")}`,
      unit: "B",
      better: "lower",
      byDefault: true,
      repeats: false,
      load: { kind: "idle", connections, steps, settleMs },
      budgets: [
        { of: "bun", measure: "value", must: 2_048, aim: 1_500 },
        { of: "node24", measure: "value", must: 4_608, aim: 4_000 },
      ],
    },
    {
      name: "memory-tls",
      title: `the same over TLS, slope over ${tlsConnections.toLocaleString("en")}`,
      unit: "B",
      better: "lower",
      tls: true,
      byDefault: true,
      repeats: false,
      load: { kind: "idle", connections: tlsConnections, steps, settleMs },
      budgets: [{ of: "bun", measure: "value", must: 10_240, aim: 7_168 }],
    },
    {
      ...MESSAGES,
      name: "qos0",
      title: `QoS 0, ${PAIRS} pairs, window ${QOS0_WINDOW}`,
      load: { kind: "pairs", qos: 0, pairs: PAIRS, window: QOS0_WINDOW },
      budgets: [{ of: "every", measure: "ratio", must: 15, aim: 30 }],
    },
    {
      ...MESSAGES,
      name: "qos1",
      title: `QoS 1, ${PAIRS} pairs, window ${ACKED_WINDOW}`,
      load: { kind: "pairs", qos: 1, pairs: PAIRS, window: ACKED_WINDOW },
      budgets: [{ of: "every", measure: "ratio", must: 8, aim: 15 }],
    },
    {
      ...MESSAGES,
      name: "qos2",
      title: `QoS 2, ${PAIRS} pairs, window ${ACKED_WINDOW}`,
      load: { kind: "pairs", qos: 2, pairs: PAIRS, window: ACKED_WINDOW },
      budgets: [{ of: "every", measure: "ratio", must: 8, aim: 20 }],
    },
    {
      ...MESSAGES,
      name: "fan-out",
      title: `fan-out 1 → ${SUBSCRIBERS.toLocaleString("en")}, window ${QOS0_WINDOW}, deliveries`,
      load: { kind: "fan-out", subscribers: SUBSCRIBERS, window: QOS0_WINDOW },
      budgets: [{ of: "every", measure: "ratio", must: 8, aim: 15 }],
    },
    {
      ...MESSAGES,
      name: "fan-out-single",
      title: `fan-out 1 → ${SUBSCRIBERS.toLocaleString("en")}, window 1, deliveries`,
      byDefault: false,
      load: { kind: "fan-out", subscribers: SUBSCRIBERS, window: 1 },
      budgets: [],
    },
    {
      ...MESSAGES,
      name: "window1",
      title: `QoS 0, ${PAIRS} pairs, window 1 (nothing to batch)`,
      load: { kind: "pairs", qos: 0, pairs: PAIRS, window: 1 },
      budgets: [{ of: "every", measure: "ratio", must: 0.9, aim: 1.2 }],
    },
    {
      ...MESSAGES,
      name: "window1-single",
      title: "QoS 0, 1 pair, window 1 (one round trip at a time)",
      load: { kind: "pairs", qos: 0, pairs: 1, window: 1 },
      budgets: [],
    },
    // One message at a time of each client, as many clients send them: what lib/sizing counts with, by `npm run bench:calibrate`.
    {
      ...MESSAGES,
      name: "sparse-qos1",
      title: `QoS 1, ${PAIRS} pairs, window 1`,
      byDefault: false,
      load: { kind: "pairs", qos: 1, pairs: PAIRS, window: 1 },
      budgets: [],
    },
    {
      ...MESSAGES,
      name: "sparse-qos2",
      title: `QoS 2, ${PAIRS} pairs, window 1`,
      byDefault: false,
      load: { kind: "pairs", qos: 2, pairs: PAIRS, window: 1 },
      budgets: [],
    },
    {
      ...MESSAGES,
      name: "sparse-large",
      title: `QoS 0, ${PAIRS} pairs, window 1, payloads of ${LARGE_PAYLOAD_BYTES.toLocaleString("en")} bytes`,
      byDefault: false,
      load: { kind: "pairs", qos: 0, pairs: PAIRS, window: 1, payloadBytes: LARGE_PAYLOAD_BYTES },
      budgets: [],
    },
    {
      ...MESSAGES,
      name: "sparse-tls",
      title: `QoS 0, ${PAIRS} pairs, window 1, over TLS`,
      byDefault: false,
      tls: true,
      load: { kind: "pairs", qos: 0, pairs: PAIRS, window: 1 },
      budgets: [],
    },
    {
      name: "latency",
      title: `p99 latency at ${LATENCY.messagesPerSecond.toLocaleString("en")} msg/s, ${PAIRS} pairs, open loop, median second`,
      unit: "µs",
      better: "lower",
      byDefault: true,
      repeats: true,
      load: LATENCY,
      budgets: [{ of: "every", measure: "ratio", must: 1, aim: 0.5 }],
    },
    {
      ...CONNECTIONS,
      name: "accept",
      title: `accepting ${connections.toLocaleString("en")} connections, ${ACCEPT_CONCURRENCY} at a time`,
      byDefault: true,
      load: { kind: "accept", per: "second", connections, concurrency: ACCEPT_CONCURRENCY },
      budgets: [{ of: "every", measure: "ratio", must: 1.5 }],
    },
    {
      ...CONNECTIONS,
      name: "accept-storm",
      title: "the same, a third of them at a time",
      byDefault: true,
      load: { kind: "accept", per: "second", connections, concurrency: Math.round(connections / 3) },
      budgets: [],
    },
    {
      ...CONNECTIONS,
      name: "accept-cost",
      title: `the same, ${ACCEPT_CONCURRENCY} at a time, per second of the broker's processor time`,
      byDefault: true,
      load: { kind: "accept", per: "broker-second", connections, concurrency: ACCEPT_CONCURRENCY },
      budgets: [],
    },
    {
      ...CONNECTIONS,
      name: "accept-cost-tls",
      title: `accepting ${tlsConnections.toLocaleString("en")} connections over TLS, ${ACCEPT_CONCURRENCY} at a time, per second of the broker's processor time`,
      byDefault: false,
      tls: true,
      load: { kind: "accept", per: "broker-second", connections: tlsConnections, concurrency: ACCEPT_CONCURRENCY },
      budgets: [],
    },
    {
      ...MESSAGES,
      name: "durable",
      title: `QoS 1 to ${STORED_SESSIONS} sessions whose clients are away, on disk, window ${STORED_WINDOW}, acknowledged`,
      isDurable: true,
      load: { kind: "stored", publishers: STORED_SESSIONS, window: STORED_WINDOW },
      budgets: [{ of: "every", measure: "value", must: 20_000, aim: 50_000 }],
    },
    {
      ...MESSAGES,
      name: "qos0-guarded",
      title: `QoS 0, ${PAIRS} pairs, window ${QOS0_WINDOW}, with passwords and an ACL of ${ACL_USERS.toLocaleString("en")} users`,
      isGuarded: true,
      load: { kind: "pairs", qos: 0, pairs: PAIRS, window: QOS0_WINDOW },
      budgets: [{ of: "every", measure: "ratio", must: 15, aim: 30 }],
    },
    {
      ...MESSAGES,
      name: "qos1-guarded",
      title: `QoS 1, ${PAIRS} pairs, window ${ACKED_WINDOW}, with the same`,
      isGuarded: true,
      load: { kind: "pairs", qos: 1, pairs: PAIRS, window: ACKED_WINDOW },
      budgets: [{ of: "every", measure: "ratio", must: 8, aim: 15 }],
    },
    {
      name: "memory-guarded",
      title: `memory per idle connection with the same, slope over ${connections.toLocaleString("en")}`,
      unit: "B",
      better: "lower",
      byDefault: true,
      repeats: false,
      isGuarded: true,
      load: { kind: "idle", connections, steps, settleMs },
      budgets: [
        { of: "bun", measure: "value", must: 2_048, aim: 1_500 },
        { of: "node24", measure: "value", must: 4_608, aim: 4_000 },
      ],
    },
    {
      name: "topics",
      title: "matching one topic against 1 M filters, slowest of five kinds",
      unit: "ns",
      better: "lower",
      byDefault: true,
      repeats: false,
      budgets: [{ of: "every", measure: "value", must: 2_000, aim: 1_000 }],
    },
  ];
}
