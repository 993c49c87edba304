import { z } from "zod";

const text = (remedy: string) => z.string().trim().min(1).describe(remedy);

/* Load on the brokers: `loadTest` of the settings. */
export const LoadTestSettings = z.strictObject({
  scenarios: z
    .array(z.record(z.string(), z.unknown()))
    .describe(
      'a list of scenarios, each of which becomes a Job: [{"name": "idle", "command": "conn", "clients": 100000}]; none make no load test',
    )
    .default([]),
  target: z
    .string()
    .regex(/^[^\s:]+:\d{1,5}$/)
    .describe("host:port of the broker to test; the one of release is taken")
    .optional(),
  nodes: z
    .int()
    .min(1)
    .max(1_000)
    .describe("a whole number from 1 to 1000, the nodes of load generators; one for each 6 pods is taken")
    .optional(),
  machineType: text("a machine type of the cloud for load generators; that of the brokers is taken").optional(),
  credentialsSecret: text("a Secret of the namespace mqtt-load with the keys username and password").optional(),
  pushgateway: z
    .string()
    .regex(/^https?:\/\/\S+$/)
    .describe("the URL of a pushgateway that gets the counts of each pod")
    .optional(),
});
