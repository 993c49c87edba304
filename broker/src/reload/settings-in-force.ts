import type { Config } from "../config/config.js";
import { limit } from "../config/resolve-listener.js";
import type { ConnectionSettings } from "../connection/connection-context.js";
import type { Offer } from "../connection/offer.js";
import type { ProtocolSettings } from "../handlers/core.js";
import type { SessionLimits } from "../session/session-context.js";

/*
 * The settings as the parts of the broker read them: flat objects that all of a kind share, so that the hot path reads a plain property,
 * and that are filled anew when the settings are read again.
 */

/** What the handlers go by. */
export function protocolSettings({ mqtt, drain }: Config): ProtocolSettings {
  const { serverReference } = mqtt;
  return { ...mqtt, maxQos: mqtt.maxQos as Offer["maxQos"], serverReference, redirect: drain.redirect };
}

export function connectionSettings({ mqtt: { maxInflight, maxOutputBytes, slowConsumerSeconds } }: Config): ConnectionSettings {
  return { maxInflight, maxOutputBytes, slowConsumerMs: slowConsumerSeconds * 1000 };
}

export function sessionLimits({ mqtt }: Config): SessionLimits {
  const { maxQueuedMessages, maxQueuedBytes, queueOverflow, queueQos0, maxInflightBytes, maxHeldBytes } = mqtt;
  return { maxQueuedMessages, maxQueuedBytes, queueOverflow, queueQos0, maxInflightBytes, maxHeldBytes: limit(maxHeldBytes) };
}
