import type { Message } from "../message.js";
import { ArrivingMessages } from "../retained/arriving-messages.js";
import type { RetainedEntry, RetainedStore } from "../retained/retained-store.js";
import type { Session } from "../session/session.js";
import type { SubscriptionOptions } from "../session/subscription.js";
import type { Core } from "./core.js";

/**
 * As many are looked for at once: they are those that were there when the client subscribed. Should there be more, the rest is looked for
 * as the client takes them, and one that is published meanwhile may come by both ways.
 */
const FOUND_AT_ONCE = 256;

/** Sends what is retained for a new subscription [MQTT-3.3.1-9], as fast as the client takes it. */
export function replayRetained(core: Core, session: Session, options: SubscriptionOptions): void {
  const { retained } = core;
  if (retained.matching !== undefined) {
    const found = firstFound(retained.matching(options.topicFilter));
    send(session, options, found && new ArrivingMessages(found, retained, () => session.sendQueued()));
    return;
  }
  collected(retained, options).then(
    (found) => send(session, options, found.values()),
    (error: unknown) => core.log.error({ err: error, clientId: session.clientId }, "retained messages could not be read"),
  );
}

/** Of a store that cannot keep a place. */
async function collected(retained: RetainedStore, { topicFilter }: SubscriptionOptions): Promise<Message[]> {
  const found: Message[] = [];
  await retained.match(topicFilter, (message) => found.push(message));
  return found;
}

function send(
  session: Session,
  { topicFilter, qos, identifier, noLocal }: SubscriptionOptions,
  found: Iterator<Message | undefined> | undefined,
): void {
  if (session.hasEnded || found === undefined) return;
  const identifiers = identifier === undefined ? undefined : [identifier];
  const messages = noLocal ? without(found, session.clientId) : found;
  session.replay({ topicFilter, qos, identifiers, messages });
  session.sendQueued();
}

/** Undefined if there are none. */
function firstFound(messages: Iterator<RetainedEntry>): Iterator<RetainedEntry> | undefined {
  const found: RetainedEntry[] = [];
  while (found.length < FOUND_AT_ONCE) {
    const next = messages.next();
    if (next.done === true) return found.length === 0 ? undefined : found.values();
    found.push(next.value);
  }
  return chained(found, messages);
}

function* chained(found: readonly RetainedEntry[], rest: Iterator<RetainedEntry>): Iterator<RetainedEntry> {
  yield* found;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

/** No Local [MQTT-3.8.3-3]. */
function* without(messages: Iterator<Message | undefined>, publisher: string): Iterator<Message | undefined> {
  for (let next = messages.next(); next.done !== true; next = messages.next()) {
    if (next.value?.publisher !== publisher) yield next.value;
  }
}
