import * as z from "zod";
import type { Qos } from "../codec/packet.js";
import { constant, type PayloadMaker } from "./payload.js";

/** One of the topics that each publisher publishes to, with a rate and a payload of its own. */
export interface TopicPlan {
  /** With variables. */
  readonly topic: string;
  readonly intervalMs: number;
  readonly qos: Qos;
  readonly payload: PayloadMaker;
}

const NumberText = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]);

/** The format of emqtt-bench's `topic_spec.json`. Other keys of a topic (streams of QUIC) mean nothing here. */
const Spec = z.object({
  topics: z
    .array(
      z.object({
        name: z.string().min(1),
        interval_ms: NumberText.pipe(z.int().min(1)),
        inject_timestamp: z.union([z.boolean(), z.literal(["s", "ms", "us", "ns"])]).default(false),
        QoS: z.literal([0, 1, 2]).default(0),
        payload_encoding: z.literal("json").default("json"),
        render: z.string().optional(),
        payload: z.record(z.string(), z.unknown()),
      }),
    )
    .min(1),
});

/** Throws an Error that names what is wrong in the file. */
export function readTopicsPayload(text: string): readonly TopicPlan[] {
  const { topics } = parse(text);
  return topics.map(({ name, interval_ms, inject_timestamp, QoS, render, payload }) => ({
    topic: name,
    intervalMs: interval_ms,
    qos: QoS,
    payload: makerOf(payload, inject_timestamp, render),
  }));
}

function parse(text: string): z.infer<typeof Spec> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`it is no JSON: ${(error as Error).message}`);
  }
  const parsed = Spec.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join(".")}: ${issue?.message}`);
}

/** `timestamp` is replaced if asked for, and %i in the field that `render` names. */
function makerOf(payload: Record<string, unknown>, timestamp: boolean | string, render: string | undefined): PayloadMaker {
  const rendered = render === undefined ? undefined : payload[render];
  if (timestamp === false && typeof rendered !== "string") return constant(Buffer.from(JSON.stringify(payload)));
  return {
    next(clientNumber, nowMs) {
      const now = timestamp === false ? {} : { timestamp: String(inUnit(nowMs, timestamp)) };
      const field = typeof rendered === "string" ? { [render!]: rendered.replaceAll("%i", String(clientNumber)) } : {};
      return Buffer.from(JSON.stringify({ ...payload, ...now, ...field }));
    },
  };
}

function inUnit(nowMs: number, unit: boolean | string): number {
  if (unit === "s") return Math.floor(nowMs / 1000);
  if (unit === "us") return nowMs * 1_000;
  return unit === "ns" ? nowMs * 1_000_000 : nowMs;
}
