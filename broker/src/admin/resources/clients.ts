import * as z from "zod";
import { NEVER_EXPIRES, type Session } from "../../session/session.js";
import type { Subscription } from "../../session/subscription.js";
import type { AdminBroker } from "../admin-broker.js";
import { HeldPlaces } from "../lists/held-places.js";
import { PageQuery, pageOf, readPage } from "../lists/page.js";
import { type Route, route } from "../route.js";
import { NodeQuery } from "./broker.js";
import { sessionOf } from "./session-of.js";
import { Subscription as SubscriptionSchema, subscriptionEntry } from "./subscriptions.js";

const Client = z.object({
  clientid: z.string(),
  username: z.string().nullable(),
  node: z.string().register(z.globalRegistry, { description: "The broker that has it" }),
  connected: z.boolean(),
  listener: z.string().nullable(),
  ip_address: z.string().nullable(),
  port: z.int().nullable(),
  tls: z.string().nullable(),
  proto_ver: z.int().nullable().register(z.globalRegistry, { description: "3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0" }),
  clean_start: z.boolean(),
  keepalive: z.int().nullable(),
  session_expiry_interval: z.int().register(z.globalRegistry, { description: "Seconds; 4294967295 is never" }),
  subscriptions: z.int(),
  inflight: z.int().register(z.globalRegistry, { description: "QoS 1 and 2 messages sent and not acknowledged" }),
  awaiting_rel: z.int().register(z.globalRegistry, { description: "QoS 2 messages of the client that it has not released" }),
  delivered_msgs: z.int().register(z.globalRegistry, { description: "QoS 1 and 2 messages that it got, or was to get" }),
  enqueued_msgs: z.int().register(z.globalRegistry, { description: "Messages that wait for it" }),
  dropped_msgs: z.int().register(z.globalRegistry, { description: "Messages for which its queue had no room" }),
  created_at: z.int().register(z.globalRegistry, { description: "Milliseconds since 1970 at which the session began" }),
  connected_at: z.int().nullable(),
  disconnected_at: z.int().nullable(),
});

const ClientDetail = Client.extend({
  receive_maximum: z.int().nullable(),
  inflight_bytes: z.int(),
  enqueued_bytes: z.int(),
  has_will_waiting: z.boolean(),
  expires_at: z.int().nullable().register(z.globalRegistry, { description: "When the session ends if its client stays away" }),
  topics: z
    .array(SubscriptionSchema)
    .register(z.globalRegistry, { description: "The first 200 subscriptions; /subscriptions?clientid= has all" }),
});

const ClientQuery = z.strictObject({
  ...PageQuery,
  node: z.string().optional(),
  clientid: z.string().optional().register(z.globalRegistry, { description: "This client only" }),
  like_clientid: z.string().optional().register(z.globalRegistry, { description: "Part of the client identifier" }),
  username: z.string().optional(),
  like_username: z.string().optional().register(z.globalRegistry, { description: "Part of the user name" }),
  ip_address: z.string().optional().register(z.globalRegistry, { description: "An address, or how it begins" }),
  listener: z.string().optional(),
  conn_state: z.enum(["connected", "disconnected"]).optional(),
});

type ClientQuery = z.infer<typeof ClientQuery>;

const KickQuery = z.strictObject({
  node: z.string().optional(),
  session: z.enum(["end", "keep"]).default("end").register(z.globalRegistry, { description: "What becomes of the session" }),
});

/** They come in one piece; `/subscriptions?clientid=` has all, page by page. */
const MOST_TOPICS_SHOWN = 200;

