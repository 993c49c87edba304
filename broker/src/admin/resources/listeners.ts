import * as z from "zod";
import type { AdminBroker, ListenerFacts } from "../admin-broker.js";
import { Problem } from "../problem.js";
import { type Route, route } from "../route.js";
import { NodeQuery } from "./broker.js";

const Listener = z.object({
  id: z.string(),
  node: z.string(),
  type: z.string().register(z.globalRegistry, { description: "tcp, tls, ws or wss" }),
  listen_on: z.string(),
  path: z.string().nullable().register(z.globalRegistry, { description: "Of a WebSocket" }),
  running: z.boolean(),
  proxy_protocol: z.boolean(),
  current_conn: z.int(),
  max_conns: z.int().nullable().register(z.globalRegistry, { description: "null without a limit of its own" }),
  max_conn_rate: z
    .int()
    .nullable()
    .register(z.globalRegistry, { description: "CONNECT packets a second; null without a limit of its own" }),
});

/** What clients come in by. */
export function listenerRoutes(broker: AdminBroker): readonly Route[] {
  const change = (action: "start" | "stop" | "restart", summary: string) =>
    route({
      method: "POST",
      path: `/api/v1/listeners/:id/${action}`,
      scope: "admin",
      cluster: "owner",
      summary,
      query: NodeQuery,
      answer: Listener,
      handle: async ({ params }) => {
        const { id = "" } = params;
        if (!broker.listeners.some(({ name }) => name === id)) throw new Problem(404, "there is no such listener");
        if (action !== "start") await broker.stopListener(id);
        if (action !== "stop") await broker.startListener(id).catch(notBound);
        const found = broker.listeners.find(({ name }) => name === id);
        if (found === undefined) throw new Problem(404, "the listener has gone meanwhile");
        return { json: entryOf(broker.node, found) };
      },
    });
  return [
    route({
      method: "GET",
      path: "/api/v1/listeners",
      scope: "read",
      cluster: "all",
      summary: "Listeners, those that are stopped included",
      query: NodeQuery,
      answer: z.object({ data: z.array(Listener), meta: z.object({ missing: z.array(z.string()).optional() }) }),
      handle: () => ({ json: { data: broker.listeners.map((listener) => entryOf(broker.node, listener)), meta: {} } }),
    }),
    change("start", "Accepts connections again; does nothing if it does already"),
    change("stop", "Accepts no connections any more; those that are open stay"),
    change("restart", "Stops and starts it; connections that are open stay"),
  ];
}

function entryOf(node: string, { name, transport, host, port, path, ...facts }: ListenerFacts): z.infer<typeof Listener> {
  return {
    id: name,
    node,
    type: transport,
    listen_on: `${host.includes(":") ? `[${host}]` : host}:${port}`,
    path: path ?? null,
    running: facts.isRunning,
    proxy_protocol: facts.proxyProtocol,
    current_conn: facts.connections,
    max_conns: finite(facts.maxConnections),
    max_conn_rate: finite(facts.maxConnectRate),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function notBound(error: Error): never {
  throw new Problem(409, error.message);
}
