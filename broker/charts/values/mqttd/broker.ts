import * as z from "zod";
import { Settings, SHORT_FORM } from "../../../src/config/settings-schema.js";
import { choice, flag, list, matching, objectName, orNull, port, secretText, section, text, texts, whole } from "../kinds.js";

const SERVER = /^(nats|tls):\/\/([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$/;
const MOST_SECONDS = 3_600;

/** Settings that the chart makes of other values; a second place for them would only contradict the first. */
const MADE_BY_CHART = [
  ...SHORT_FORM,
  "listeners",
  "passwordFile",
  "aclFile",
  "maxConnections",
  "shutdownSeconds",
  "dataDir",
  "admin",
  "metrics",
  "planFile",
];
const MADE_IN_SECTIONS = {
  drain: ["delaySeconds", "disconnectRate"],
  nats: [
    ...["servers", "cluster", "replicas", "storage", "ownerShards", "deadAfterSeconds", "acknowledge", "tls"],
    ...["credentialsFile", "passwordFile", "tokenFile", "nkeySeedFile"],
  ],
};

/** What is left of a section, nothing of it required. */
function without(names: readonly string[], { shape }: z.ZodObject) {
  return z.strictObject(Object.fromEntries(Object.entries(shape).filter(([name]) => !names.includes(name)))).partial();
}

const sections = Object.entries(MADE_IN_SECTIONS).map(([name, made]) => {
  const section = Settings.shape[name as keyof typeof MADE_IN_SECTIONS].unwrap();
  return [name, without(made, section as z.ZodObject)] as const;
});

/** Settings of mqttd that the chart has no value for. */
const OtherSettings = without(MADE_BY_CHART, Settings).extend(
  Object.fromEntries(sections.map(([name, section]) => [name, section.optional()])),
);

const listener = (description: string, { enabled, containerPort }: { enabled: boolean; containerPort: number }, more = {}) =>
  section(description, {
    enabled: flag("Whether the broker listens", enabled),
    containerPort: port("Port in the pod", containerPort),
    ...more,
  });

const webSocket = {
  path: matching("Path of the WebSocket", /^\/[^\s?#]*$/, "/mqtt"),
  allowedOrigins: texts("Web pages that may connect; all, unless given", [], ["https://console.example"]),
};

/** How the broker listens, whom it lets in, what it keeps. */
export const brokerValues = {
  listeners: section("Where the broker listens", {
    bindAddress: text('Address in the pod; "::" on clusters with IPv6 only', "0.0.0.0"),
    backlog: whole(
      "Connections that the kernel completes before the broker takes them. Raise net.core.somaxconn with it, in podSecurityContext.sysctls: it holds as well",
      { min: 1, max: 65_535 },
      4_096,
    ),
    proxyProtocol: orNull(
      "Whether a PROXY protocol header begins every connection from the load balancer; true for a LoadBalancer with cloud aws, unless given. Clients that connect without one, from inside the cluster, need listeners.internal then",
      z.boolean(),
    ),
    mqtt: listener("MQTT over TCP", { enabled: true, containerPort: 1_883 }),
    mqtts: listener("MQTT over TLS; needs tls", { enabled: false, containerPort: 8_883 }),
    ws: listener("MQTT over WebSocket", { enabled: false, containerPort: 8_083 }, webSocket),
    wss: listener("MQTT over WebSocket over TLS; needs tls", { enabled: false, containerPort: 8_084 }, webSocket),
    internal: listener(
      "MQTT over TCP, never with a PROXY header and never in the Service: for clients in the cluster, through the headless one",
      {
        enabled: false,
        containerPort: 11_883,
      },
    ),
  }),
  tls: section("Certificate of mqtts and wss, in a Secret of the type kubernetes.io/tls", {
    existingSecret: objectName("Secret with tls.crt and tls.key"),
    certManager: section("A Certificate for cert-manager, which makes that Secret", {
      enabled: flag("Whether to make one", false),
      issuerRef: section("Who issues it", {
        name: text("Name of the issuer"),
        kind: text("Its kind", "ClusterIssuer"),
        group: text("Its API group", "cert-manager.io"),
      }),
      dnsNames: texts("Names that clients connect to; the Service's own come with them", [], ["mqtt.example"]),
      duration: text("How long it holds, as Go writes durations; the issuer's own, unless given"),
      renewBefore: text("How long before the end it is renewed; the issuer's own, unless given"),
      privateKey: section("Its private key", {
        algorithm: choice("Kind of key. ECDSA handshakes cost the broker a fraction of RSA's", ["ECDSA", "RSA", "Ed25519"], "ECDSA"),
        size: orNull("Bits; by the kind, unless given", z.int().min(256).max(8_192)),
      }),
    }),
    clientCertificate: choice("Whether clients show a certificate", ["none", "request", "require"], "none"),
    clientCa: section("Authorities that sign clients' certificates", {
      existingSecret: objectName("Secret that holds them; that of the certificate, unless given"),
      existingSecretKey: text("Key in that Secret", "ca.crt"),
    }),
    minVersion: choice("Oldest version of TLS", ["TLSv1.2", "TLSv1.3"], "TLSv1.2"),
    ciphers: text("Cipher suites up to TLS 1.2, as OpenSSL writes them; the runtime's own, unless given"),
  }),
  auth: section(
    "Who may connect and what clients may do. One of users, scram, config.authentication or allowAnonymous is required. Tokens, certificates and HTTP hooks: config.authentication and config.authorization, with their files in extraVolumes",
    {
      allowAnonymous: flag("Whether clients without a user name may connect", false),
      users: section("User names and passwords, as mqttd passwd writes them", secretText("the password file", "users")),
      scram: section("Users of SCRAM-SHA-256, as mqttd passwd --scheme scram-sha-256 writes them", secretText("the SCRAM file", "scram")),
      acl: section("Rules, what clients may publish and subscribe to", secretText("the access list", "acl")),
    },
  ),
  config: OtherSettings.meta({
    description:
      "Further settings of mqttd, by their names in its configuration file (broker/README.md). Those that the chart makes of other values are refused here",
    example: { mqtt: { maxPacketBytes: 262144 }, log: { level: "warn" } },
  }).default({}),
  nats: section("NATS JetStream, which joins the brokers to one", {
    servers: list("Its servers; without, every broker stands alone", z.string().regex(SERVER), [], ["nats://nats.nats.svc:4222"]),
    cluster: matching(
      "Name that the brokers have in common; the chart's full name, at most 32 characters of it, unless given",
      /^[A-Za-z0-9_-]{0,32}$/,
    ),
    replicas: whole("NATS servers that keep each thing; 1 for a single server", { min: 1, max: 5 }, 3),
    storage: choice("Where NATS keeps who has which client", ["file", "memory"], "file"),
    ownerShards: whole("Streams over which clients are spread; as it was when the cluster began", { min: 1, max: 64 }, 8),
    deadAfterSeconds: whole("How long a broker may be silent before others take it for dead", { min: 2, max: 300 }, 5),
    acknowledge: choice("When QoS 1 and 2 are acknowledged: once other brokers have them, or at once", ["peers", "async"], "peers"),
    credentials: section("The brokers' user of NATS", {
      kind: choice("What the Secret holds", ["none", "credentials", "password", "token", "nkey"], "none"),
      existingSecret: objectName("Secret that holds it"),
      existingSecretKey: text("Key in that Secret: a .creds file, a line user:password, a token or an nkey's seed", "nats"),
    }),
    tls: section("TLS to NATS; begin the servers with tls://", {
      existingSecret: objectName("Secret with ca.crt, and tls.crt and tls.key where clientCertificate is true"),
      clientCertificate: flag("Whether the broker shows the certificate in that Secret", false),
      handshakeFirst: flag("Whether TLS begins before the server has said anything", false),
    }),
  }),
  persistence: section("A disk for each broker. Without NATS it holds what is acknowledged; with NATS there is none", {
    enabled: flag("Whether to claim one; without it and without NATS everything is lost with the pod", true),
    storageClass: text(
      'Class of the disk; the cluster\'s default, unless given, "-" for none. Local or block storage, not a shared file system',
    ),
    accessModes: texts("How it may be mounted", ["ReadWriteOnce"]),
    size: matching("Its size", /^[0-9]+(\.[0-9]+)?(Mi|Gi|Ti|M|G|T)$/, "8Gi"),
    annotations: z.record(z.string(), z.string()).meta({ description: "Annotations of the claims" }).default({}),
    retention: section("What becomes of the claims", {
      whenDeleted: choice("With the StatefulSet", ["Retain", "Delete"], "Retain"),
      whenScaled: choice("With a replica too many", ["Retain", "Delete"], "Retain"),
    }),
  }),
  drain: section("How a broker takes leave of its clients when its pod ends", {
    preStopSeconds: whole(
      "It serves on while the cluster's proxies learn that no new clients should come",
      { min: 0, max: MOST_SECONDS },
      5,
    ),
    delaySeconds: whole("Then it says that it is not ready, and goes on while load balancers notice", { min: 0, max: MOST_SECONDS }, 10),
    disconnectRate: whole("Then it tells so many clients a second to connect elsewhere", { min: 1, max: 1_000_000 }, 1_000),
    marginSeconds: whole("And has this much longer to store and to close", { min: 1, max: MOST_SECONDS }, 10),
  }),
  terminationGracePeriodSeconds: orNull(
    "How long the kubelet waits for all that; worked out of drain and connectionsPerPod, unless given. Less than that is refused",
    z.int().min(1),
  ),
};
