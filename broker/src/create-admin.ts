import { hostname } from "node:os";
import { AdminServer } from "./admin/admin-server.js";
import { openApiRoute } from "./admin/openapi.js";
import { type BrokerFacts, brokerRoutes } from "./admin/resources/broker.js";
import { healthRoutes } from "./admin/resources/health.js";
import { type MetricsText, metricsRoutes } from "./admin/resources/metrics.js";
import type { Route } from "./admin/route.js";
import type { Config } from "./config/config.js";
import type { Readiness } from "./drain/readiness.js";
import type { Core } from "./handlers/core.js";
import type { DurableStore } from "./persistence/durable-store.js";
import { VERSION } from "./version.js";

/** What the admin port shows and changes. */
export interface AdminParts {
  readonly core: Core;
  readonly store: DurableStore | undefined;
  readonly readiness: () => Readiness;
  readonly startedAtMs: number;
  readonly metrics: MetricsText;
}

/** The port for operators; undefined where there is none. */
export function createAdmin({ admin, nats }: Config, parts: AdminParts): AdminServer | undefined {
  if (admin === undefined) return undefined;
  const { core, store, readiness, startedAtMs, metrics } = parts;
  const node = nats?.brokerName ?? hostname();
  const routes: Route[] = [
    ...healthRoutes(() => ({ readiness: readiness(), failure: store?.failure && "what clients send cannot be stored" })),
    ...brokerRoutes(() => factsOf(node, core, readiness(), startedAtMs)),
    ...metricsRoutes(metrics),
    openApiRoute(() => routes),
  ];
  return new AdminServer({ config: admin, routes, log: core.log });
}

function factsOf(node: string, { clock, counters, registry, router, retained }: Core, status: Readiness, startedAtMs: number): BrokerFacts {
  const { bun } = process.versions;
  return {
    node,
    version: VERSION,
    runtime: bun === undefined ? `node ${process.versions.node}` : `bun ${bun}`,
    pid: process.pid,
    status,
    startedAt: new Date(startedAtMs).toISOString(),
    uptimeSeconds: Math.max(0, Math.floor((clock.now() - startedAtMs) / 1_000)),
    connections: counters.clientsConnected,
    sessions: registry.size,
    subscriptions: router.subscriptionCount,
    retained: retained.size,
    memoryBytes: process.memoryUsage.rss(),
  };
}
