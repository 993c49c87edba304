import type { ProbeAnswer } from "../cluster/nats/probe-servers.js";
import type { Config } from "../config/config.js";
import type { HostLimits, ReadText } from "../limits/host-limits.js";
import { type Check, isWrong } from "./check.js";
import { type ClockReadings, clockCheck } from "./clock-check.js";
import { machineChecks, nodeChecks } from "./machine-checks.js";
import { planChecks } from "./plan-checks.js";

/** Connections that a broker is taken to be for, unless it is told. */
const USUAL_CONNECTIONS = 10_000;

/** What a doctor needs of the machine, so that a test can be another one. */
export interface DoctorPorts {
  readonly host: HostLimits;
  readonly readText: ReadText;
  /** Asks the NATS servers of the settings. */
  readonly probeNats: (nats: NonNullable<Config["nats"]>) => Promise<ProbeAnswer>;
  /** What the clocks say by now. */
  readonly readClocks: () => Omit<ClockReadings, "natsMs">;
}

export interface DoctorOptions {
  readonly config: Pick<Config, "listeners" | "maxConnections" | "nats" | "plan">;
  /** Connections that this broker is to hold. @default - maxConnections, or 10,000 */
  readonly connections?: number | undefined;
  /** Names of checks that a broker may not serve without, besides those that are required anyway. */
  readonly require?: readonly string[];
  /** Names of checks that are left out. */
  readonly skip?: readonly string[];
}

/** What a doctor found: the body of `/api/v1/doctor`, and what `mqttd doctor --json` prints. */
export interface DoctorReport {
  /** Whether a broker may serve: nothing that is required is wrong. */
  readonly ok: boolean;
  /** ISO 8601. */
  readonly at: string;
  /** The plan that it was compared with, if there was one. */
  readonly plan: { readonly pool: string; readonly platform: string; readonly profile: string } | undefined;
  /** How many checks are wrong. */
  readonly wrong: { readonly required: number; readonly advised: number };
  readonly checks: readonly Check[];
}

/** Names of checks that can be asked for, apart from a plan's keys: a listener's backlog is `backlog`. */
export const CHECK_GROUPS = ["open-files", "memory", "heap", "pids", "backlog", "nats", "clock"] as const;

/** Looks at everything once. Changes nothing, and does not throw for what it finds. */
export async function runDoctor(options: DoctorOptions, ports: DoctorPorts): Promise<DoctorReport> {
  const { config, require = [], skip = [] } = options;
  const { plan, nats } = config;
  const answer = nats && !skip.includes("nats") ? await ports.probeNats(nats) : undefined;
  const found = [
    ...localChecks(options, ports),
    ...(nats && answer ? [natsCheck(nats, answer)] : []),
    clockCheck({ ...ports.readClocks(), natsMs: answer?.clock && Date.now() + answer.clock.theirsMs - answer.clock.oursMs }),
  ];
  const names = new Set(found.map(({ name }) => groupOf(name)));
  const absent = require.filter((name) => !names.has(name) && !(CHECK_GROUPS as readonly string[]).includes(name));
  const checks = [...found, ...absent.map(absentCheck)]
    .filter(({ name }) => !skip.includes(groupOf(name)))
    .map((check): Check => (require.includes(groupOf(check.name)) ? { ...check, need: "required" } : check));
  const wrong = checks.filter(isWrong);
  const required = wrong.filter(({ need }) => need === "required").length;
  return {
    ok: required === 0,
    at: new Date().toISOString(),
    plan: plan && { pool: plan.pool, platform: plan.platform, profile: plan.profile },
    wrong: { required, advised: wrong.length - required },
    checks,
  };
}

/** What can be seen without asking anybody: the plan's keys, or the node's that the connections need; limits and backlogs. */
export function localChecks({ config, connections }: DoctorOptions, { host, readText }: Pick<DoctorPorts, "host" | "readText">): Check[] {
  const given = connections ?? (Number.isFinite(config.maxConnections) ? config.maxConnections : undefined);
  const target = { config, connections: given ?? USUAL_CONNECTIONS, isGiven: given !== undefined };
  const ofNode = config.plan ? planChecks(config.plan, { readText, openFiles: host.openFiles }) : nodeChecks(readText, target);
  return [...ofNode, ...machineChecks(host, readText, target)];
}

function natsCheck({ servers, replicas }: NonNullable<Config["nats"]>, { version, problems }: ProbeAnswer): Check {
  const wanted = `2.11, JetStream, ${replicas} ${replicas === 1 ? "replica" : "replicas"}`;
  // A broker waits for it by itself, and is not ready before.
  const base = { name: "nats", need: "advised", wanted, effective: version } as const;
  if (problems.length === 0) return { ...base, verdict: "ok", detail: servers.join(", ") };
  return { ...base, verdict: "failed", detail: problems.join("; ") };
}

/** A key that was asked for by a wrong name must not look as if all were well. */
function absentCheck(name: string): Check {
  const detail = "it is required, and the plan does not have it";
  return {
    name,
    need: "required",
    wanted: undefined,
    effective: undefined,
    verdict: "failed",
    detail,
    remedy: "require a key that it has",
  };
}

function groupOf(name: string): string {
  return name.split(" ", 1)[0]!;
}
