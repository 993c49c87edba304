import { type Delivery, DeliveryState } from "../session/delivery.js";
import type { WholeSession } from "./session-records.js";
import type { StoreReplay } from "./store-replay.js";

/** What a broker that has died had for a member of shared groups that does not get it any more: other members do. */
export interface OwedToGroups {
  readonly clientId: string;
  readonly deliveries: readonly Delivery[];
}

/** What had come to a place for a session that is elsewhere by now. */
export function owedByPlace({ session: { clientId, arrivingFrom }, messages }: Pick<WholeSession, "session" | "messages">): OwedToGroups {
  const { deliveries } = messages;
  return { clientId, deliveries: arrivingFrom === undefined ? [] : deliveries.filter(({ shared }) => shared !== undefined) };
}

/** What clean sessions had, which have died with their broker. Not what may have been sent at QoS 2: nobody else gets that [MQTT-4.8.2-5]. */
export function owedByCleanSessions({ sessions, queues }: StoreReplay): OwedToGroups[] {
  const lasting = new Set(Array.from(sessions.values(), ({ session }) => session.clientId));
  return Array.from(queues.values())
    .filter(({ clientId }) => !lasting.has(clientId))
    .map(({ clientId, deliveries }) => ({
      clientId,
      deliveries: Array.from(deliveries.values(), ({ delivery }) => delivery)
        .filter(({ qos, state }) => qos < 2 || state === DeliveryState.Queued)
        .sort((a, b) => a.sequence - b.sequence),
    }))
    .filter(({ deliveries }) => deliveries.length > 0);
}
