import * as z from "zod";

/*
 * The lines of `mqttd store export`: JSON each, first "store", last "end". Bytes are in base64. A line names only what lines before it have
 * introduced.
 */

/** Raised when older brokers could not import what newer ones export. */
export const LINES_FORMAT = 1;

const whole = (max: number) => z.int().min(0).max(max);
const number = whole(Number.MAX_SAFE_INTEGER);
const name = z.string();
const topic = z.string().min(1);
const bytes = z.base64();
const qos = z.union([z.literal(0), z.literal(1), z.literal(2)]);

const Message = z.strictObject({
  topic,
  payload: bytes,
  qos,
  retain: z.boolean(),
  /** Absent: never. */
  expiresAtMs: number.optional(),
  publisher: name,
  properties: z
    .strictObject({
      payloadFormatIndicator: z.union([z.literal(0), z.literal(1)]).optional(),
      messageExpiryIntervalSeconds: whole(0xffff_ffff).optional(),
      contentType: z.string().optional(),
      responseTopic: topic.optional(),
      correlationData: bytes.optional(),
      userProperties: z.array(z.tuple([z.string(), z.string()])).optional(),
    })
    .optional(),
});

export const StoreLine = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("store"), format: number, exportedAt: z.string() }),
  z.strictObject({
    kind: z.literal("session"),
    clientId: name,
    userName: z.string().optional(),
    expirySeconds: whole(0xffff_ffff),
    disconnectedAtMs: number.optional(),
    will: z.strictObject({ message: Message, delaySeconds: whole(0xffff_ffff), dueAtMs: number.optional() }).optional(),
  }),
  z.strictObject({
    kind: z.literal("subscription"),
    clientId: name,
    topicFilter: topic,
    qos,
    noLocal: z.boolean(),
    retainAsPublished: z.boolean(),
    retainHandling: qos,
    identifier: whole(268_435_455).optional(),
    isShared: z.boolean().optional(),
  }),
  /** What deliveries refer to by `id`. */
  z.strictObject({ kind: z.literal("message"), id: number, message: Message }),
  z.strictObject({
    kind: z.literal("delivery"),
    clientId: name,
    sequence: number,
    message: number,
    qos,
    retain: z.boolean(),
    state: z.enum(["queued", "sent", "released"]),
    packetId: whole(65_535),
    identifiers: z.array(whole(268_435_455)).optional(),
    sharedFilter: topic.optional(),
  }),
  z.strictObject({ kind: z.literal("received"), clientId: name, packetId: z.int().min(1).max(65_535) }),
  z.strictObject({ kind: z.literal("retained"), message: Message }),
  z.strictObject({ kind: z.literal("end"), lines: number }),
]);

export type StoreLine = z.infer<typeof StoreLine>;
export type MessageLine = z.infer<typeof Message>;
