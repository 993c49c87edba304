import { decode } from "../codec/codec.js";
import { PacketType, type UnsubscribePacket } from "../codec/packet.js";
import { NO_PROPERTIES } from "../codec/properties.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import type { Core } from "./core.js";
import { notStored } from "./not-stored.js";

/** [MQTT-3.10.4-1] to [MQTT-3.10.4-6]. Messages that are on their way already are still delivered. */
export function handleUnsubscribe(
  core: Core,
  connection: Connection,
  bytes: Uint8Array,
  start: number,
  end: number,
): Promise<void> | undefined {
  const { packetId, topicFilters } = decode(bytes, start, end, connection.version) as UnsubscribePacket;
  const reasonCodes = topicFilters.map((topicFilter) =>
    core.registry.unsubscribe(connection.session!, topicFilter) ? ReasonCode.Success : ReasonCode.NoSubscriptionExisted,
  );
  const answer = () => connection.send({ type: PacketType.Unsuback, packetId, properties: NO_PROPERTIES, reasonCodes });
  const stored = core.registry.commit();
  if (stored !== undefined) {
    const answerIfThere = () => {
      if (connection.session !== null) answer();
    };
    return stored.then(answerIfThere, (error: unknown) => notStored(core, connection, error));
  }
  answer();
  return undefined;
}
