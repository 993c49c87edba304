import * as z from "zod";
import { text, toggle, whole } from "./fields.js";

/** Numbers for Prometheus, at /metrics of the admin port. */
export const MetricsSettings = z.strictObject({
  emqxNames: toggle("Whether the numbers are there under EMQX's names as well, for its Grafana boards").default(false),
  push: z
    .strictObject({
      url: z
        .string()
        .trim()
        .regex(/^https?:\/\/[^/@\s]+(\/\S*)?$/)
        .register(z.globalRegistry, {
          title: "Pushgateway that the numbers are sent to; off, unless given",
          description: "a URL like http://pushgateway:9091, without user and password",
        })
        .optional(),
      // As often as EMQX does it.
      intervalSeconds: whole("How often", { min: 1, max: 3_600 }).default(15),
      timeoutSeconds: whole("How long the gateway may take", { min: 1, max: 60 }).default(5),
      job: text("Name of the job there", "a name").default("mqttd"),
      grouping: z
        .record(z.string().regex(/^[a-zA-Z_]\w*$/), z.string().min(1))
        .register(z.globalRegistry, {
          title: "Further labels of the group; instance is this broker's name, unless given",
          description: 'names with a text each: {"region": "eu"}',
        })
        .default({}),
      passwordFile: text("User of the gateway (basic authentication)", "the path of a file with one line user:password").optional(),
      caFile: text(
        "Authorities that sign the gateway's certificate; those of the runtime, unless given",
        "the path of a PEM file",
      ).optional(),
      deleteOnStop: toggle("Whether the numbers are taken back when the broker stops; otherwise the last ones stay").default(false),
    })
    .prefault({}),
});

/** The settings of `metrics` with their defaults. */
export type MetricsSettings = z.infer<typeof MetricsSettings>;
