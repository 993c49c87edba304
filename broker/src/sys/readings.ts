import { NotAdmittedCause, TurnedOutCause, total } from "./counters.js";
import type { ReadingFamily, ReadingSource } from "./reading.js";
import { byCause, byQos, byReason, counter, dropCauses, gauge, packets, snakeCased, sum } from "./reading-families.js";

/** Every number that the broker tells of itself, once: the API, `mqttd ctl`, `$SYS` and metrics read them here. */
export const READINGS: readonly ReadingFamily[] = [
  // ---- what there is
  gauge(
    "connections_open",
    "sockets.count",
    "Network connections open, with their CONNACK or without",
    ({ counters }) => counters.connectionsOpen,
  ),
  gauge("clients_connected", "connections.count", "Clients past their CONNACK", ({ counters }) => counters.clientsConnected),
  gauge(
    "clients_connected_maximum",
    "connections.max",
    "The most of them that there were at once",
    ({ counters }) => counters.clientsMaximum,
  ),
  { ...gauge("live_connections", "live_connections.count", "The same", ({ counters }) => counters.clientsConnected), isSum: true },
  gauge("clients_disconnected", "sessions.offline.count", "Sessions whose clients are away", ({ gauges }) => gauges.sessionsOffline),
  gauge(
    "sessions",
    "sessions.count",
    "Sessions, with their clients or without",
    ({ counters, gauges }) => counters.clientsConnected + gauges.sessionsOffline,
  ),
  gauge(
    "subscriptions",
    "subscriptions.count",
    "Subscriptions of all sessions, shared ones included",
    ({ gauges }) => gauges.subscriptions,
  ),
  gauge(
    "subscriptions_shared",
    "subscriptions.shared.count",
    "Members of shared subscriptions",
    ({ gauges }) => gauges.sharedSubscriptions,
  ),
  gauge("routes", "topics.count", "Topic filters that anyone has subscribed to here", ({ gauges }) => gauges.filters),
  gauge("retained_messages", "retained.count", "Retained messages", ({ gauges }) => gauges.retainedMessages),
  gauge(
    "stored_messages",
    "messages.stored.count",
    "Messages held: retained, queued and in flight, each once",
    ({ gauges }) => gauges.storedMessages,
  ),
  gauge("stored_bytes", "messages.stored.bytes", "Bytes of their payloads", ({ gauges }) => gauges.storedBytes),
  gauge("heap_bytes", "heap.bytes", "Heap of the runtime in use", ({ gauges }) => gauges.heapBytes),
  gauge(
    "event_loop_lag_seconds",
    "event_loop.lag.seconds",
    "How late timers come, on average over the last second",
    ({ gauges }) => gauges.loopLagMs / 1_000,
  ),

  // ---- bytes and packets
  counter("bytes_received", "bytes.received", "Bytes of MQTT received", ({ counters }) => counters.bytesReceived),
  counter("bytes_sent", "bytes.sent", "Bytes of MQTT sent", ({ counters }) => counters.bytesSent),
  packets("packets_received", "received", "MQTT packets received, by type", ({ packetsReceived }) => packetsReceived),
  packets("packets_sent", "sent", "MQTT packets sent, by type", ({ packetsSent }) => packetsSent),
  sum("packets_received_all", "packets.received", "MQTT packets received", ({ counters }) => total(counters.packetsReceived)),
  sum("packets_sent_all", "packets.sent", "MQTT packets sent", ({ counters }) => total(counters.packetsSent)),

  // ---- messages
  byQos("messages_received", "received", "PUBLISH packets received, by QoS", ({ publishReceived }) => publishReceived),
  byQos("messages_sent", "sent", "PUBLISH packets sent, by QoS", ({ publishSent }) => publishSent),
  sum("messages_received_all", "messages.received", "PUBLISH packets received", ({ counters }) => total(counters.publishReceived)),
  sum("messages_sent_all", "messages.sent", "PUBLISH packets sent", ({ counters }) => total(counters.publishSent)),
  counter(
    "payload_bytes_received",
    "messages.bytes.received",
    "Bytes of payload received",
    ({ counters }) => counters.publishBytesReceived,
  ),
  counter("payload_bytes_sent", "messages.bytes.sent", "Bytes of payload sent", ({ counters }) => counters.publishBytesSent),
  byCause(
    "deliveries_dropped",
    "delivery.dropped",
    "Messages that did not reach a subscriber, by cause",
    dropCauses(),
    ({ publishDropped }) => publishDropped,
  ),
  sum("deliveries_dropped_all", "delivery.dropped", "Messages that did not reach a subscriber", ({ counters }) =>
    total(counters.publishDropped),
  ),
  counter(
    "messages_unmatched",
    "messages.dropped.no_subscribers",
    "Messages that had no subscriber, other than $SYS topics",
    ({ counters }) => counters.publishUnmatched,
  ),
  counter(
    "publish_over_quota",
    "packets.publish.quota_exceeded",
    "PUBLISH packets answered with Quota Exceeded",
    ({ counters }) => counters.publishOverQuota,
  ),
  counter("retained_refused", "retained.refused", "Messages not retained for want of room", ({ counters }) => counters.retainedRefused),
  counter("wills_published", "messages.wills", "Wills published", ({ counters }) => counters.willsPublished),

  // ---- clients
  counter(
    "connections_accepted",
    "connections.accepted",
    "Connections ready for MQTT bytes",
    ({ counters }) => counters.connectionsAccepted,
  ),
  counter("connections_closed", "connections.closed", "Those of them that are gone", ({ counters }) => counters.connectionsClosed),
  counter(
    "handshakes_failed",
    "connections.handshake_failed",
    "Connections that failed in TLS, WebSocket or PROXY protocol",
    ({ counters }) => counters.handshakesFailed,
  ),
  counter(
    "connect_timeouts",
    "connections.connect_timeout",
    "Connections closed for want of a CONNECT",
    ({ counters }) => counters.connectTimeouts,
  ),
  byCause(
    "connections_turned_out",
    "connections.turned_out",
    "Connections closed without a word, by cause",
    snakeCased(TurnedOutCause),
    ({ turnedOut }) => turnedOut,
  ),
  counter("clients_welcomed", "client.connected", "CONNECT packets accepted", ({ counters }) => counters.clientsWelcomed),
  counter(
    "clients_left",
    "client.disconnected",
    "Clients that were accepted and are gone",
    ({ counters }) => counters.clientsWelcomed - counters.clientsConnected,
  ),
  byReason(
    "connects_refused",
    "packets.connack.error",
    "CONNECT packets refused, by reason code",
    ({ connectsRefused }) => connectsRefused,
  ),
  sum("connects_refused_all", "packets.connack.error", "CONNECT packets refused", ({ counters }) => total(counters.connectsRefused)),
  byReason(
    "disconnects",
    "packets.disconnect.reason",
    "Clients disconnected by the broker, by reason code",
    ({ disconnects }) => disconnects,
  ),
  byCause(
    "clients_not_admitted",
    "client.not_admitted",
    "CONNECT packets refused before authentication, by cause",
    snakeCased(NotAdmittedCause),
    ({ notAdmitted }) => notAdmitted,
  ),
  counter(
    "connects_paced",
    "client.connect_paced",
    "CONNECT packets handled some turns later, because many came at once",
    ({ counters }) => counters.connectsPaced,
  ),
  counter("clients_banned", "client.banned", "Clients banned for connecting too often", ({ counters }) => counters.clientsBanned),
  counter("slow_consumers", "client.slow", "Clients disconnected because they took nothing", ({ counters }) => counters.slowConsumers),
  counter(
    "queue_overflows",
    "client.queue_overflow",
    "Clients disconnected because their queue was full",
    ({ counters }) => counters.queueOverflows,
  ),
  counter("rate_pauses", "client.rate_paused", "How often a client was slowed down to its rate", ({ counters }) => counters.ratePauses),
  counter("ack_pauses", "client.ack_paused", "How often a client was slowed down to the store", ({ counters }) => counters.ackPauses),

  // ---- who may
  counter(
    "authentications_succeeded",
    "authentication.success",
    "Clients that proved who they are",
    ({ counters }) => counters.authenticationsSucceeded,
  ),
  counter("authentications_failed", "authentication.failure", "Clients that could not", ({ counters }) => counters.authenticationsFailed),
  counter(
    "authentications_busy",
    "authentication.busy",
    "Clients turned away because too many waited",
    ({ counters }) => counters.authenticationsBusy,
  ),
  counter(
    "authentications_too_long",
    "authentication.too_long",
    "AUTH exchanges ended because they took too long",
    ({ counters }) => counters.authenticationsTooLong,
  ),
  counter("hook_questions", "authentication.hook.questions", "Questions to HTTP hooks", ({ counters }) => counters.hookQuestions),
  counter("hook_failures", "authentication.hook.failures", "Those without an answer in time", ({ counters }) => counters.hookFailures),
  counter("hook_busy", "authentication.hook.busy", "Those not sent because too many waited", ({ counters }) => counters.hookBusy),
  counter(
    "hook_cache_hits",
    "authentication.hook.cache_hits",
    "Answers that a hook had given before",
    ({ counters }) => counters.hookCacheHits,
  ),
  counter("subscriptions_refused", "packets.subscribe.error", "Subscriptions refused", ({ counters }) => counters.subscriptionsRefused),
  counter(
    "subscriptions_over_quota",
    "subscriptions.over_quota",
    "Those that were one too many",
    ({ counters }) => counters.subscriptionsOverQuota,
  ),
  counter(
    "subscriptions_revoked",
    "subscriptions.revoked",
    "Subscriptions taken away because they are not allowed any more",
    ({ counters }) => counters.subscriptionsRevoked,
  ),

  // ---- sessions
  counter("sessions_created", "session.created", "Sessions begun", ({ counters }) => counters.sessionsCreated),
  counter("sessions_resumed", "session.resumed", "Sessions gone on with", ({ counters }) => counters.sessionsResumed),
  counter(
    "sessions_taken_over",
    "session.takenover",
    "Connections whose session another one has taken over",
    ({ counters }) => counters.sessionsTakenOver,
  ),
  counter(
    "sessions_expired",
    "session.expired",
    "Sessions that ended because their clients stayed away",
    ({ counters }) => counters.sessionsExpired,
  ),
  counter(
    "sessions_over_quota",
    "session.over_quota",
    "CONNECT packets refused because there were too many sessions",
    ({ counters }) => counters.sessionsOverQuota,
  ),

  counter(
    "sessions_persistent_refused",
    "session.persistent_refused",
    "CONNECT packets refused because their sessions would outlive their connections",
    ({ counters }) => counters.persistentSessionsRefused,
  ),

  // ---- the process
  counter("memory_overloads", "overload_protection.memory", "How often memory became short", ({ counters }) => counters.memoryOverloads),
  counter("loop_overloads", "overload_protection.loop", "How often the event loop ran late", ({ counters }) => counters.loopOverloads),
  counter("reloads", "config.reloads", "Settings read again and put in force", ({ counters }) => counters.reloads),
  counter(
    "reloads_refused",
    "config.reloads_refused",
    "Settings read again that had something wrong",
    ({ counters }) => counters.reloadsRefused,
  ),
  counter("store_groups_written", "store.groups_written", "Groups of changes written to disk", ({ store }) => store?.groupsWritten),
  counter("store_groups_failed", "store.groups_failed", "Attempts to write one that failed", ({ store }) => store?.groupsFailed),
  counter("store_written_bytes", "store.bytes_written", "Bytes written to disk", ({ store }) => store?.bytesWritten),
  counter("store_compactions", "store.compactions", "Times that the store was written anew, smaller", ({ store }) => store?.compactions),
  gauge("store_pending_rows", "store.pending_rows", "Changes that wait to be written", ({ store }) => store?.pendingRows),

  // ---- the cluster
  gauge("cluster_peers", "cluster.peers", "Other brokers of the cluster that are there", ({ cluster }) => cluster?.peers),
  gauge("cluster_routes", "cluster.routes", "Topic filters that other brokers have subscribers for", ({ cluster }) => cluster?.routes),
  gauge(
    "cluster_unacknowledged_bytes",
    "cluster.unacknowledged_bytes",
    "Bytes on their way to other brokers, which have not accepted them yet",
    ({ cluster }) => cluster?.unacknowledgedBytes,
  ),
  counter(
    "cluster_batches_sent",
    "cluster.batches.sent",
    "Batches of messages sent to other brokers",
    ({ cluster }) => cluster?.batchesSent,
  ),
  counter(
    "cluster_batches_resent",
    "cluster.batches.resent",
    "Those among them that were sent again",
    ({ cluster }) => cluster?.batchesResent,
  ),
  counter("cluster_messages_sent", "messages.forward", "Messages handed to other brokers", ({ cluster }) => cluster?.messagesSent),
  counter(
    "cluster_messages_received",
    "messages.forwarded",
    "Messages that other brokers handed to this one",
    ({ cluster }) => cluster?.messagesReceived,
  ),
  counter(
    "cluster_messages_dropped",
    "messages.forward.dropped",
    "QoS 0 messages that another broker did not get",
    ({ cluster }) => cluster?.messagesDropped,
  ),
  counter(
    "cluster_messages_refused",
    "messages.forward.refused",
    "QoS 1 and 2 messages refused because another broker could not get them",
    ({ cluster }) => cluster?.messagesRefused,
  ),
  counter(
    "cluster_sessions_received",
    "cluster.sessions.received",
    "Sessions that came from other brokers, for clients that are here now",
    ({ cluster }) => cluster?.sessionsReceived,
  ),
  counter(
    "cluster_sessions_handed_over",
    "cluster.sessions.handed_over",
    "Sessions that went to other brokers",
    ({ cluster }) => cluster?.sessionsHandedOver,
  ),
  counter(
    "cluster_sessions_inherited",
    "cluster.sessions.inherited",
    "Sessions taken over from brokers that had left or died",
    ({ cluster }) => cluster?.sessionsInherited,
  ),
  counter(
    "cluster_peers_declared_dead",
    "cluster.peers_declared_dead",
    "Brokers that this one has declared dead",
    ({ cluster }) => cluster?.peersDeclaredDead,
  ),
  counter("cluster_fenced", "cluster.fenced", "Times that this broker was taken for dead", ({ cluster }) => cluster?.fenced),
  gauge(
    "retained_absent_messages",
    "retained.absent.count",
    "Retained messages that are in NATS and not in memory",
    ({ cluster }) => cluster?.retainedAbsent,
  ),
  gauge(
    "retained_memory_bytes",
    "retained.memory.bytes",
    "Bytes of retained messages that are in memory and in NATS",
    ({ cluster }) => cluster?.retainedMemoryBytes,
  ),
  counter("retained_fetched", "retained.fetched", "Retained messages fetched from NATS", ({ cluster }) => cluster?.retainedFetched),
  counter(
    "retained_fetches_failed",
    "retained.fetches_failed",
    "Retained messages that subscribers did not get, as they could not be fetched",
    ({ cluster }) => cluster?.retainedFetchesFailed,
  ),
  counter(
    "retained_superseded",
    "retained.superseded",
    "Retained messages dropped, as others had been retained elsewhere before they could be stored",
    ({ cluster }) => cluster?.retainedSuperseded,
  ),
];

/** All readings by key, of a source. Those that this broker does not have are left out. */
export function readAll(source: ReadingSource, kind?: ReadingFamily["kind"]): Map<string, number> {
  const values = new Map<string, number>();
  for (const family of READINGS) {
    if (kind !== undefined && family.kind !== kind) continue;
    for (const reading of family.readings) {
      const value = reading.read(source);
      if (value !== undefined) values.set(reading.key, value);
    }
  }
  return values;
}