/** Clients, with their connections or without. */
export function clientRoutes(broker: AdminBroker): readonly Route[] {
  const places = new HeldPlaces<Session>("clients");
  return [
    route({
      method: "GET",
      path: "/api/v1/clients",
      scope: "read",
      cluster: "list",
      summary: "Clients, those that are away with a session included",
      query: ClientQuery,
      answer: pageOf(Client),
      handle: async ({ query, signal }) => {
        const source = () => clientsOf(broker, query);
        return { page: await readPage({ ...query, signal }, places, source, (session) => shown(broker, query, session)) };
      },
    }),
    route({
      method: "GET",
      path: "/api/v1/clients/:clientid",
      scope: "read",
      cluster: "owner",
      summary: "One client: its connection, session, queue and subscriptions",
      query: NodeQuery,
      answer: ClientDetail,
      handle: ({ params }) => ({ json: detailOf(broker, sessionOf(broker, params)) }),
    }),
    route({
      method: "DELETE",
      path: "/api/v1/clients/:clientid",
      scope: "admin",
      cluster: "owner",
      summary: "Kicks a client out: ends its connection, and its session unless that is to stay",
      query: KickQuery,
      handle: async ({ params, query }) => {
        await broker.kick(sessionOf(broker, params), { keepsSession: query.session === "keep" });
        return {};
      },
    }),
  ];
}

function clientsOf(broker: AdminBroker, { clientid }: ClientQuery): Iterator<Session> {
  if (clientid === undefined) return broker.sessions[Symbol.iterator]();
  const session = broker.sessions.get(clientid);
  return (session === undefined ? [] : [session])[Symbol.iterator]();
}

function shown(broker: AdminBroker, query: ClientQuery, session: Session): z.infer<typeof Client> | undefined {
  const { like_clientid, username, like_username, ip_address, listener, conn_state } = query;
  if (like_clientid !== undefined && !session.clientId.includes(like_clientid)) return undefined;
  if (username !== undefined && session.userName !== username) return undefined;
  if (like_username !== undefined && session.userName?.includes(like_username) !== true) return undefined;
  if (conn_state !== undefined && (session.link !== null) !== (conn_state === "connected")) return undefined;
  if ((ip_address !== undefined || listener !== undefined) && session.link === null) return undefined;
  const entry = clientEntry(broker, session);
  if (ip_address !== undefined && entry.ip_address?.startsWith(ip_address) !== true) return undefined;
  if (listener !== undefined && entry.listener !== listener) return undefined;
  return entry;
}

function clientEntry(broker: AdminBroker, session: Session): z.infer<typeof Client> {
  const connection = broker.connectionOf(session);
  const changedAt = session.changedAtSeconds * 1_000;
  const isConnected = connection !== undefined;
  return {
    clientid: session.clientId,
    username: session.userName ?? null,
    node: broker.node,
    connected: isConnected,
    listener: connection?.listener ?? null,
    ip_address: connection?.address ?? null,
    port: connection?.port ?? null,
    tls: connection?.tls ?? null,
    proto_ver: connection?.protocolVersion ?? null,
    clean_start: session.cleanStart,
    keepalive: connection?.keepAliveSeconds ?? null,
    session_expiry_interval: session.expirySeconds,
    subscriptions: session.subscriptions?.size ?? 0,
    inflight: session.inflightCount,
    awaiting_rel: session.received?.size ?? 0,
    delivered_msgs: session.deliveredCount,
    enqueued_msgs: session.queuedCount,
    dropped_msgs: session.droppedCount,
    created_at: session.createdAtSeconds * 1_000,
    connected_at: isConnected ? changedAt : null,
    disconnected_at: isConnected ? null : changedAt,
  };
}

function detailOf(broker: AdminBroker, session: Session): z.infer<typeof ClientDetail> {
  const { outbox, expirySeconds, expiry } = session;
  const topics: z.infer<typeof SubscriptionSchema>[] = [];
  for (const subscription of session.subscriptions?.values() ?? ([] as Subscription[])) {
    if (topics.push(subscriptionEntry(broker.node, subscription)) === MOST_TOPICS_SHOWN) break;
  }
  return {
    ...clientEntry(broker, session),
    receive_maximum: broker.connectionOf(session)?.receiveMaximum ?? null,
    inflight_bytes: outbox?.inflight.bytes ?? 0,
    enqueued_bytes: outbox?.queuedBytes ?? 0,
    has_will_waiting: session.delayedWill !== null,
    expires_at: expiry === null || expirySeconds === NEVER_EXPIRES ? null : expiry.sinceMs + expirySeconds * 1_000,
    topics,
  };
}
