import type { Config } from "./config/config.js";
import { departure, refusal } from "./drain/departure.js";
import { drain } from "./drain/drain.js";
import { turnAway } from "./handlers/connect.js";
import type { Core } from "./handlers/core.js";
import type { Listeners } from "./listening/listeners.js";
import type { Rebalance } from "./rebalance/rebalance.js";

export interface LeavingParts {
  readonly core: Core;
  readonly listeners: Listeners;
  readonly rebalance: Rebalance;
  readonly settings: Config["drain"];
  /** Time for all of it. */
  readonly withinMs: number;
}

/** This part of the time is for clients to go, and for other brokers to take their sessions; the rest is the stores'. */
const LEAVING_SHARE = 0.9;

/** Accepts nobody any more, tells clients to go, and has other brokers take the sessions that stay behind, as far as there is time. */
export async function takeLeave({ core, listeners, rebalance, settings, withinMs }: LeavingParts): Promise<void> {
  const startedAtMs = Date.now();
  const { clock, counters, log, registry, unsettled } = core;
  rebalance.stop();
  core.turnsAway = refusal(core.settings);
  await listeners.stop();
  core.connects.handleAll();
  await drain({
    clock,
    counters,
    log,
    sessions: registry,
    unsettled,
    departure: departure(core.settings),
    turnAway: (connection) => turnAway(core, connection),
    disconnectRate: settings.disconnectRate,
    withinMs,
  });
  await rebalance.handOverAll(withinMs * LEAVING_SHARE - (Date.now() - startedAtMs));
}
