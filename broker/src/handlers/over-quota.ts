import type { AckType } from "../codec/packet.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import type { Publication } from "../publication/publication.js";
import type { Routes } from "../routing/routes.js";
import type { Core } from "./core.js";

/**
 * Refuses a message that cannot be kept, because memory is short or there is no room for one more retained message: nobody gets it. Only
 * 5.0 can say so, above QoS 0; other messages go to who is there, and are not kept. True if it was refused.
 */
export function refuseOverQuota(
  core: Core,
  connection: Connection,
  publication: Publication<Routes>,
  type: AckType,
  packetId: number,
): boolean {
  if (connection.version !== 5) return false;
  const isFull = core.entrance.overload.memory || (publication.retain && !core.router.mayRetain(publication));
  if (!isFull) return false;
  core.counters.publishOverQuota++;
  const { inbound } = connection;
  if (inbound === null) connection.acknowledge(type, packetId, ReasonCode.QuotaExceeded);
  else inbound.acks.add(connection, undefined, type, packetId, ReasonCode.QuotaExceeded);
  return true;
}
