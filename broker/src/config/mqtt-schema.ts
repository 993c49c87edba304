import * as z from "zod";
import { choice, text, toggle, whole, wholeOrOff } from "./fields.js";
import { MAX_CONNECTIONS, MAX_PACKET_BYTES } from "./listener-schema.js";

const TWO_BYTES = 65_535;
const FOUR_BYTES = 4_294_967_295;
const MIB = 1_048_576;
/** 1 TiB: more than any machine keeps for one client. */
const MAX_BYTES = MIB * MIB;
const WEEK_SECONDS = 604_800;

/** What the protocol lets a server decide, and the bounds of what one client can take up. */
export const MqttSettings = z.strictObject({
  maxPacketBytes: whole("Longest packet that a client may send", { min: 16, max: MAX_PACKET_BYTES }).default(MIB),
  maxQos: whole("Highest quality of service", { min: 0, max: 2 }).default(2),
  retainAvailable: toggle("Retained messages").default(true),
  wildcardSubscriptions: toggle("Subscriptions with + and #").default(true),
  sharedSubscriptions: toggle("Subscriptions that share messages among clients ($share)").default(true),
  subscriptionIdentifiers: toggle("Subscription identifiers").default(true),
  receiveMaximum: whole("Unacknowledged QoS 1 and 2 messages from a client", { min: 1, max: TWO_BYTES }).default(1_024),
  maxInflight: whole("Unacknowledged QoS 1 and 2 messages to a client, if it takes as many", { min: 1, max: TWO_BYTES }).default(1_024),
  maxInflightBytes: whole("Bytes of those messages to a client, beyond which the rest waits in its queue", {
    min: 1,
    max: MAX_BYTES,
  }).default(16 * MIB),
  topicAliasMaximum: whole("Topic aliases that a client may set", { min: 0, max: TWO_BYTES }).default(32),
  topicAliasMaximumOutbound: whole("Topic aliases that the broker sets towards a client, if it takes as many", {
    min: 0,
    max: TWO_BYTES,
  }).default(32),
  maxQueuedMessages: whole("Messages that wait for one session", { min: 0, max: 100_000_000 }).default(1_000),
  maxQueuedBytes: whole("Bytes of the messages that wait for one session", { min: 0, max: MAX_BYTES }).default(16 * MIB),
  queueOverflow: choice("What a full queue of a session does: lose its oldest message, or the new one, and disconnect the client as well", [
    "drop-newest",
    "drop-oldest",
    "disconnect",
  ]).default("drop-newest"),
  queueQos0: toggle("Whether QoS 0 messages wait for clients that are away; they are lost when the broker restarts").default(false),
  maxHeldBytes: wholeOrOff("Bytes of the messages that all sessions together hold", { min: 0, max: MAX_BYTES }).default("off"),
  maxOutputBytes: whole("Bytes that wait for a slow connection before QoS 0 messages to it are dropped", {
    min: 1_024,
    max: MAX_BYTES,
  }).default(MIB),
  slowConsumerSeconds: whole("How long a connection may take nothing of what waits for it until it is closed", {
    min: 1,
    max: 86_400,
  }).default(60),
  maxMessageRate: wholeOrOff("PUBLISH packets a second from a client; over it, the broker reads from it more slowly", {
    min: 1,
    max: FOUR_BYTES,
  }).default("off"),
  maxByteRate: wholeOrOff("Bytes a second from a client; over it, the broker reads from it more slowly", {
    min: 1,
    max: MAX_BYTES,
  }).default("off"),
  rateBurstSeconds: whole("Seconds' worth of those rates that may come at once", { min: 1, max: 3_600 }).default(1),
  maxSubscriptions: whole("Subscriptions of one session", { min: 1, max: 100_000_000 }).default(1_000),
  maxSessions: whole("Sessions, whether their clients are connected or away", { min: 1, max: MAX_CONNECTIONS }).default(1_000_000),
  maxRetainedMessages: whole("Retained messages", { min: 0, max: 100_000_000 }).default(1_000_000),
  maxRetainedBytes: whole("Bytes of the retained messages, with their topics", { min: 0, max: MAX_BYTES }).default(1_024 * MIB),
  maxRetainedPayloadBytes: whole("Bytes of one retained message's payload", { min: 0, max: MAX_PACKET_BYTES }).default(MIB),
  maxKeepAliveSeconds: whole("Longest keep alive; below 65535, a client that asks for more or for none is told this one", {
    min: 1,
    max: TWO_BYTES,
  }).default(TWO_BYTES),
  maxSessionExpirySeconds: whole("How long a session may outlive its connection; 4294967295 is for ever", {
    min: 0,
    max: FOUR_BYTES,
  }).default(WEEK_SECONDS),
  maxTopicLevels: whole("Levels of a topic name or filter", { min: 1, max: 65_536 }).default(128),
  shareStrategy: choice("Who gets the next message of a shared subscription", [
    "round-robin",
    "random",
    "sticky",
    "least-inflight",
  ]).default("round-robin"),
  responseTopicPrefix: z
    .string()
    .min(1)
    .max(1_024)
    .regex(/^[^+#\0]+$/)
    .register(z.globalRegistry, {
      title: "What response information begins with; the client's identifier follows",
      description: "the beginning of a topic, without + and #, for example response/",
    })
    .default("response/"),
  serverReference: text(
    "Another server that refused clients are pointed to",
    "a host, or host:port, for example mqtt.example:1883",
  ).optional(),
  connectTimeoutSeconds: whole("How long a new connection may take until its CONNECT is there", { min: 1, max: 3_600 }).default(10),
  // [MQTT-3.1.3-5] wants at least 23.
  maxClientIdBytes: whole("Longest client identifier, in bytes", { min: 23, max: TWO_BYTES }).default(256),
});

/** The settings of `mqtt` with their defaults. */
export type MqttSettings = z.infer<typeof MqttSettings>;
