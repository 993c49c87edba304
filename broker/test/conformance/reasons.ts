import type { ClauseKey } from "./evidence.js";

/** Why a clause that a server could break has no test. What binds the client alone needs no reason here. */
export const REASONS: Readonly<Partial<Record<ClauseKey, string>>> = {
  "5.0 MQTT-3.14.2-4": "The broker's DISCONNECT carries no user properties",
  "5.0 MQTT-3.15.2-2": "The broker's AUTH carries no reason string",
  "5.0 MQTT-3.15.2-3": "The broker's AUTH carries no user properties",
  "3.1.1 MQTT-7.0.0-1": "The broker makes no connections to other servers",
  "3.1.1 MQTT-7.0.0-2": "There are no extensions that a client would have to know; the foreign clients of the tests use none",
};
