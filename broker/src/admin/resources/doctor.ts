import * as z from "zod";
import type { AdminBroker } from "../admin-broker.js";
import { type Route, route } from "../route.js";
import { NodeQuery } from "./broker.js";

const Check = z.object({
  name: z.string().register(z.globalRegistry, {
    description: "Key of the tuning plan, or memory, heap, open-files, pids, backlog and a listener, clock",
  }),
  need: z.enum(["required", "advised"]),
  wanted: z.string().optional(),
  effective: z.string().optional(),
  verdict: z
    .enum(["ok", "short", "differs", "failed", "unseen"])
    .register(z.globalRegistry, { description: "unseen: it counts on the node, where a pod cannot look" }),
  detail: z.string().optional(),
  remedy: z.string().optional().register(z.globalRegistry, { description: "Which change mends it" }),
});

const Report = z.object({
  ok: z.boolean().register(z.globalRegistry, { description: "Nothing that is required is wrong" }),
  at: z.iso.datetime(),
  plan: z.object({ pool: z.string(), platform: z.string(), profile: z.string() }).optional(),
  wrong: z.object({ required: z.int(), advised: z.int() }),
  checks: z.array(Check),
});

/** What `mqttd doctor` would say in this broker's place. */
export function doctorRoutes(broker: AdminBroker): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/doctor",
      scope: "read",
      cluster: "owner",
      summary: "Kernel, limits, memory and clock against what this broker needs, and its node pool's tuning plan if it has one",
      query: NodeQuery,
      answer: Report,
      handle: async () => ({ json: await broker.diagnose() }),
    }),
  ];
}
