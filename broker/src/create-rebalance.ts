import { LocalBackplane } from "./cluster/local-backplane.js";
import type { Core } from "./handlers/core.js";
import { Rebalance } from "./rebalance/rebalance.js";

/** What moves the clients of a broker away. */
export function createRebalance(core: Core): Rebalance {
  const { clock, log, registry, counters, settings, backplane } = core;
  const hasPeers = backplane.movesSessions && !(backplane instanceof LocalBackplane);
  return new Rebalance({
    clock,
    log,
    broker: {
      sessions: registry,
      get connected() {
        return counters.clientsConnected;
      },
      turnAway: (departure) => {
        core.turnsAway = departure;
      },
      handOver: hasPeers ? (clientId, takers) => backplane.handOver(clientId, takers) : undefined,
    },
    departureSettings: () => settings,
  });
}
