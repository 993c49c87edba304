import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import type { Core } from "./core.js";
import { forgetLifetime } from "./lifetime.js";
import { willMessage } from "./will.js";

/** A connection has ended, or is about to: its session stays behind, or ends with it, and its will is published. */
export function leave(core: Core, connection: Connection, wasConnected: boolean, reasonCode: ReasonCode, reason: string): void {
  const { counters, log } = core;
  const { session, will } = connection;
  core.exchanges.delete(connection);
  core.methods.delete(connection);
  forgetLifetime(core, connection);
  connection.session = null;
  connection.will = null;
  if (!wasConnected) {
    if (reasonCode !== ReasonCode.Success) log.debug({ listener: connection.listener.name, reason }, "connection refused");
    return;
  }
  counters.clientLeft();
  if (reasonCode !== ReasonCode.Success) counters.disconnects[reasonCode]!++;
  if (log.isLevelEnabled("debug")) log.debug({ clientId: session?.clientId, reasonCode, reason }, "client disconnected");
  if (session === null || session.link !== connection) return;

  const delaySeconds = will?.properties.willDelayIntervalSeconds ?? 0;
  core.registry.leave(session, will === null ? undefined : willMessage(will, session.clientId, core.clock.now()), delaySeconds);
}
