import * as z from "zod";
import type { Subscription } from "../../session/subscription.js";
import type { AdminBroker } from "../admin-broker.js";
import type { HeldPlaces } from "../lists/held-places.js";
import { PageQuery, pageOf, readPage } from "../lists/page.js";
import { type Route, route } from "../route.js";
import { subscriptionsOf } from "./subscriptions.js";

const TopicRoute = z.object({
  topic: z.string().meta({ description: "Topic filter that anyone has subscribed to" }),
  node: z.string().meta({ description: "The broker that has subscribers for it" }),
});

const TopicQuery = z.strictObject({
  ...PageQuery,
  node: z.string().optional(),
  topic: z.string().optional().meta({ description: "This very filter" }),
  like_topic: z.string().optional().meta({ description: "Part of the filter" }),
});

/** Where messages go: the topic filters that brokers have subscribers for. */
export function topicRoutes(broker: AdminBroker, places: HeldPlaces): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/topics",
      scope: "read",
      cluster: "list",
      summary: "Topic filters with subscribers, each once for every broker",
      query: TopicQuery,
      answer: pageOf(TopicRoute),
      handle: async ({ query, signal }) => {
        const { topic, like_topic } = query;
        if (topic !== undefined) {
          const found = broker.hasFilter(topic) ? [{ topic, node: broker.node }] : [];
          return {
            page: await readPage(
              { ...query, signal },
              places,
              () => found.values(),
              (entry) => entry,
            ),
          };
        }
        const show = (found: Subscription) => {
          if (!broker.standsForFilter(found)) return undefined;
          const filter = found.shared?.filter ?? found.topicFilter;
          return like_topic === undefined || filter.includes(like_topic) ? { topic: filter, node: broker.node } : undefined;
        };
        return { page: await readPage({ ...query, signal }, places, () => subscriptionsOf(broker.sessions), show) };
      },
    }),
  ];
}
