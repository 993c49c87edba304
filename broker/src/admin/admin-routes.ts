import type { AdminBroker } from "./admin-broker.js";
import { openApiRoute } from "./openapi.js";
import { banRoutes } from "./resources/bans.js";
import { brokerRoutes } from "./resources/broker.js";
import { clientRoutes } from "./resources/clients.js";
import { configRoutes } from "./resources/config.js";
import { doctorRoutes } from "./resources/doctor.js";
import { healthRoutes } from "./resources/health.js";
import { listenerRoutes } from "./resources/listeners.js";
import { liveRoutes } from "./resources/live.js";
import { publishRoutes } from "./resources/publish.js";
import { rebalanceRoutes } from "./resources/rebalance.js";
import { retainedRoutes } from "./resources/retained.js";
import { subscriptionRoutes } from "./resources/subscriptions.js";
import { topicRoutes } from "./resources/topics.js";
import type { Route } from "./route.js";

/** Everything that the admin port serves. */
export function adminRoutes(broker: AdminBroker): readonly Route[] {
  const routes: Route[] = [
    ...healthRoutes(() => broker.readyState),
    ...brokerRoutes(broker),
    ...liveRoutes(broker),
    ...listenerRoutes(broker),
    ...clientRoutes(broker),
    ...subscriptionRoutes(broker),
    ...topicRoutes(broker),
    ...retainedRoutes(broker),
    ...banRoutes(broker),
    ...publishRoutes(broker),
    ...rebalanceRoutes(broker),
    ...configRoutes(broker),
    ...doctorRoutes(broker),
    openApiRoute(() => routes),
  ];
  return routes;
}
