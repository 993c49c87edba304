import type { Check } from "./check.js";

/** Certificates, tokens and bans are counted in seconds. */
const MOST_SECONDS_OFF = 2;

export interface ClockReadings {
  /** By the system's clock. */
  readonly nowMs: number;
  /** When files that were here before this process were written: the clock cannot have been later then. */
  readonly earlierMs: readonly number[];
  /** How far the system's clock went while `steadyMs` passed by the monotonic one. */
  readonly elapsedMs: number;
  readonly steadyMs: number;
  /** What the NATS server's clock said, if it was asked. */
  readonly natsMs: number | undefined;
}

/** Whether the system's clock can be right. */
export function clockCheck({ nowMs, earlierMs, elapsedMs, steadyMs, natsMs }: ClockReadings): Check {
  const latest = Math.max(0, ...earlierMs);
  const base = {
    name: "clock",
    need: "advised",
    wanted: natsMs === undefined ? "later than files" : time(natsMs),
    effective: time(nowMs),
  } as const;
  const remedy = "have the node's clock set by chrony or systemd-timesyncd";
  const seconds = (milliseconds: number) => Math.round(Math.abs(milliseconds) / 1_000);
  if (seconds(nowMs - latest) >= MOST_SECONDS_OFF && nowMs < latest) {
    return { ...base, verdict: "differs", detail: `it is ${seconds(latest - nowMs)} s before files of this machine were written`, remedy };
  }
  if (seconds(elapsedMs - steadyMs) >= MOST_SECONDS_OFF) {
    return { ...base, verdict: "differs", detail: `it jumped by ${seconds(elapsedMs - steadyMs)} s while it was looked at`, remedy };
  }
  if (natsMs !== undefined && seconds(nowMs - natsMs) >= MOST_SECONDS_OFF) {
    return { ...base, verdict: "differs", detail: `it is ${seconds(nowMs - natsMs)} s from the clock of the NATS server`, remedy };
  }
  return { ...base, verdict: "ok" };
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
