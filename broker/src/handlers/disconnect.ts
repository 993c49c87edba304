import { decode } from "../codec/codec.js";
import type { DisconnectPacket } from "../codec/packet.js";
import { violation } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import type { Core } from "./core.js";
import { longestSessionExpiry } from "./session-refusals.js";

export function handleDisconnect(core: Core, connection: Connection, bytes: Uint8Array, start: number, end: number): void {
  const { reasonCode, properties } = decode(bytes, start, end, connection.version) as DisconnectPacket;
  const { sessionExpiryIntervalSeconds } = properties;
  const { session } = connection;
  if (session !== null && sessionExpiryIntervalSeconds !== undefined) {
    const longest = longestSessionExpiry(core);
    // Where no session may outlive its connection, the client was told so and has not heeded it.
    if (sessionExpiryIntervalSeconds > 0 && !session.isPersistent && longest > 0) {
      throw violation("DISCONNECT gives a Session Expiry Interval to a session that had none"); // 3.14.2.2.2
    }
    const isPersistent = sessionExpiryIntervalSeconds > 0;
    if (session.isPersistent && !isPersistent) core.registry.becomeClean(session);
    session.expirySeconds = Math.min(sessionExpiryIntervalSeconds, longest);
  }
  if (reasonCode === ReasonCode.NormalDisconnection) connection.will = null; // [MQTT-3.14.4-3], 3.1.1 [MQTT-3.14.4-3]
  connection.closeQuietly(
    reasonCode === ReasonCode.NormalDisconnection ? "disconnected" : `disconnected with 0x${reasonCode.toString(16)}`,
  );
}
