import { SYSTEM_CLOCK } from "../clock.js";
import type { Config } from "../config/config.js";
import { logPlan } from "../doctor/log-plan.js";
import { connectionBounds } from "../limits/connection-bounds.js";
import { growDescriptorTable } from "../limits/descriptor-table.js";
import type { HostLimits } from "../limits/host-limits.js";
import { logLimits } from "../limits/start-report.js";
import { textOf } from "../limits/this-host.js";
import type { Log } from "../log.js";
import { VERSION } from "../version.js";
import { Ending, type ProcessEvents } from "./ending.js";
import { Hangups } from "./hangups.js";
import type { SettingsSource } from "./run.js";
import type { MakeBroker } from "./running-broker.js";
import { EXIT } from "./terminal.js";

export interface ServeParts extends SettingsSource {
  readonly makeBroker: MakeBroker;
  readonly log: Log;
  readonly host: HostLimits;
  readonly events: ProcessEvents;
  /** Called when it begins with what it is there for. */
  readonly onReady?: () => void;
}

/** Runs a broker until something ends it, and resolves with the exit code. */
export async function serve(config: Config, parts: ServeParts): Promise<number> {
  const ending = new Ending(parts.events, parts.log);
  const hangups = new Hangups(parts.events);
  const untilAsked = startAndStop(config, parts, ending.asked, hangups).catch((error) => {
    parts.log.fatal({ err: error }, "the broker cannot go on");
    return EXIT.failure;
  });
  const code = await Promise.race([ending.atOnce, untilAsked]);
  ending.ignore();
  hangups.ignore();
  return code;
}

async function startAndStop(
  config: Config,
  { makeBroker, log, host, load, hasChanged, onReady }: ServeParts,
  asked: Promise<string>,
  hangups: Hangups,
): Promise<number> {
  log.info({ version: VERSION }, "starting");
  logLimits(host, config, log);
  growDescriptorTable(connectionBounds(host, config).bounds[0]?.connections ?? Number.POSITIVE_INFINITY);
  if (config.plan) logPlan(config.plan, { readText: textOf, openFiles: host.openFiles }, log);
  const broker = makeBroker(config, { log, clock: SYSTEM_CLOCK, load });
  await broker.start();
  for (const { name, transport, address } of broker.listeners) log.info({ listener: name, transport, ...address }, "listening");
  onReady?.();
  log.info({}, "ready");
  hangups.answerBy(() => broker.reload(load));
  const watch = watchFiles(config.reloadSeconds, () => hasChanged() && hangups.ask());

  const signal = await asked;
  clearInterval(watch);
  log.info({ signal }, "stopping");
  await broker.stop();
  log.info({}, "stopped");
  return EXIT.ok;
}

function watchFiles(everySeconds: number, look: () => void): NodeJS.Timeout | undefined {
  return Number.isFinite(everySeconds) ? setInterval(look, everySeconds * 1_000) : undefined;
}
