import * as z from "zod";
import { isNamed } from "../../cluster/broker-name.js";
import { ClusterRebalance } from "../../rebalance/cluster-rebalance.js";
import { DEFAULT_TERMS } from "../../rebalance/eviction-order.js";
import { type NodeStatus, RebalanceRefused } from "../../rebalance/rebalance.js";
import { DEFAULT_THRESHOLDS } from "../../rebalance/rebalance-plan.js";
import type { AdminBroker } from "../admin-broker.js";
import { EVICTION_PATH, NODE_STATUS_PATH, rebalanceNodes } from "../cluster/rebalance-nodes.js";
import { RebalanceStatus } from "../cluster/rebalance-status.js";
import { Problem } from "../problem.js";
import { type Caller, type Route, route } from "../route.js";
import { NodeQuery } from "./broker.js";

const MOST_A_SECOND = 1_000_000;
const MOST_SECONDS = 86_400;
const rate = (byDefault: number, what: string) =>
  z
    .int()
    .min(1)
    .max(MOST_A_SECOND)
    .default(byDefault)
    .register(z.globalRegistry, { description: `${what} each second` });
const wait = (byDefault: number, what: string) =>
  z
    .int()
    .min(0)
    .max(MOST_SECONDS)
    .default(byDefault)
    .register(z.globalRegistry, { description: `Seconds that ${what}` });
const excess = (byDefault: number, what: string) =>
  z
    .int()
    .min(0)
    .default(byDefault)
    .register(z.globalRegistry, { description: `${what} that brokers must have more than the others, on average, to give any away` });
const factor = (byDefault: number, what: string) =>
  z
    .number()
    .min(1)
    .default(byDefault)
    .register(z.globalRegistry, { description: `Times as many ${what} as the others, on average, that they must have` });

const TERMS = {
  wait_health_check: wait(DEFAULT_TERMS.waitHealthCheckSeconds, "load balancers get to notice that a broker is not ready"),
  conn_evict_rate: rate(DEFAULT_TERMS.connEvictRate, "Clients disconnected"),
  wait_takeover: wait(DEFAULT_TERMS.waitTakeoverSeconds, "clients get to come back elsewhere, before sessions are handed over"),
  sess_evict_rate: rate(DEFAULT_TERMS.sessEvictRate, "Sessions handed over"),
};

const NewEvacuation = z.strictObject({
  ...TERMS,
  redirect_to: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .register(z.globalRegistry, { description: "Servers that clients of 5.0 are told of; mqtt.serverReference, unless given" }),
  migrate_to: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .register(z.globalRegistry, { description: "Brokers that sessions are handed to; all others that are ready, unless given" }),
});

const NewRebalance = z.strictObject({
  ...TERMS,
  nodes: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .register(z.globalRegistry, { description: "Brokers that take part; all, unless given" }),
  abs_conn_threshold: excess(DEFAULT_THRESHOLDS.absConnThreshold, "Clients"),
  rel_conn_threshold: factor(DEFAULT_THRESHOLDS.relConnThreshold, "clients"),
  abs_sess_threshold: excess(DEFAULT_THRESHOLDS.absSessThreshold, "Sessions"),
  rel_sess_threshold: factor(DEFAULT_THRESHOLDS.relSessThreshold, "sessions"),
});

const NewEviction = z.strictObject({ ...TERMS, connection_goal: z.int().min(0), session_goal: z.int().min(0) });

const Nodes = z.object({ nodes: z.array(z.string()) });

