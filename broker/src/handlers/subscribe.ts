import { decode } from "../codec/codec.js";
import { PacketType, type Qos, type Subscription as Request, type SubscribePacket } from "../codec/packet.js";
import { NO_PROPERTIES } from "../codec/properties.js";
import { ProtocolError, violation } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import type { SubscriptionOptions } from "../session/subscription.js";
import { isSharedFilter, parseSharedFilter, sharedFilterProblem, topicFilterProblem } from "../topics/topic-filter.js";
import { isAllowed } from "./authorize.js";
import type { Core } from "./core.js";
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
  if (subscriptionIdentifier !== undefined && !core.settings.subscriptionIdentifiers) {
    throw new ProtocolError(ReasonCode.SubscriptionIdentifiersNotSupported, "subscription identifiers are not available"); // 3.2.2.3.12
  }
  // Looked at before any takes effect: this one is an error of the whole packet.
  for (const { topicFilter, noLocal } of packet.subscriptions) {
    if (noLocal && isSharedFilter(topicFilter)) throw violation("No Local on a shared subscription"); // [MQTT-3.8.3-4]
  }

  const answers = packet.subscriptions.map((request) => problemOf(core, request) ?? ask(core, connection, request));
  if (answers.every((answer) => typeof answer === "number" || typeof answer === "boolean")) {
    return subscribe(core, connection, packet, answers);
  }
  return Promise.all(answers).then((settled) => (connection.session === null ? undefined : subscribe(core, connection, packet, settled)));
}

/** A number is the reason why not. */
type Answer = boolean | number;

function subscribe(core: Core, connection: Connection, packet: SubscribePacket, answers: readonly Answer[]): Promise<void> | undefined {
  const session = connection.session!;
  const granted: { readonly options: SubscriptionOptions; readonly isNew: boolean }[] = [];
  const reasonCodes = packet.subscriptions.map((request, index) => {
    const answer = answers[index]!;
    if (answer !== true) {
      core.counters.subscriptionsRefused++;
      const reasonCode = typeof answer === "number" ? answer : ReasonCode.NotAuthorized;
      return connection.version === 5 ? reasonCode : ReasonCode.UnspecifiedError; // 3.1.1 has one failure, 0x80
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
  if (stored !== undefined) return stored.then(answer);
  answer();
  return undefined;
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
function problemOf(core: Core, { topicFilter }: Request): ReasonCode | undefined {
  const { maxTopicLevels, sharedSubscriptions, wildcardSubscriptions } = core.settings;
  const isShared = isSharedFilter(topicFilter);
  if (isShared && !sharedSubscriptions) return ReasonCode.SharedSubscriptionsNotSupported;
  if ((isShared ? sharedFilterProblem : topicFilterProblem)(topicFilter, maxTopicLevels) !== undefined)
    return ReasonCode.TopicFilterInvalid;
  if (!wildcardSubscriptions && /[+#]/.test(topicFilter)) return ReasonCode.WildcardSubscriptionsNotSupported;
  return undefined;
}

function ask(core: Core, connection: Connection, { topicFilter, qos }: Request): boolean | Promise<boolean> {
  const { authorizer } = core;
  if (authorizer === null) return true;
  const filter = parseSharedFilter(topicFilter)?.filter ?? topicFilter;
  return isAllowed(core, () => authorizer.maySubscribe(connection.session!, filter, qos));
}
