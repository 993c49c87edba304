import type { DropCause } from "../../src/sys/counters.js";

/**
 * Everything that clients can make grow in the broker, with what ends it. `bounds.test.ts` holds the settings, counters and tests that are
 * named here to the truth; whoever adds a map, a queue or a buffer that a client can fill adds a row.
 */
export interface Bound {
  /** What grows, and where it is. */
  readonly what: string;
  /** The setting that bounds it, as in the configuration file; else the number, and where that is. */
  readonly by: { readonly setting: string } | { readonly fixed: string };
  /** What happens at the bound. */
  readonly outcome: string;
  /** What counts that: a field of `Counters`, a cause of `publishDropped`, or a gauge for what is only full. */
  readonly counter: string | { readonly dropped: keyof typeof DropCause } | { readonly none: string };
  /** The file below broker/test, and the words in a title there, of the test at the bound. */
  readonly test: readonly [file: string, title: string];
}

export const BOUNDS: readonly Bound[] = [
  // ---- one connection, towards the broker
  {
    what: "bytes of a packet whose end has not come (Input)",
    by: { setting: "mqtt.maxPacketBytes" },
    outcome: "closed with 0x95 at its header",
    counter: "disconnects",
    test: ["connection/connection-input.test.ts", "is refused when a packet is larger than the listener takes"],
  },
  {
    what: "CONNECTs that wait for their turn (ConnectPace)",
    by: { fixed: "one a connection; one whose connection has gone costs no turn" },
    outcome: "held up by TCP",
    counter: "connectsPaced",
    test: ["handlers/connect-pace.test.ts", "are passed over, at no cost to others, once their connection has gone"],
  },
  {
    what: "bytes that wait while a packet is decided on (Input)",
    by: { fixed: "one read of the runtime: the socket is paused" },
    outcome: "held up by TCP",
    counter: { none: "as usual as an authoriser that has to ask" },
    test: ["connection/connection-input.test.ts", "waits, in order, and is looked at afterwards; the socket is paused meanwhile"],
  },
  {
    what: "PUBLISH packets and bytes a second of one client",
    by: { setting: "mqtt.maxMessageRate" },
    outcome: "read from no more until it is within",
    counter: "ratePauses",
    test: ["connection/rate-limit.test.ts", "hold on average, to the message"],
  },
  {
    what: "acknowledgements that wait for the store (AckQueue)",
    by: { fixed: "4,096 and one read, MAX_WAITING in ack-queue.ts; 5.0: mqtt.receiveMaximum" },
    outcome: "read from no more until they have left",
    counter: "ackPauses",
    test: ["connection/flow-control.test.ts", "is read from no more from a bound on, until they have left"],
  },
  {
    what: "QoS 2 identifiers of the client that are not released (Session.received), PUBCOMPs that wait (InboundState.unfinished)",
    by: { setting: "mqtt.receiveMaximum" },
    outcome: "closed with 0x93; 3.x has no more than the 65,535 identifiers",
    counter: "disconnects",
    test: ["broker/flow-control.test.ts", "ends a connection that has more QoS 2 messages under way"],
  },
  {
    what: "topic aliases of the client (InboundState.aliases)",
    by: { setting: "mqtt.topicAliasMaximum" },
    outcome: "closed with 0x94",
    counter: "disconnects",
    test: ["broker/topic-alias.test.ts", "above the maximum ends the connection [MQTT-3.3.2-9]"],
  },
  {
    what: "steps and time of an AUTH exchange (Core.exchanges, Core.methods: one entry a connection)",
    by: { setting: "mqtt.connectTimeoutSeconds" },
    outcome: "closed with 0x87, after 16 steps too",
    counter: "authenticationsTooLong",
    test: ["broker/client-bounds.test.ts", "ends after 16 steps of the client's"],
  },
  {
    what: "message of WebSocket frames",
    by: { fixed: "the larger of mqtt.maxPacketBytes and 1 MiB; a header and 125 bytes of a control frame are all that is collected" },
    outcome: "closed with status 1009",
    counter: "connectionsClosed",
    test: ["transport/websocket.test.ts", "close with 1009 what announces more bytes than there are"],
  },
  {
    what: "answers to WebSocket pings",
    by: { fixed: "one, to the last ping (WebSocketConnection)" },
    outcome: "earlier pings are not answered",
    counter: { none: "nothing is lost" },
    test: ["transport/websocket.test.ts", "wait while the client does not read, and pings do not pile up meanwhile"],
  },
  {
    what: "PROXY header",
    by: { fixed: "107 bytes of v1, 65,551 of v2, and proxyProtocolTimeoutSeconds of the listener" },
    outcome: "closed",
    counter: "handshakesFailed",
    test: ["transport/proxy-protocol.test.ts", "longer than 107 bytes"],
  },
  // ---- one connection, towards the client
  {
    what: "bytes that the socket has not taken (Output)",
    by: { setting: "mqtt.maxOutputBytes" },
    outcome: "QoS 0 is dropped, QoS 1 and 2 wait in the session, and the client is not read from",
    counter: { dropped: "SlowConnection" },
    test: ["connection/flow-control.test.ts", "misses QoS 0 messages from its bound on, long ones that others share included"],
  },
  {
    what: "time in which the socket takes nothing",
    by: { setting: "mqtt.slowConsumerSeconds" },
    outcome: "closed with 0x97; the session stays",
    counter: "slowConsumers",
    test: ["broker/slow-consumer.test.ts", "is disconnected in the end; its session stays, and those who read miss nothing"],
  },
  {
    what: "topic aliases towards the client (OutboundAliases)",
    by: { setting: "mqtt.topicAliasMaximumOutbound" },
    outcome: "topics without an alias are sent by name",
    counter: { none: "nothing is lost" },
    test: ["connection/outbound-aliases.test.ts", "gives the first topics an alias each, from 1 to the client's maximum, and no other"],
  },
  // ---- one session
  {
    what: "messages in flight (Inflight)",
    by: { setting: "mqtt.maxInflight" },
    outcome: "the rest is queued",
    counter: { none: "the queue counts" },
    test: ["broker/flow-control.test.ts", "holds messages back as well"],
  },
  {
    what: "bytes in flight (Inflight)",
    by: { setting: "mqtt.maxInflightBytes" },
    outcome: "the rest is queued",
    counter: { none: "the queue counts" },
    test: ["session/queue-overflow.test.ts", "has a bound of bytes too, beyond which the rest waits; one message always goes"],
  },
  {
    what: "messages in the queue (DeliveryQueue)",
    by: { setting: "mqtt.maxQueuedMessages" },
    outcome:
      "QoS 0 gives way, then what mqtt.queueOverflow says: the new one (QueueFull), the oldest (QueueFullOldest), or the client goes too",
    counter: { dropped: "QueueFull" },
    test: ["session/queue-overflow.test.ts", "loses new messages by default, which the store never sees"],
  },
  {
    what: "bytes in the queue (DeliveryQueue)",
    by: { setting: "mqtt.maxQueuedBytes" },
    outcome: "as above",
    counter: { dropped: "QueueFullOldest" },
    test: ["session/delivery-queue.test.ts", "makes as much room as a long message needs, and none for one that can never fit"],
  },
  {
    what: "QoS 0 messages in the queue, if mqtt.queueQos0 lets any in",
    by: { setting: "mqtt.queueQos0" },
    outcome: "they go first",
    counter: { dropped: "QueueFullQos0" },
    test: ["session/queue-overflow.test.ts", "give way first when the queue is full, and are counted by themselves"],
  },
  {
    what: "retained messages on their way to new subscriptions (RetainedReplay)",
    by: { fixed: "256 found and a place in the store for each filter (replay-retained.ts); filters: mqtt.maxSubscriptions" },
    outcome: "looked for as the client takes them",
    counter: { none: "nothing is lost" },
    test: ["session/retained-replay.test.ts", "begins anew with a filter that is subscribed to again, however often that is"],
  },
  {
    what: "subscriptions (Session.subscriptions, the filter trie, shared groups)",
    by: { setting: "mqtt.maxSubscriptions" },
    outcome: "SUBACK 0x97, 0x80 in 3.x",
    counter: "subscriptionsOverQuota",
    test: ["broker/client-bounds.test.ts", "end at their bound, in %s: one more is refused, those that are there can be renewed"],
  },
  {
    what: "levels of topic names and filters (trie, topic tree)",
    by: { setting: "mqtt.maxTopicLevels" },
    outcome: "SUBACK 0x8F; a PUBLISH or a will ends the connection with 0x90",
    counter: "subscriptionsRefused",
    test: ["broker/client-bounds.test.ts", "may have as many levels as it may, as a name and as a filter, and no more"],
  },
  {
    what: "client identifiers",
    by: { setting: "mqtt.maxClientIdBytes" },
    outcome: "CONNACK 0x85",
    counter: "connectsRefused",
    test: ["broker/connect.test.ts", "that are too long are refused, in version %i"],
  },
  // ---- all clients together
  {
    what: "sessions, with the will of each while its client is away (SessionRegistry, MemoryMessageStore)",
    by: { setting: "mqtt.maxSessions" },
    outcome: "CONNACK 0x97 for who has none",
    counter: "sessionsOverQuota",
    test: ["broker/client-bounds.test.ts", "end at their bound, in %s: a client without one is refused, one that has one comes back"],
  },
  {
    what: "bytes of messages that all sessions hold",
    by: { setting: "mqtt.maxHeldBytes" },
    outcome: "nothing new is queued; always so while memory is short, which is answered with 0x97",
    counter: { dropped: "BrokerFull" },
    test: ["session/queue-overflow.test.ts", "has a bound, beyond which nothing new is kept for anyone, and no client is punished for it"],
  },
  {
    what: "number of retained messages (RetainedStore, TopicTree)",
    by: { setting: "mqtt.maxRetainedMessages" },
    outcome: "0x97 to 5.0 above QoS 0; others have the message delivered and not retained",
    counter: "retainedRefused",
    test: ["broker/client-bounds.test.ts", "end at their number: 5.0 is told so above QoS 0, and nobody gets the message"],
  },
  {
    what: "bytes of retained messages",
    by: { setting: "mqtt.maxRetainedBytes" },
    outcome: "as above",
    counter: "retainedRefused",
    test: ["broker/client-bounds.test.ts", "who cannot be told so, in version %i at QoS %i, has the message delivered and not retained"],
  },
  {
    what: "payload of a retained message",
    by: { setting: "mqtt.maxRetainedPayloadBytes" },
    outcome: "as above",
    counter: "publishOverQuota",
    test: ["broker/client-bounds.test.ts", "may not be longer than they may be, wills included; $SYS topics are the broker's own"],
  },
  {
    what: "topics that are remembered (TopicTable)",
    by: { fixed: "16,384 of at most 256 bytes" },
    outcome: "the one used least recently of two is forgotten",
    counter: { none: "nothing is lost" },
    test: ["publication/topic-table.test.ts", "keeps the two topics of a place that were used last"],
  },
  {
    what: "routes that are remembered (Router)",
    by: { fixed: "1,000,000, MAX_REMEMBERED_ROUTES in router.ts" },
    outcome: "all are forgotten and looked up again",
    counter: { none: "nothing is lost" },
    test: ["routing/router.test.ts", "finds them after all have been forgotten because they were too many"],
  },
  {
    what: "connections before their CONNACK (Core.unsettled)",
    by: { setting: "limits.maxHalfOpen" },
    outcome: "the one that was silent for longest is closed",
    counter: "turnedOut",
    test: ["limits/half-open.test.ts", "has room up to its bound, and then closes who has been silent for longest"],
  },
  {
    what: "clients that have failed to authenticate and are to be told so",
    by: { setting: "limits.maxHalfOpen" },
    outcome: "whoever comes is closed",
    counter: "turnedOut",
    test: ["broker/entrance.test.ts", "is told so after a while, and counts as half-open until then"],
  },
  {
    what: "PROXY, TLS (on Bun) and WebSocket handshakes under way (Deadlines)",
    by: { fixed: "16,384 of each kind on a listener, MAX_HANDSHAKES in layers.ts" },
    outcome: "the one that began first is given up",
    counter: "handshakesFailed",
    test: ["transport/deadlines.test.ts", "expires what came first when there would be more than there may be"],
  },
  {
    what: "clients that are watched for connecting too often, and that are banned for it (Flapping)",
    by: { fixed: "65,536 of each, MOST_TRACKED in flapping.ts" },
    outcome: "those that would be forgotten next are",
    counter: { none: "clientsBanned counts bans" },
    test: ["limits/flapping.test.ts", "tracks no more clients than it may, and drops those that would be forgotten next"],
  },
  {
    what: "addresses with open connections, where those are bounded (AddressTable)",
    by: { fixed: "one for each connection" },
    outcome: "gone with the last connection of the address",
    counter: "turnedOut",
    test: ["limits/address-table.test.ts", "has room for four times as many connections of an address, and remembers nobody who has gone"],
  },
];
