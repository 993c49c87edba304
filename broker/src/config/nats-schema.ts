import { hostname } from "node:os";
import * as z from "zod";
import { choice, text, toggle, whole, wholeOrOff } from "./fields.js";

/** Not 0 peers, and no more than JetStream takes. */
const MOST_REPLICAS = 5;
const SERVER = String.raw`(?:nats|tls):\/\/(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?`;

/** Several brokers as one, on nats-server with JetStream. On if `servers` are named. */
export const NatsSettings = z.strictObject({
  servers: z
    .string()
    .trim()
    .regex(new RegExp(`^${SERVER}(?:\\s*,\\s*${SERVER})*$`))
    .register(z.globalRegistry, {
      title: "NATS servers that join this broker to others, as one; alone, unless given",
      description:
        "URLs like nats://host:4222, or tls:// for TLS, with commas between them and without user and password (those go into a file)",
      namesSection: true,
    })
    .optional(),
  cluster: z
    .string()
    .regex(/^[\w-]{1,32}$/)
    .register(z.globalRegistry, {
      title: "Name that the brokers have in common: others on the same NATS servers need another",
      description: "1 to 32 letters, digits, - and _",
    })
    .default("mqttd"),
  brokerName: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .register(z.globalRegistry, {
      title: "Name of this broker, to be recognised by; the host's, unless given",
      description: "1 to 64 letters, digits, ., - and _",
    })
    .optional(),
  credentialsFile: text("User of NATS, by JWT", "the path of a .creds file").optional(),
  passwordFile: text("User of NATS, by password", "the path of a file with one line user:password").optional(),
  tokenFile: text("User of NATS, by token", "the path of a file with the token").optional(),
  nkeySeedFile: text("User of NATS, by nkey", "the path of a file with its seed, SU…").optional(),
  tls: z
    .strictObject({
      caFile: pem("Authorities that sign the NATS servers' certificates; those of the runtime, unless given").optional(),
      certFile: pem("Certificate that the broker shows the NATS servers").optional(),
      keyFile: pem("Private key of that certificate").optional(),
      handshakeFirst: toggle("Whether TLS begins before the server has said anything, as its setting handshake_first").default(false),
    })
    .prefault({}),
  replicas: whole("NATS servers that keep each thing; as long as most of them live nothing is lost. 1 for a single server", {
    min: 1,
    max: MOST_REPLICAS,
  }).default(3),
  storage: choice("Where NATS servers keep who has which client and subscription", ["file", "memory"]).default("file"),
  // Clients' claims are written by the leaders of these, which the servers spread over themselves.
  ownerShards: whole("Streams over which clients are spread; the same for all brokers, and as it was when the cluster began", {
    min: 1,
    max: 64,
  }).default(8),
  sessionShards: whole(
    "Streams over which the brokers' journals of sessions are spread; the same for all brokers, and as it was when the cluster began",
    {
      min: 1,
      max: 64,
    },
  ).default(4),
  deadAfterSeconds: whole("How long a broker may be silent before the others take it for dead", { min: 2, max: 300 }).default(5),
  cutOffAfterSeconds: wholeOrOff(
    "How long a broker that hears nothing from NATS keeps its clients, as other brokers may have them by then; nats.deadAfterSeconds, unless given. off keeps them until it hears",
    { min: 2, max: 86_400 },
  ).optional(),
  acknowledge: choice("When a QoS 1 or 2 message is acknowledged: as soon as other brokers have it too, or without waiting for them", [
    "peers",
    "async",
  ]).default("peers"),
  maxBatchBytes: whole("Messages that go to another broker together", { min: 1_024, max: 8_388_608 }).default(262_144),
  maxInFlightBytes: whole(
    "Messages that another broker has not acknowledged yet; beyond that, those of QoS 0 are dropped and others refused",
    {
      min: 1_048_576,
      max: 1_073_741_824,
    },
  ).default(33_554_432),
  retainedMemoryBytes: whole(
    "Bytes of retained messages in memory, those that were written or fetched last; others are fetched from NATS when somebody subscribes",
    { min: 0, max: 68_719_476_736 },
  ).default(67_108_864),
});

/** The settings of `nats` with their defaults. */
export type NatsSettings = z.infer<typeof NatsSettings>;

/** Name of this broker if none is given: the pod's, in Kubernetes. */
export const thisHost = (): string => hostname();

function pem(purpose: string) {
  return text(purpose, "the path of a PEM file");
}
