import * as z from "zod";
import type { Session } from "../../session/session.js";
import type { Subscription as SessionSubscription } from "../../session/subscription.js";
import type { AdminBroker } from "../admin-broker.js";
import { HeldPlaces } from "../lists/held-places.js";
import { PageQuery, pageOf, readPage } from "../lists/page.js";
import { Problem } from "../problem.js";
import { type Route, route } from "../route.js";
import { NodeQuery } from "./broker.js";
import { sessionOf } from "./session-of.js";

export const Subscription = z.object({
  clientid: z.string(),
  node: z.string(),
  topic: z.string().register(z.globalRegistry, { description: "Topic filter, $share/… included" }),
  qos: z.int(),
  nl: z.int().register(z.globalRegistry, { description: "No Local" }),
  rap: z.int().register(z.globalRegistry, { description: "Retain As Published" }),
  rh: z.int().register(z.globalRegistry, { description: "Retain Handling" }),
});

const SubscriptionQuery = z.strictObject({
  ...PageQuery,
  node: z.string().optional(),
  clientid: z.string().optional(),
  topic: z.string().optional().register(z.globalRegistry, { description: "This very filter" }),
  like_topic: z.string().optional().register(z.globalRegistry, { description: "Part of the filter" }),
  qos: z.coerce.number().int().min(0).max(2).optional(),
  share_group: z.string().optional(),
});

type SubscriptionQuery = z.infer<typeof SubscriptionQuery>;

const Wanted = z.strictObject({
  topic: z.string().min(1),
  qos: z.literal([0, 1, 2]).default(0),
  nl: z.literal([0, 1]).default(0),
  rap: z.literal([0, 1]).default(0),
  rh: z.literal([0, 1, 2]).default(0),
});

/** Subscriptions of all clients, and those made in a client's place. */
export function subscriptionRoutes(broker: AdminBroker): readonly Route[] {
  const places = new HeldPlaces<SessionSubscription>("subscriptions");
  return [
    route({
      method: "GET",
      path: "/api/v1/subscriptions",
      scope: "read",
      cluster: "list",
      summary: "Subscriptions of all clients",
      query: SubscriptionQuery,
      answer: pageOf(Subscription),
      handle: async ({ query, signal }) => {
        const source = () => subscriptionsOf(sessionsOf(broker, query));
        return { page: await readPage({ ...query, signal }, places, source, (found) => shown(broker, query, found)) };
      },
    }),
    route({
      method: "POST",
      path: "/api/v1/clients/:clientid/subscriptions",
      scope: "admin",
      cluster: "owner",
      summary: "Subscribes in a client's place",
      query: NodeQuery,
      body: Wanted,
      answer: Subscription,
      status: 201,
      handle: async ({ params, body, note }) => {
        const session = sessionOf(broker, params);
        const asked = {
          topicFilter: body.topic,
          qos: body.qos,
          noLocal: body.nl === 1,
          retainAsPublished: body.rap === 1,
          retainHandling: body.rh,
        };
        note({ topic: body.topic, qos: body.qos });
        const problem = broker.subscriptionProblem(asked);
        if (problem !== undefined) throw new Problem(400, problem);
        await broker.subscribe(session, asked);
        const made = session.subscriptions?.get(body.topic);
        if (made === undefined) throw new Problem(409, "the subscription has gone meanwhile");
        return { status: 201, json: subscriptionEntry(broker.node, made) };
      },
    }),
    route({
      method: "DELETE",
      path: "/api/v1/clients/:clientid/subscriptions/:topic",
      scope: "admin",
      cluster: "owner",
      summary: "Ends a subscription in a client's place",
      query: NodeQuery,
      handle: async ({ params }) => {
        const existed = await broker.unsubscribe(sessionOf(broker, params), params.topic!);
        if (!existed) throw new Problem(404, "the client has no such subscription");
        return {};
      },
    }),
  ];
}

export function subscriptionEntry(node: string, subscription: SessionSubscription): z.infer<typeof Subscription> {
  const { session, topicFilter, qos, noLocal, retainAsPublished, retainHandling } = subscription;
  return {
    clientid: session.clientId,
    node,
    topic: topicFilter,
    qos,
    nl: noLocal ? 1 : 0,
    rap: retainAsPublished ? 1 : 0,
    rh: retainHandling,
  };
}

/** One by one; undefined for a session without any, so that whoever walks them gets a pause now and then. */
export function* subscriptionsOf(sessions: Iterable<Session>): Generator<SessionSubscription | undefined, void> {
  for (const { subscriptions } of sessions) {
    if (subscriptions === null) yield undefined;
    else yield* subscriptions.values();
  }
}

function sessionsOf(broker: AdminBroker, { clientid }: SubscriptionQuery): Iterable<Session> {
  if (clientid === undefined) return broker.sessions;
  const session = broker.sessions.get(clientid);
  return session === undefined ? [] : [session];
}

function shown(broker: AdminBroker, query: SubscriptionQuery, found: SessionSubscription): object | undefined {
  const { topic, like_topic, qos, share_group } = query;
  if (topic !== undefined && found.topicFilter !== topic) return undefined;
  if (like_topic !== undefined && !found.topicFilter.includes(like_topic)) return undefined;
  if (qos !== undefined && found.qos !== qos) return undefined;
  if (share_group !== undefined && found.shared?.shareName !== share_group) return undefined;
  return subscriptionEntry(broker.node, found);
}
