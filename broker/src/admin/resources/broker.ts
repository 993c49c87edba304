import * as z from "zod";
import { type Route, route } from "../route.js";

/** What a broker says of itself. */
export const BrokerFacts = z.object({
  node: z.string().meta({ description: "Name of this broker" }),
  version: z.string(),
  runtime: z.string().meta({ description: "For example node 24.1.0" }),
  pid: z.int(),
  status: z.string().meta({ description: "starting, ready, cut off, draining or stopped" }),
  startedAt: z.iso.datetime(),
  uptimeSeconds: z.number(),
  connections: z.int().meta({ description: "Clients connected" }),
  sessions: z.int().meta({ description: "With their clients or without" }),
  subscriptions: z.int(),
  retained: z.int(),
  memoryBytes: z.int().meta({ description: "Resident memory of the process" }),
});

export type BrokerFacts = z.infer<typeof BrokerFacts>;

export function brokerRoutes(facts: () => BrokerFacts): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/broker",
      scope: "read",
      summary: "What this broker is, and how much it has to do",
      answer: BrokerFacts,
      handle: () => ({ json: facts() }),
    }),
  ];
}
