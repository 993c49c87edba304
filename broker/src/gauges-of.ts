import type { Core } from "./handlers/core.js";
import type { SessionContext } from "./session/session-context.js";
import type { Gauges } from "./sys/gauges.js";

/** What a broker holds at this moment. */
export function gaugesOf({ registry, router, retained, counters, entrance }: Core, { held }: SessionContext): Gauges {
  return {
    sessionsOffline: registry.size - counters.clientsConnected,
    subscriptions: router.subscriptionCount,
    sharedSubscriptions: router.sharedSubscriptionCount,
    retainedMessages: retained.size,
    storedMessages: retained.size + held.messages,
    storedBytes: retained.bytes + held.bytes,
    /** Asked for only where it is shown, as the runtime takes longer to tell than for all the rest. */
    get heapBytes() {
      return process.memoryUsage().heapUsed;
    },
    filters: router.filterCount,
    loopLagMs: entrance.loopLagMs,
  };
}
