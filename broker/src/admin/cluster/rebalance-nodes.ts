import type { ClusterNodes } from "../../rebalance/cluster-rebalance.js";
import type { Rebalance } from "../../rebalance/rebalance.js";
import { Problem } from "../problem.js";
import type { Caller } from "../route.js";
import { decodeReply, jsonOf, PEER_WITHIN_MS, type Peers, type Question } from "./peers.js";
import { RebalanceStatus } from "./rebalance-status.js";

/** What brokers ask each other: routes of resources/rebalance.ts. */
export const NODE_STATUS_PATH = "/api/v1/rebalance/node-status";
export const EVICTION_PATH = "/api/v1/rebalance/eviction";

/** The brokers of a cluster as the rebalancing of them needs them, each asked in the name of who asks this one. */
export function rebalanceNodes(rebalance: Rebalance, peers: Peers, caller: Caller): ClusterNodes {
  const ask = async (peer: string, method: string, route: string, body?: object) => {
    const question: Question = { method, route, params: {}, query: {}, body, caller };
    const reply = decodeReply(await peers.ask(peer, Buffer.from(JSON.stringify(question)), PEER_WITHIN_MS));
    const json = jsonOf(reply);
    if (reply.status >= 400) throw new Problem(reply.status, `${peer}: ${(json as { detail?: string }).detail}`);
    return RebalanceStatus.parse(json);
  };
  return {
    names: [peers.self, ...peers.names],
    async load(node) {
      if (node === peers.self) return { ...rebalance.status.current, process: rebalance.status.eviction?.order.type };
      const { stats, process } = await ask(node, "GET", NODE_STATUS_PATH);
      return { connected: stats.current_connected, sessions: stats.current_sessions, process };
    },
    async evict(node, order) {
      if (node === peers.self) rebalance.evict(order);
      else
        await ask(node, "POST", EVICTION_PATH, {
          wait_health_check: order.waitHealthCheckSeconds,
          conn_evict_rate: order.connEvictRate,
          wait_takeover: order.waitTakeoverSeconds,
          sess_evict_rate: order.sessEvictRate,
          connection_goal: order.connectionGoal,
          session_goal: order.sessionGoal,
        });
    },
    async stop(node) {
      if (node === peers.self) rebalance.stop();
      else await ask(node, "DELETE", EVICTION_PATH);
    },
  };
}
