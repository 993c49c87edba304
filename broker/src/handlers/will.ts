import type { Will } from "../codec/packet.js";
import { ProtocolError } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Message, MessageProperties } from "../message.js";
import { expiryOf } from "../publication/publication.js";
import type { Core } from "./core.js";

/** A will that does not lie in the receive buffer. */
export function ownWill(will: Will | undefined): Will | undefined {
  if (will === undefined) return undefined;
  const { correlationData } = will.properties;
  const properties =
    correlationData === undefined ? will.properties : { ...will.properties, correlationData: Uint8Array.from(correlationData) };
  return { ...will, payload: Uint8Array.from(will.payload), properties };
}

/** Why this broker cannot take the will. */
export function willProblem({ settings }: Core, will: Will | undefined): ProtocolError | undefined {
  if (will === undefined) return undefined;
  if (will.qos > settings.maxQos)
    return new ProtocolError(ReasonCode.QosNotSupported, `will QoS ${will.qos} is above the maximum of ${settings.maxQos}`); // [MQTT-3.2.2-12]
  if (will.retain && !settings.retainAvailable)
    return new ProtocolError(ReasonCode.RetainNotSupported, "retained messages are not available"); // [MQTT-3.2.2-13]
  const levels = will.topic.split("/").length;
  if (levels > settings.maxTopicLevels) {
    return new ProtocolError(
      ReasonCode.TopicNameInvalid,
      `will topic has ${levels} levels, at most ${settings.maxTopicLevels} are allowed`,
    );
  }
  if (will.topic.startsWith("$SYS/")) return new ProtocolError(ReasonCode.NotAuthorized, "the will may not be published to its topic");
  return undefined;
}

/** What is published if the connection ends now. */
export function willMessage(will: Will, clientId: string, nowMs: number): Message {
  const { willDelayIntervalSeconds: _, ...properties } = will.properties;
  const own: MessageProperties = properties;
  return {
    topic: will.topic,
    payload: will.payload,
    qos: will.qos,
    retain: will.retain,
    properties: own,
    expiresAtMs: expiryOf(own, nowMs),
    publisher: clientId,
  };
}
