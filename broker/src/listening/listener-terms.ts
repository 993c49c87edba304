import type { Authenticator } from "../auth/authenticator.js";
import type { EnhancedAuthenticator } from "../auth/enhanced-authenticator.js";
import type { Config, ListenerConfig } from "../config/config.js";
import type { ListenerContext } from "../connection/connection-context.js";
import type { Offer } from "../connection/offer.js";
import { type Rates, ratesOf } from "../connection/rate-limit.js";
import type { NextSettings } from "../reload/reloadable.js";

/** What connections on a listener are held to by the settings in force: everything of its context that is not counted or named. */
export type ListenerTerms = Omit<ListenerContext, "name" | "connections">;

/** What stands in the place of what the settings say. */
export interface TermsOverrides {
  readonly authenticator?: Authenticator;
  readonly enhanced?: readonly EnhancedAuthenticator[];
}

/** The terms of each listener by these settings. */
export function termsBy(
  { config, access }: NextSettings,
  { authenticator, enhanced }: TermsOverrides,
): (listener: ListenerConfig) => ListenerTerms {
  const methods = enhanced && new Map(enhanced.map((method) => [method.method, method]));
  return (listener) => ({
    offer: offerOf(config, listener),
    rates: ratesOfListener(config, listener),
    authenticator: authenticator ?? access.authenticatorFor(listener.name),
    enhanced: methods ?? access.enhancedFor(listener.name),
    connectTimeoutMs: listener.connectTimeoutSeconds * 1_000,
  });
}

/** What clients of a listener are told that they may use. */
function offerOf({ mqtt }: Config, { maxPacketBytes }: ListenerConfig): Offer {
  const { retainAvailable, wildcardSubscriptions, sharedSubscriptions, subscriptionIdentifiers, receiveMaximum, topicAliasMaximum } = mqtt;
  const available = { retainAvailable, wildcardSubscriptions, sharedSubscriptions, subscriptionIdentifiers };
  return { maxPacketBytes, maxQos: mqtt.maxQos as Offer["maxQos"], ...available, receiveMaximum, topicAliasMaximum };
}

/** What each client of a listener may send. */
function ratesOfListener({ mqtt }: Config, { maxMessageRate, maxByteRate }: ListenerConfig): Rates | null {
  return ratesOf(maxMessageRate, maxByteRate, mqtt.rateBurstSeconds);
}
