import { type Message, NEVER } from "../message.js";
import { DeliveryState } from "../session/delivery.js";
import { LINES_FORMAT, type MessageLine, type StoreLine } from "./store-lines.js";
import type { StoreReplay } from "./store-replay.js";

const STATES = { [DeliveryState.Queued]: "queued", [DeliveryState.Sent]: "sent", [DeliveryState.Released]: "released" } as const;

/** All that a store holds, line by line. */
export function* exportLines({ sessions, queues, retainedMessages }: StoreReplay, exportedAt: Date): Iterable<StoreLine> {
  let count = 1;
  yield { kind: "store", format: LINES_FORMAT, exportedAt: exportedAt.toISOString() };
  for (const line of contentLines({ sessions, queues, retainedMessages })) {
    count++;
    yield line;
  }
  yield { kind: "end", lines: count + 1 };
}

function* contentLines({
  sessions,
  queues,
  retainedMessages,
}: Pick<StoreReplay, "sessions" | "queues" | "retainedMessages">): Iterable<StoreLine> {
  for (const { session, subscriptions } of sessions.values()) {
    const { will, ...rest } = session;
    yield { kind: "session", ...rest, will: will && { ...will, message: messageLine(will.message) } };
    for (const { options } of subscriptions.values()) {
      const { shared, ...own } = options;
      yield { kind: "subscription", clientId: session.clientId, ...own, isShared: shared === undefined ? undefined : true };
    }
  }
  const written = new Set<number>();
  for (const { clientId, deliveries, received } of queues.values()) {
    for (const { body, delivery } of deliveries.values()) {
      if (!written.has(body.number)) yield { kind: "message", id: body.number, message: messageLine(delivery.message) };
      written.add(body.number);
      const { sequence, qos, retain, packetId, identifiers, shared } = delivery;
      const state = STATES[delivery.state as keyof typeof STATES];
      const own = {
        sequence,
        qos,
        retain,
        state,
        packetId,
        identifiers: identifiers && [...identifiers],
        sharedFilter: shared?.topicFilter,
      };
      yield { kind: "delivery", clientId, message: body.number, ...own };
    }
    for (const packetId of received?.keys() ?? []) yield { kind: "received", clientId, packetId };
  }
  for (const message of retainedMessages.values()) yield { kind: "retained", message: messageLine(message) };
}

function messageLine({ topic, payload, qos, retain, expiresAtMs, publisher, properties }: Message): MessageLine {
  const { correlationData, userProperties, ...rest } = properties;
  const hasProperties = Object.keys(properties).length > 0;
  return {
    ...{ topic, payload: base64(payload), qos, retain, publisher },
    expiresAtMs: expiresAtMs === NEVER ? undefined : expiresAtMs,
    properties: hasProperties
      ? {
          ...rest,
          correlationData: correlationData && base64(correlationData),
          userProperties: userProperties?.map(([name, value]) => [name, value]),
        }
      : undefined,
  };
}

function base64({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("base64");
}
