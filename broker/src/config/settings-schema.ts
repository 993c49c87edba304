import * as z from "zod";
import { choice, notYet, port, portOrOff, toggle, whole, wholeOrOff } from "./fields.js";
import { backlog, ClientCertificate, DEFAULT_BACKLOG, HOST, host, ListenerSettings, MAX_CONNECTIONS, pem } from "./listener-schema.js";
import { MqttSettings } from "./mqtt-schema.js";

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
  allowAnonymous: toggle("Whether anyone may connect; true on a loopback address and false elsewhere, unless given").optional(),
  backlog: backlog.default(DEFAULT_BACKLOG),
};

/**
 * Every setting once: its type, bounds and default, what it is for and what it takes. The names follow the nesting: `mqtt.maxQos` in the
 * file is MQTTD_MQTT_MAX_QOS in the environment and `--mqtt-max-qos` on the command line.
 */
export const Settings = z.strictObject({
  ...shortForm,
  listeners: z
    .array(ListenerSettings)
    .min(1)
    .meta({
      title: "Listeners one by one, instead of the settings above",
      description: 'a list of listeners: [{"transport": "tcp", "port": 1883}]',
    })
    .optional(),
  mqtt: MqttSettings.prefault({}),
  maxConnections: wholeOrOff("Most connections over all listeners", { min: 1, max: MAX_CONNECTIONS }).default("off"),
  sysIntervalSeconds: whole("How often $SYS topics are published; 0 for never", { min: 0, max: 86_400 }).default(10),
  shutdownSeconds: whole("How long clients may take to read their last packets when the broker stops", { min: 0, max: 3_600 }).default(5),
  log: z
    .strictObject({
      level: choice("Least weight of what is logged", ["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
      format: choice("Form of a log line; auto is pretty on a terminal and json elsewhere", ["auto", "json", "pretty"]).default("auto"),
    })
    .prefault({}),
  adminPort: notYet("admin port"),
  dataDir: notYet("store on disk"),
  nats: notYet("clustering"),
});

/** Every setting with its default filled in. */
export type Settings = z.infer<typeof Settings>;

/** Names of the settings that `listeners` replaces. */
export const SHORT_FORM = Object.keys(shortForm) as readonly (keyof typeof shortForm)[];
