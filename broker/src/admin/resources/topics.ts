import * as z from "zod";
import type { AdminBroker } from "../admin-broker.js";
import { HeldPlaces } from "../lists/held-places.js";
import { PageQuery, pageOf, readPage } from "../lists/page.js";
import { type Route, route } from "../route.js";
import { subscriptionsOf } from "./subscriptions.js";

const TopicRoute = z.object({
  topic: z.string().register(z.globalRegistry, { description: "Topic filter that anyone has subscribed to" }),
  node: z.string().register(z.globalRegistry, { description: "The broker that has subscribers for it" }),
});

type TopicRoute = z.infer<typeof TopicRoute>;

const TopicQuery = z.strictObject({
  ...PageQuery,
  node: z.string().optional(),
  topic: z.string().optional().register(z.globalRegistry, { description: "This very filter" }),
  like_topic: z.string().optional().register(z.globalRegistry, { description: "Part of the filter" }),
});

type TopicQuery = z.infer<typeof TopicQuery>;

/** Where messages go: the topic filters that brokers have subscribers for. */
export function topicRoutes(broker: AdminBroker): readonly Route[] {
  const places = new HeldPlaces<TopicRoute>("topics");
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
        const source = () => entries(broker, query);
        return { page: await readPage({ ...query, signal }, places, source, (entry) => entry) };
      },
    }),
  ];
}

/** One by one; undefined for a subscription that is passed over, so that whoever walks them gets a pause now and then. */
function* entries(broker: AdminBroker, { topic, like_topic }: TopicQuery): Generator<TopicRoute | undefined, void> {
  const { node } = broker;
  if (topic !== undefined) {
    if (broker.hasFilter(topic)) yield { topic, node };
    return;
  }
  for (const found of subscriptionsOf(broker.sessions)) {
    const filter = found === undefined || !broker.standsForFilter(found) ? undefined : (found.shared?.filter ?? found.topicFilter);
    const isWanted = filter !== undefined && (like_topic === undefined || filter.includes(like_topic));
    yield isWanted ? { topic: filter, node } : undefined;
  }
}
