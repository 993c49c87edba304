import * as z from "zod";
import type { Readiness } from "../../drain/readiness.js";
import { type Route, route } from "../route.js";

/** Whether clients should come here. */
export interface ReadyState {
  readonly readiness: Readiness;
  /** Why what clients send could not be kept; undefined while it can. */
  readonly failure: string | undefined;
}

const Health = z.object({ status: z.string(), reason: z.string().optional() });

const REASONS: Readonly<Record<Readiness, string>> = {
  starting: "the broker takes in what is stored, or binds its listeners",
  ready: "",
  "cut off": "the other brokers cannot be reached, or do not know of this one",
  evacuating: "clients are moved to other brokers, as operators want it",
  draining: "the broker takes leave of its clients",
  stopped: "the broker has stopped",
};

/** What an orchestrator asks: is the process alive, and should clients be sent here? */
export function healthRoutes(state: () => ReadyState): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/healthz",
      scope: "none",
      summary: "Alive: the event loop answers",
      answer: Health,
      handle: () => ({ json: { status: "alive" } }),
    }),
    route({
      method: "GET",
      path: "/readyz",
      scope: "none",
      summary: "Whether clients should come here; 503 with the reason if not",
      answer: Health,
      handle: () => {
        const { readiness, failure } = state();
        if (readiness === "ready" && failure === undefined) return { json: { status: "ready" } };
        const json = readiness === "ready" ? { status: "failing", reason: failure } : { status: readiness, reason: REASONS[readiness] };
        return { status: 503, json };
      },
    }),
  ];
}
