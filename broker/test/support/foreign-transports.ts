import type { IClientOptions } from "mqtt";
import type { TestContext } from "vitest";
import { type Certificates, makeCertificates } from "./certificates.js";
import { startBroker, type TestBroker, type TestBrokerOptions } from "./start-broker.js";

/** Everything that carries MQTT, and the scheme that MQTT.js has for it. */
export const SCHEMES = { tcp: "mqtt", tls: "mqtts", ws: "ws", wss: "wss" } as const;
export type Transport = keyof typeof SCHEMES;
export const TRANSPORTS = Object.keys(SCHEMES) as readonly Transport[];

export interface ListeningBroker extends TestBroker {
  readonly certificates: Certificates;
}

export interface ListeningOptions extends TestBrokerOptions {
  /** Whether clients show a certificate. @default "none" */
  readonly clientCertificate?: "none" | "request" | "require";
}

/** A broker that listens with every transport. */
export async function startOnAllTransports(
  context: TestContext,
  { clientCertificate = "none", ...options }: ListeningOptions = {},
): Promise<ListeningBroker> {
  const certificates = makeCertificates(context);
  const { certFile, keyFile } = certificates.server;
  const tls = { certFile, keyFile, clientCertificate, ...(clientCertificate !== "none" && { caFile: certificates.ca.certFile }) };
  const listeners = TRANSPORTS.map((transport) => ({
    name: transport,
    host: "127.0.0.1",
    port: 0,
    transport,
    ...((transport === "tls" || transport === "wss") && { tls }),
  }));
  const broker = await startBroker({ ...options, settings: { listeners, ...options.settings } });
  return { ...broker, certificates };
}

/** What MQTT.js connects to. */
export function urlOf({ ports }: TestBroker, transport: Transport = "tcp"): string {
  const path = transport === "ws" || transport === "wss" ? "/mqtt" : "";
  return `${SCHEMES[transport]}://127.0.0.1:${ports[transport]}${path}`;
}

/** Trust in the test's authority, for MQTT.js. */
export function trusting({ certificates }: ListeningBroker): IClientOptions {
  return { ca: certificates.ca.cert };
}
