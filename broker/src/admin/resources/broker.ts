import * as z from "zod";
import { readAll } from "../../sys/readings.js";
import { VERSION } from "../../version.js";
import type { AdminBroker } from "../admin-broker.js";
import { type Route, route } from "../route.js";

/** Which broker of a cluster is meant. */
export const NodeQuery = z.strictObject({ node: z.string().optional() });

/** What a broker says of itself. */
const BrokerFacts = z.object({
  node: z.string().register(z.globalRegistry, { description: "Name of this broker" }),
  sysdescr: z.string(),
  version: z.string(),
  runtime: z.string().register(z.globalRegistry, { description: "For example node 24.1.0" }),
  pid: z.int(),
  status: z.string().register(z.globalRegistry, { description: "starting, ready, cut off, evacuating, draining or stopped" }),
  started_at: z.int().register(z.globalRegistry, { description: "Milliseconds since 1970" }),
  datetime: z.string().register(z.globalRegistry, { description: "The broker's clock" }),
  uptime_seconds: z.int(),
  connections: z.int().register(z.globalRegistry, { description: "Clients connected" }),
  sessions: z.int().register(z.globalRegistry, { description: "With their clients or without" }),
  subscriptions: z.int(),
  topics: z.int().register(z.globalRegistry, { description: "Topic filters with subscribers" }),
  retained: z.int(),
  memory_bytes: z.int().register(z.globalRegistry, { description: "Resident memory of the process" }),
  event_loop_lag_seconds: z.number(),
  received_msgs: z.int(),
  sent_msgs: z.int(),
  dropped_msgs: z.int(),
});

const Numbers = z.record(z.string(), z.number());

/** The broker that is asked, the brokers of its cluster, and all the numbers that they tell. */
export function brokerRoutes(broker: AdminBroker): readonly Route[] {
  const numbers = (kind: "counter" | "gauge", path: string, summary: string) =>
    route({
      method: "GET",
      path,
      scope: "read",
      cluster: "owner",
      summary,
      query: NodeQuery,
      answer: Numbers,
      handle: () => ({ json: Object.fromEntries(readAll(broker.readings(), kind)) }),
    });
  return [
    route({
      method: "GET",
      path: "/api/v1/broker",
      scope: "read",
      cluster: "owner",
      summary: "What this broker is, and how much it has to do",
      query: NodeQuery,
      answer: BrokerFacts,
      handle: () => ({ json: factsOf(broker) }),
    }),
    route({
      method: "GET",
      path: "/api/v1/cluster",
      scope: "read",
      summary: "Who this broker is with",
      answer: z.object({
        name: z
          .string()
          .nullable()
          .register(z.globalRegistry, { description: "What its brokers have in common; null for a broker that is alone" }),
        node: z.string().register(z.globalRegistry, { description: "Name of this broker" }),
        peers: z.array(z.string()).register(z.globalRegistry, { description: "Names of the others that are there" }),
        ready: z.boolean().register(z.globalRegistry, { description: "Whether clients should come to this broker" }),
      }),
      handle: () => {
        const { clusterName: name, node, peers, readyState } = broker;
        return { json: { name: name ?? null, node, peers: [...peers], ready: readyState.readiness === "ready" } };
      },
    }),
    numbers("gauge", "/api/v1/broker/stats", "What there is at this moment, by EMQX's names"),
    numbers("counter", "/api/v1/broker/metrics", "What has happened since the start, by EMQX's names"),
    route({
      method: "GET",
      path: "/api/v1/nodes",
      scope: "read",
      cluster: "all",
      summary: "The brokers of the cluster",
      query: NodeQuery,
      answer: z.object({ data: z.array(BrokerFacts), meta: z.object({ missing: z.array(z.string()).optional() }) }),
      handle: () => ({ json: { data: [factsOf(broker)], meta: {} } }),
    }),
  ];
}

function factsOf(broker: AdminBroker): z.infer<typeof BrokerFacts> {
  const { clock, startedAtMs, readyState, node } = broker;
  const { bun } = process.versions;
  const numbers = readAll(broker.readings());
  const number = (key: string) => numbers.get(key) ?? 0;
  const nowMs = clock.now();
  return {
    node,
    sysdescr: "mqttd",
    version: VERSION,
    runtime: bun === undefined ? `node ${process.versions.node}` : `bun ${bun}`,
    pid: process.pid,
    status: readyState.readiness,
    started_at: startedAtMs,
    datetime: new Date(nowMs).toISOString(),
    uptime_seconds: Math.max(0, Math.floor((nowMs - startedAtMs) / 1_000)),
    connections: number("connections.count"),
    sessions: number("sessions.count"),
    subscriptions: number("subscriptions.count"),
    topics: number("topics.count"),
    retained: number("retained.count"),
    memory_bytes: process.memoryUsage.rss(),
    event_loop_lag_seconds: number("event_loop.lag.seconds"),
    received_msgs: number("messages.received"),
    sent_msgs: number("messages.sent"),
    dropped_msgs: number("delivery.dropped"),
  };
}
