import * as z from "zod";
import type { AdminBroker } from "../admin-broker.js";
import { HISTORY_PATH, MOST_ROWS } from "../live/live.js";
import { ROW_FIELDS } from "../live/live-numbers.js";
import { type Route, route } from "../route.js";

const FIELDS = `Each row: ${ROW_FIELDS.join(", ")}; at in milliseconds since 1970, messages and bytes since the broker's start`;

const Rows = z.object({
  data: z.array(z.object({ node: z.string(), rows: z.array(z.array(z.number())).register(z.globalRegistry, { description: FIELDS }) })),
  meta: z.object({ missing: z.array(z.string()).optional() }),
});

const HistoryQuery = z.strictObject({
  node: z.string().optional(),
  last: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_ROWS)
    .default(MOST_ROWS)
    .register(z.globalRegistry, { description: "Rows, five seconds apart" }),
});

/** The numbers of the last hour, and those of each second. */
export function liveRoutes(broker: AdminBroker): readonly Route[] {
  return [
    route({
      method: "GET",
      path: HISTORY_PATH,
      scope: "read",
      cluster: "all",
      summary: "Numbers of the last hour, the oldest first; the last row is of this moment",
      query: HistoryQuery,
      answer: Rows,
      handle: ({ query }) => ({ json: { data: [broker.live.rows(query.last)], meta: {} } }),
    }),
    route({
      method: "GET",
      path: "/api/v1/stream",
      scope: "read",
      summary: "Server-sent events, one a second for as long as the connection is open: each as /api/v1/history with one row a broker",
      contentType: "text/event-stream",
      answer: z.string(),
      handle: () => ({ stream: (response) => broker.live.follow(response) }),
    }),
  ];
}
