import * as z from "zod";
import { authentication } from "./authentication-schema.js";
import { choice, port, text, texts, toggle, whole, wholeOrOff } from "./fields.js";
import { addresses, connectRate } from "./limits-schema.js";

/** Most connections that a limit can name: what Linux lets one process have open (`fs.nr_open` ends at 2^31 - 64). */
export const MAX_CONNECTIONS = 2_147_483_584;

/** Longest packet there is: four bytes of remaining length, MQTT 5, 1.5.5. */
export const MAX_PACKET_BYTES = 268_435_460;

/** Where Linux keeps listen(2)'s backlog within since 5.4; what the kernel really takes is the lesser of this and `net.core.somaxconn`. */
export const DEFAULT_BACKLOG = 4_096;

export const HOST = "127.0.0.1";

export const ClientCertificate = choice("Whether clients show a certificate", ["none", "request", "require"]);

export const backlog = whole("Connections that the kernel completes before the broker takes them", { min: 1, max: 65_535 });
export const host = text("Address to listen on", "an address or host name, for example 127.0.0.1, 0.0.0.0 or ::");
export const pem = (purpose: string) => text(purpose, "the path of a PEM file");

/** One entry of `listeners`. */
export const ListenerSettings = z.strictObject({
  name: text("How logs and counters name it; transport and port, unless given", "a name, for example tcp:internal").optional(),
  transport: choice("What carries MQTT", ["tcp", "tls", "ws", "wss"]).default("tcp"),
  host: host.default(HOST),
  port: port("Port to listen on"),
  backlog: backlog.default(DEFAULT_BACKLOG),
  path: z
    .string()
    .regex(/^\/[^\s?#]*$/)
    .register(z.globalRegistry, {
      title: "Path of the WebSocket; /mqtt, unless given",
      description: "a path that begins with /, for example /mqtt",
    })
    .optional(),
  allowedOrigins: texts(
    "Web pages that may connect by WebSocket; all, unless given",
    'a list of origins: ["https://console.example"]',
  ).optional(),
  tls: z
    .strictObject({
      certFile: pem("Certificate of the server, with its chain"),
      keyFile: pem("Private key of the certificate"),
      caFile: pem("Authorities that sign clients' certificates").optional(),
      clientCertificate: ClientCertificate.default("none"),
      minVersion: choice("Oldest version of TLS", ["TLSv1.2", "TLSv1.3"]).default("TLSv1.2"),
      ciphers: text(
        "Cipher suites up to TLS 1.2; the runtime's own, unless given",
        "a list as OpenSSL writes it, for example HIGH:!aNULL",
      ).optional(),
    })
    .optional(),
  proxyProtocol: toggle("Whether every connection begins with a PROXY protocol header, v1 or v2").default(false),
  proxyProtocolTimeoutSeconds: whole("How long that header may take", { min: 1, max: 3_600 }).default(5),
  authentication: authentication("Who is asked whether a client may connect here; those of the whole broker, unless given").optional(),
  allowAnonymous: toggle(
    "Whether clients without a user name may connect; true on a loopback address without authentication and false elsewhere, unless given",
  ).optional(),
  maxConnections: wholeOrOff("Most connections of this listener", { min: 1, max: MAX_CONNECTIONS }).default("off"),
  maxConnectRate: connectRate("CONNECT packets a second that are taken here; limits.maxConnectRate holds as well").default("off"),
  allowAddresses: addresses("Addresses that may connect here; all, unless any are given").default([]),
  denyAddresses: addresses("Addresses that may not connect here, even if they are allowed").default([]),
  connectTimeoutSeconds: whole("How long CONNECT may take; mqtt.connectTimeoutSeconds, unless given", { min: 1, max: 3_600 }).optional(),
  maxMessageRate: wholeOrOff("PUBLISH packets a second from a client; mqtt.maxMessageRate, unless given", {
    min: 1,
    max: 4_294_967_295,
  }).optional(),
  maxByteRate: wholeOrOff("Bytes a second from a client; mqtt.maxByteRate, unless given", { min: 1, max: 2 ** 40 }).optional(),
  maxPacketBytes: whole("Longest packet; mqtt.maxPacketBytes, unless given", { min: 16, max: MAX_PACKET_BYTES }).optional(),
});

/** An entry of `listeners` with its defaults. */
export type ListenerSettings = z.infer<typeof ListenerSettings>;
