import { decode } from "../codec/codec.js";
import { PacketType, type Qos, type Subscription as Request, type SubscribePacket } from "../codec/packet.js";
import { NO_PROPERTIES } from "../codec/properties.js";
import { ProtocolError, violation } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import type { Session } from "../session/session.js";
import type { SubscriptionOptions } from "../session/subscription.js";
import { isSharedFilter, parseSharedFilter, sharedFilterProblem, topicFilterProblem } from "../topics/topic-filter.js";
import { isAllowed } from "./authorize.js";
import type { Core } from "./core.js";
import { notStored } from "./not-stored.js";
import { replayRetained } from "./replay-retained.js";

export function handleSubscribe(
  core: Core,
  connection: Connection,
  bytes: Uint8Array,
  start: number,
  end: number,
): Promise<void> | undefined {
  const packet = decode(bytes, start, end, connection.version) as SubscribePacket;
  const { subscriptionIdentifier } = packet.properties;
  if (subscriptionIdentifier !== undefined && !connection.offer.subscriptionIdentifiers) {
    throw new ProtocolError(ReasonCode.SubscriptionIdentifiersNotSupported, "subscription identifiers are not available"); // 3.2.2.3.12
  }
  // Looked at before any takes effect: this one is an error of the whole packet.
  for (const { topicFilter, noLocal } of packet.subscriptions) {
    if (noLocal && isSharedFilter(topicFilter)) throw violation("No Local on a shared subscription"); // [MQTT-3.8.3-4]
  }

  return decide(core, connection, packet);
}

function decide(core: Core, connection: Connection, packet: SubscribePacket): Promise<void> | undefined {
  const { generation } = core.authorization;
  const answers = packet.subscriptions.map((request) => problemOf(core, connection, request) ?? ask(core, connection, request));
  if (answers.every((answer) => typeof answer === "number" || typeof answer === "boolean")) {
    return subscribe(core, connection, packet, answers);
  }
  return Promise.all(answers).then((settled) => {
    if (connection.session === null) return undefined;
    // Those who answered decide no more, and subscriptions have been looked at again without these.
    return generation === core.authorization.generation ? subscribe(core, connection, packet, settled) : decide(core, connection, packet);
  });
}

/** A number is the reason why not. */
type Answer = boolean | number;

function subscribe(core: Core, connection: Connection, packet: SubscribePacket, answers: readonly Answer[]): Promise<void> | undefined {
  const session = connection.session!;
  if (core.authorization.denyAction === "disconnect" && answers.includes(false)) {
    core.counters.subscriptionsRefused += answers.length;
    connection.close(ReasonCode.NotAuthorized, "a topic filter may not be subscribed to");
    return undefined;
  }
  const granted: { readonly options: SubscriptionOptions; readonly isNew: boolean }[] = [];
  const reasonCodes = packet.subscriptions.map((request, index) => {
    const answer = answers[index]!;
    if (answer !== true) {
      core.counters.subscriptionsRefused++;
      const reasonCode = typeof answer === "number" ? answer : ReasonCode.NotAuthorized;
      return connection.version === 5 ? reasonCode : ReasonCode.UnspecifiedError; // 3.1.1 has one failure, 0x80
    }
    if (isOverQuota(core, session, request.topicFilter)) {
      core.counters.subscriptionsRefused++;
      core.counters.subscriptionsOverQuota++;
      return connection.version === 5 ? ReasonCode.QuotaExceeded : ReasonCode.UnspecifiedError;
    }
    const options = optionsOf(core, request, packet.properties.subscriptionIdentifier);
    granted.push({ options, isNew: core.registry.subscribe(session, options) });
    return options.qos; // [MQTT-3.8.4-7]
  });
  const answer = () => {
    if (connection.session === null) return;
    connection.send({ type: PacketType.Suback, packetId: packet.packetId, properties: NO_PROPERTIES, reasonCodes });
    for (const { options, isNew } of granted) {
      const { retainHandling, shared } = options;
      if (shared === undefined && (retainHandling === 0 || (retainHandling === 1 && isNew))) replayRetained(core, session, options);
    }
  };
  const stored = core.registry.commit();
  if (stored !== undefined) return stored.then(answer, (error: unknown) => notStored(core, connection, error));
  answer();
  return undefined;
}

/** A filter that the session has already may always be subscribed to anew. */
function isOverQuota({ settings, entrance }: Core, { subscriptions }: Session, topicFilter: string): boolean {
  const isFull = entrance.overload.memory || (subscriptions !== null && subscriptions.size >= settings.maxSubscriptions);
  return isFull && !subscriptions?.has(topicFilter);
}

function optionsOf(core: Core, request: Request, identifier: number | undefined): SubscriptionOptions {
  const { topicFilter, qos, noLocal, retainAsPublished, retainHandling } = request;
  return {
    topicFilter,
    qos: Math.min(qos, core.settings.maxQos) as Qos,
    noLocal,
    retainAsPublished,
    retainHandling,
    identifier,
    shared: parseSharedFilter(topicFilter),
  };
}

/** Why a filter cannot be subscribed to, whoever asks. */
function problemOf(core: Core, connection: Connection, { topicFilter }: Request): ReasonCode | undefined {
  const { sharedSubscriptions, wildcardSubscriptions } = connection.offer;
  const { maxTopicLevels } = core.settings;
  const isShared = isSharedFilter(topicFilter);
  if (isShared && !sharedSubscriptions) return ReasonCode.SharedSubscriptionsNotSupported;
  if ((isShared ? sharedFilterProblem : topicFilterProblem)(topicFilter, maxTopicLevels) !== undefined)
    return ReasonCode.TopicFilterInvalid;
  if (!wildcardSubscriptions && /[+#]/.test(topicFilter)) return ReasonCode.WildcardSubscriptionsNotSupported;
  return undefined;
}

function ask(core: Core, connection: Connection, { topicFilter, qos }: Request): boolean | Promise<boolean> {
  const authorizer = core.authorization.authorizerFor(connection.session!);
  if (authorizer === null) return true;
  const filter = parseSharedFilter(topicFilter)?.filter ?? topicFilter;
  return isAllowed(core, () => authorizer.maySubscribe(connection.session!, filter, qos));
}
