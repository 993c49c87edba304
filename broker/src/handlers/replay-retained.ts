import type { Qos } from "../codec/packet.js";
import type { Message } from "../message.js";
import type { Session } from "../session/session.js";
import type { SubscriptionOptions } from "../session/subscription.js";
import type { Core } from "./core.js";

/** Sends what is retained for a new subscription [MQTT-3.3.1-9], as fast as the client takes it. */
export function replayRetained(core: Core, session: Session, options: SubscriptionOptions): void {
  const found: Message[] = [];
  const matched = core.retained.match(options.topicFilter, (message) => {
    if (options.noLocal && message.publisher === session.clientId) return; // [MQTT-3.8.3-3]
    found.push(message);
  });
  if (matched === undefined) send(session, options, found);
  else {
    matched.then(
      () => send(session, options, found),
      (error: unknown) => core.log.error({ err: error, clientId: session.clientId }, "retained messages could not be read"),
    );
  }
}

function send(session: Session, { qos, identifier }: SubscriptionOptions, found: readonly Message[]): void {
  const identifiers = identifier === undefined ? undefined : [identifier];
  for (const message of found) {
    const granted = Math.min(qos, message.qos) as Qos;
    session.replay({ message, qos: granted, identifiers });
  }
  session.sendQueued();
}
