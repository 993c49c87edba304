import * as z from "zod";
import { AdminSettings } from "./admin-schema.js";
import { authentication } from "./authentication-schema.js";
import { authorizationSettings } from "./authorization-schema.js";
import { DrainSettings } from "./drain-schema.js";
import { choice, port, portOrOff, text, toggle, whole, wholeOrOff } from "./fields.js";
import { connectRate, LimitsSettings } from "./limits-schema.js";
import { backlog, ClientCertificate, DEFAULT_BACKLOG, HOST, host, ListenerSettings, MAX_CONNECTIONS, pem } from "./listener-schema.js";
import { MetricsSettings } from "./metrics-schema.js";
import { MqttSettings } from "./mqtt-schema.js";
import { NatsSettings } from "./nats-schema.js";
import { PasswordHashingSettings } from "./password-hashing-schema.js";

/** One listener of each kind, where that is enough; `listeners` replaces all of these. */
const shortForm = {
  host: host.default(HOST),
  port: port("Port of MQTT over TCP").default(1_883),
  wsPort: portOrOff("Port of MQTT over WebSocket").default(8_083),
  tlsPort: portOrOff("Port of MQTT over TLS").default("off"),
  wssPort: portOrOff("Port of MQTT over WebSocket over TLS").default("off"),
  tlsCertFile: pem("Certificate of the server, with its chain").optional(),
  tlsKeyFile: pem("Private key of the certificate").optional(),
  tlsCaFile: pem("Authorities that sign clients' certificates").optional(),
  tlsClientCertificate: ClientCertificate.default("none"),
  proxyProtocol: toggle("Whether every connection begins with a PROXY protocol header, v1 or v2").default(false),
  allowAnonymous: toggle(
    "Whether clients without a user name may connect; true on a loopback address without authentication and false elsewhere, unless given",
  ).optional(),
  backlog: backlog.default(DEFAULT_BACKLOG),
  maxConnectRatePerListener: connectRate("CONNECT packets a second that are taken on each listener").default("off"),
};

/**
 * Every setting once: its type, bounds and default, what it is for and what it takes. The names follow the nesting: `mqtt.maxQos` in the
 * file is MQTTD_MQTT_MAX_QOS in the environment and `--mqtt-max-qos` on the command line; a setting for which a section is there goes by
 * the section's name there: `nats.servers` is `--nats`.
 */
export const Settings = z.strictObject({
  ...shortForm,
  listeners: z
    .array(ListenerSettings)
    .min(1)
    .register(z.globalRegistry, {
      title: "Listeners one by one, instead of the settings above",
      description: 'a list of listeners: [{"transport": "tcp", "port": 1883}]',
    })
    .optional(),
  passwordFile: text(
    "File of users, checked for every listener: short for one entry of authentication",
    "the path of a file that mqttd passwd has written, or mosquitto_passwd",
  ).optional(),
  authentication: authentication(
    "Who is asked whether a client may connect, by listeners that have no authentication of their own",
  ).optional(),
  passwordHashing: PasswordHashingSettings.prefault({}),
  ...authorizationSettings,
  mqtt: MqttSettings.prefault({}),
  limits: LimitsSettings.prefault({}),
  maxConnections: wholeOrOff("Most connections over all listeners", { min: 1, max: MAX_CONNECTIONS }).default("off"),
  sysIntervalSeconds: whole("How often $SYS topics are published; 0 for never", { min: 0, max: 86_400 }).default(10),
  // Within the 30 that Kubernetes gives a pod to end, unless it is told otherwise.
  shutdownSeconds: whole("How long taking leave of all clients may take when the broker stops; who still reads then is cut off", {
    min: 0,
    max: 3_600,
  }).default(25),
  reloadSeconds: wholeOrOff(
    "How often the broker looks whether its file, or one that a setting names, has changed, and reads them again as at SIGHUP",
    {
      min: 1,
      max: 86_400,
    },
  ).default("off"),
  drain: DrainSettings.prefault({}),
  log: z
    .strictObject({
      level: choice("Least weight of what is logged", ["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
      format: choice("Form of a log line; auto is pretty on a terminal and json elsewhere", ["auto", "json", "pretty"]).default("auto"),
    })
    .prefault({}),
  admin: AdminSettings.prefault({}),
  metrics: MetricsSettings.prefault({}),
  dataDir: text(
    "Folder of what outlives the broker; $STATE_DIRECTORY, $XDG_STATE_HOME/mqttd or ~/.local/state/mqttd, unless given",
    "the path of a folder, or off to keep everything in memory",
  ).optional(),
  planFile: text(
    "Tuning plan of the node pool, which the doctor compares with what is in force",
    "the path of a plan file, as the chart mounts it",
  ).optional(),
  nats: NatsSettings.prefault({}),
});

/** Every setting with its default filled in. */
export type Settings = z.infer<typeof Settings>;

/** Names of the settings that `listeners` replaces. */
export const SHORT_FORM = Object.keys(shortForm) as readonly (keyof typeof shortForm)[];
