import * as z from "zod";
import { type Message, NEVER } from "../../message.js";
import { payloadBytes, type RetainedEntry } from "../../retained/retained-store.js";
import type { AdminBroker } from "../admin-broker.js";
import { HeldPlaces } from "../lists/held-places.js";
import { PageQuery, pageOf, readPage } from "../lists/page.js";
import { Problem } from "../problem.js";
import { type Route, route } from "../route.js";

const Retained = z.object({
  topic: z.string(),
  qos: z.int(),
  from_clientid: z.string().register(z.globalRegistry, { description: "Empty if the broker itself has published it" }),
  payload_bytes: z.int(),
  expires_at: z.number().nullable().register(z.globalRegistry, { description: "Milliseconds since 1970" }),
});

const RetainedDetail = Retained.extend({
  payload: z.string().register(z.globalRegistry, { description: "In base64" }),
  payload_text: z.string().nullable().register(z.globalRegistry, { description: "The same as text, if it is UTF-8" }),
  content_type: z.string().nullable(),
});

const RetainedQuery = z.strictObject({
  ...PageQuery,
  topic: z.string().min(1).default("#").register(z.globalRegistry, { description: "A topic filter; # leaves out what begins with $" }),
});

/** Retained messages: the same on all brokers of a cluster, so that only the one that is asked answers. */
export function retainedRoutes(broker: AdminBroker): readonly Route[] {
  const places = new HeldPlaces<RetainedEntry>("retained");
  return [
    route({
      method: "GET",
      path: "/api/v1/retained",
      scope: "read",
      summary: "Retained messages, without their payloads",
      query: RetainedQuery,
      answer: pageOf(Retained),
      handle: async ({ query, signal }) => {
        const problem = broker.filterProblem(query.topic);
        if (problem !== undefined) throw new Problem(400, `topic: ${problem}`);
        const source = () => broker.retainedMatching(query.topic);
        return { page: await readPage({ ...query, signal }, places, source, entryOf) };
      },
    }),
    route({
      method: "GET",
      path: "/api/v1/retained/:topic",
      scope: "read",
      summary: "The retained message of a topic, with its payload",
      answer: RetainedDetail,
      handle: async ({ params }) => {
        const message = await broker.retained(params.topic!);
        if (message === undefined) throw missing();
        return { json: detailOf(message) };
      },
    }),
    route({
      method: "DELETE",
      path: "/api/v1/retained/:topic",
      scope: "admin",
      summary: "Deletes the retained message of a topic",
      handle: async ({ params }) => {
        if (!(await broker.deleteRetained(params.topic!))) throw missing();
        return {};
      },
    }),
  ];
}

function missing(): Problem {
  return new Problem(404, "nothing is retained for this topic");
}

function entryOf(entry: RetainedEntry): z.infer<typeof Retained> {
  const { topic, qos, publisher, expiresAtMs } = entry;
  return {
    topic,
    qos,
    from_clientid: publisher,
    payload_bytes: payloadBytes(entry),
    expires_at: expiresAtMs === NEVER ? null : expiresAtMs,
  };
}

function detailOf(message: Message): z.infer<typeof RetainedDetail> {
  const { payload, properties } = message;
  return {
    ...entryOf(message),
    payload: Buffer.from(payload).toString("base64"),
    payload_text: textOf(payload),
    content_type: properties.contentType ?? null,
  };
}

function textOf(payload: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(payload);
  } catch {
    return null;
  }
}
