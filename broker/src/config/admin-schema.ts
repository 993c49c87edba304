import * as z from "zod";
import { portOrOff, text } from "./fields.js";

/** The port for operators: health, metrics, the API and the dashboard. */
export const AdminSettings = z.strictObject({
  host: text("Address of the admin port", "a host name or an address").default("127.0.0.1"),
  // EMQX has its dashboard there too.
  port: portOrOff("Port of health checks, metrics, the admin API and the dashboard").default(18_083),
  tokensFile: text(
    "Who may use the admin port; without it everyone on this machine, and nobody beyond",
    "the path of a file with a line for each token: read or admin, the token or its sha256:…, and a name",
  ).optional(),
  allowedHosts: z
    .array(z.string().trim().min(1))
    .register(z.globalRegistry, {
      title: "Names by which the admin port may be called, besides the loopback's, while it listens on loopback only",
      description: 'a list of host names, without ports: ["mqtt.example"]',
    })
    .default([]),
});

/** The settings of `admin` with their defaults. */
export type AdminSettings = z.infer<typeof AdminSettings>;
