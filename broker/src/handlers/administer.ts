import type { Qos, RetainHandling } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Message } from "../message.js";
import { expiryOf } from "../publication/publication.js";
import type { Session } from "../session/session.js";
import { isSharedFilter, parseSharedFilter, sharedFilterProblem, topicFilterProblem } from "../topics/topic-filter.js";
import type { Core } from "./core.js";
import { replayRetained } from "./replay-retained.js";

/*
 * What an operator does in the place of clients. Nobody asks an authoriser here: who may use the admin port may do all of it. What is wrong
 * with a request is told in words.
 */

/** Ends the connection of a client, and its session too unless that is to stay. Undefined if there is nothing to wait for. */
export function kick(core: Core, session: Session, { keepsSession }: { readonly keepsSession: boolean }): Promise<void> | undefined {
  session.link?.disconnect(ReasonCode.AdministrativeAction, "an operator has ended the connection");
  if (!keepsSession) core.registry.end(session);
  return core.registry.commit();
}

export interface OperatorSubscription {
  readonly topicFilter: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
}

/** Why a filter cannot be subscribed to; undefined if it can. */
export function subscriptionProblem({ settings }: Core, { topicFilter, noLocal }: OperatorSubscription): string | undefined {
  const isShared = isSharedFilter(topicFilter);
  if (isShared && !settings.sharedSubscriptions) return "shared subscriptions are not available";
  if (isShared && noLocal) return "a shared subscription cannot have No Local"; // [MQTT-3.8.3-4]
  if (/[+#]/.test(topicFilter) && !settings.wildcardSubscriptions) return "wildcards are not available";
  return (isShared ? sharedFilterProblem : topicFilterProblem)(topicFilter, settings.maxTopicLevels);
}

/** Subscribes for a client, which gets what is retained as if it had done so itself. */
export async function subscribeFor(core: Core, session: Session, asked: OperatorSubscription): Promise<void> {
  const qos = Math.min(asked.qos, core.settings.maxQos) as Qos;
  const options = { ...asked, qos, shared: parseSharedFilter(asked.topicFilter) };
  const isNew = core.registry.subscribe(session, options);
  await core.registry.commit();
  const { retainHandling, shared } = options;
  if (shared === undefined && (retainHandling === 0 || (retainHandling === 1 && isNew))) replayRetained(core, session, options);
}

/** False if there was no such subscription. */
export async function unsubscribeFor(core: Core, session: Session, topicFilter: string): Promise<boolean> {
  const existed = core.registry.unsubscribe(session, topicFilter);
  await core.registry.commit();
  return existed;
}

export interface OperatorMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly properties: Message["properties"];
}

/** Why a message cannot be published; undefined if it can. */
export function messageProblem({ settings, router }: Core, { topic, payload, qos, retain }: OperatorMessage): string | undefined {
  if (/[+#\0]/.test(topic)) return "a topic has no +, # or null character";
  if (topic.startsWith("$SYS/")) return "$SYS/ is the broker's own";
  if (qos > settings.maxQos) return `QoS ${qos} is above the maximum of ${settings.maxQos}`;
  const problem = topicFilterProblem(topic, settings.maxTopicLevels);
  if (problem !== undefined || !retain) return problem;
  if (!settings.retainAvailable) return "retained messages are not available";
  return router.mayRetainBytes(topic, payload.length) ? undefined : "there is no room for another retained message"; // counted if not
}

/** Publishes a message; resolves, when it is where it has to be, with whether anyone has subscribed to it. */
export async function publishFor({ router, clock }: Core, asked: OperatorMessage): Promise<boolean> {
  const accepted = router.publishMessage({ ...asked, expiresAtMs: expiryOf(asked.properties, clock.now()), publisher: "" });
  const hasMatched = router.hasMatched;
  await accepted;
  return hasMatched;
}

/** Deletes a retained message, on all brokers that share it; false if there is none. */
export async function deleteRetained({ retained, router }: Core, topic: string): Promise<boolean> {
  if (retained.bytesOf(topic) === undefined) return false;
  retained.delete(topic);
  await router.commit();
  return true;
}
