import * as z from "zod";
import type { AdminBroker } from "../admin-broker.js";
import { Problem } from "../problem.js";
import { type Route, route } from "../route.js";

const OperatorMessage = z.strictObject({
  topic: z.string().min(1),
  payload: z.string().default(""),
  payload_encoding: z.enum(["plain", "base64"]).default("plain"),
  qos: z.literal([0, 1, 2]).default(0),
  retain: z.boolean().default(false),
  properties: z
    .strictObject({
      message_expiry_interval: z
        .int()
        .check(z.gte(0), z.lte(0xffff_ffff))
        .optional()
        .register(z.globalRegistry, { description: "Seconds" }),
      content_type: z.string().max(65_535).optional(),
      response_topic: z.string().min(1).max(65_535).optional(),
      user_properties: z.array(z.tuple([z.string().max(65_535), z.string().max(65_535)])).optional(),
    })
    .default({}),
});

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Messages that operators publish, to see whether they arrive. */
export function publishRoutes(broker: AdminBroker): readonly Route[] {
  return [
    route({
      method: "POST",
      path: "/api/v1/publish",
      scope: "admin",
      summary: "Publishes a message; the answer comes when it is where it has to be",
      body: OperatorMessage,
      answer: z.object({ matched: z.boolean().register(z.globalRegistry, { description: "Whether anyone has subscribed to it" }) }),
      handle: async ({ body, note }) => {
        const { topic, payload, payload_encoding, qos, retain, properties: given } = body;
        note({ topic, qos, retain });
        if (payload_encoding === "base64" && !BASE64.test(payload)) throw new Problem(400, "payload: it is not base64");
        const properties = {
          ...(given.message_expiry_interval !== undefined && { messageExpiryIntervalSeconds: given.message_expiry_interval }),
          ...(given.content_type !== undefined && { contentType: given.content_type }),
          ...(given.response_topic !== undefined && { responseTopic: given.response_topic }),
          ...(given.user_properties !== undefined && { userProperties: given.user_properties }),
        };
        const bytes = Uint8Array.from(Buffer.from(payload, payload_encoding === "base64" ? "base64" : "utf8"));
        const asked = { topic, payload: bytes, qos, retain, properties };
        const problem = broker.messageProblem(asked);
        if (problem !== undefined) throw new Problem(400, problem);
        const matched = await broker.publish(asked).catch(notAccepted);
        return { json: { matched } };
      },
    }),
  ];
}

function notAccepted(): never {
  throw new Problem(503, "the message could not be stored, or handed to the other brokers; the broker's log says why");
}