/** Moving clients from broker to broker, as `emqx ctl rebalance` knows it. */
export function rebalanceRoutes(broker: AdminBroker): readonly Route[] {
  const { rebalance } = broker;
  const cluster = (caller: Caller) => new ClusterRebalance(rebalanceNodes(rebalance, broker.ways, caller));
  const status = () => shown(broker.node, rebalance.status);
  return [
    route({
      method: "GET",
      path: "/api/v1/rebalance",
      scope: "read",
      cluster: "all",
      summary: "What the brokers of the cluster move away",
      query: NodeQuery,
      answer: z.object({ data: z.array(RebalanceStatus), meta: z.object({ missing: z.array(z.string()).optional() }) }),
      handle: () => ({ json: { data: [status()], meta: {} } }),
    }),
    route({
      method: "GET",
      path: NODE_STATUS_PATH,
      scope: "read",
      cluster: "owner",
      summary: "What this broker moves away",
      query: NodeQuery,
      answer: RebalanceStatus,
      handle: () => ({ json: status() }),
    }),
    route({
      method: "POST",
      path: "/api/v1/rebalance/evacuation",
      scope: "admin",
      cluster: "owner",
      summary: "Has all clients leave this broker, and nobody come, until it is stopped",
      query: NodeQuery,
      body: NewEvacuation,
      answer: RebalanceStatus,
      handle: ({ body, note }) => {
        note(body);
        const { redirect_to: redirectTo, migrate_to: migrateTo } = body;
        return refusable(() => {
          refuseUnknown(migrateTo, broker.ways.names);
          rebalance.evacuate({ ...termsOf(body), redirectTo, migrateTo });
          return { json: status() };
        });
      },
    }),
    route({
      method: "POST",
      path: EVICTION_PATH,
      scope: "admin",
      cluster: "owner",
      summary: "Has this broker give away the clients and sessions that it has above these numbers",
      query: NodeQuery,
      body: NewEviction,
      answer: RebalanceStatus,
      handle: ({ body, note }) => {
        note(body);
        const { connection_goal: connectionGoal, session_goal: sessionGoal } = body;
        return refusable(() => {
          rebalance.evict({ ...termsOf(body), connectionGoal, sessionGoal, type: "rebalance" });
          return { json: status() };
        });
      },
    }),
    route({
      method: "DELETE",
      path: EVICTION_PATH,
      scope: "admin",
      cluster: "owner",
      summary: "Has this broker move nobody away any more; clients may come again",
      query: NodeQuery,
      answer: RebalanceStatus,
      handle: () => {
        rebalance.stop();
        return { json: status() };
      },
    }),
    route({
      method: "POST",
      path: "/api/v1/rebalance",
      scope: "admin",
      cluster: "owner",
      summary: "Has brokers give away the clients and sessions that they have above the average",
      query: NodeQuery,
      body: NewRebalance,
      answer: Nodes,
      handle: ({ body, caller, note }) => {
        note(body);
        return refusable(async () => {
          const nodes = await cluster(caller).start({
            ...termsOf(body),
            nodes: body.nodes,
            absConnThreshold: body.abs_conn_threshold,
            relConnThreshold: body.rel_conn_threshold,
            absSessThreshold: body.abs_sess_threshold,
            relSessThreshold: body.rel_sess_threshold,
          });
          return { json: { nodes } };
        });
      },
    }),
    route({
      method: "DELETE",
      path: "/api/v1/rebalance",
      scope: "admin",
      cluster: "owner",
      summary: "Ends the evacuation of this broker, and the rebalancing of all; clients may come again",
      query: NodeQuery,
      answer: Nodes,
      handle: async ({ caller }) => {
        const own = rebalance.stop() ? [broker.node] : [];
        return { json: { nodes: [...own, ...(await cluster(caller).stop())] } };
      },
    }),
  ];
}

function refuseUnknown(named: readonly string[] = [], peers: readonly string[]): void {
  const unknown = named.filter((name) => !peers.some((peer) => isNamed(peer, name)));
  if (unknown.length === 0) return;
  const others = peers.length === 0 ? "there is no other broker" : `the others are ${peers.join(", ")}`;
  throw new RebalanceRefused(`migrate_to: sessions cannot go to '${unknown.join("', '")}': ${others}`);
}

interface Terms {
  readonly wait_health_check: number;
  readonly conn_evict_rate: number;
  readonly wait_takeover: number;
  readonly sess_evict_rate: number;
}

function termsOf(body: Terms) {
  return {
    waitHealthCheckSeconds: body.wait_health_check,
    connEvictRate: body.conn_evict_rate,
    waitTakeoverSeconds: body.wait_takeover,
    sessEvictRate: body.sess_evict_rate,
  };
}

async function refusable<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof RebalanceRefused) throw new Problem(409, error.message);
    throw error;
  }
}

function shown(node: string, { current, eviction }: NodeStatus): z.infer<typeof RebalanceStatus> {
  const stats = { current_connected: current.connected, current_sessions: current.sessions };
  if (eviction === undefined) return { node, status: "disabled", stats };
  const { order, state, initial, handOversFailed } = eviction;
  return {
    node,
    status: "enabled",
    process: order.type,
    state,
    connection_eviction_rate: order.connEvictRate,
    session_eviction_rate: order.sessEvictRate,
    connection_goal: order.connectionGoal,
    session_goal: order.sessionGoal,
    hand_overs_failed: handOversFailed,
    stats: { ...stats, initial_connected: initial.connected, initial_sessions: initial.sessions },
  };
}
