import type { HttpHookSettings } from "../../src/auth/http-hook.js";
import { ManualClock } from "../support/manual-clock.js";
import { RecordingLog } from "./recording-log.js";

/** A hook that nothing is special about; a test says what is. */
export function hookSettings(url: string, special: Partial<HttpHookSettings> = {}): HttpHookSettings {
  return {
    url,
    headers: {},
    timeoutMs: 5_000,
    maxConnections: 4,
    maxWaiting: 1_000,
    maxAnswerBytes: 65_536,
    cacheEntries: 100,
    allowCacheMs: 0,
    denyCacheMs: 0,
    ...special,
  };
}

export function hookParts() {
  const counters = { hookQuestions: 0, hookFailures: 0, hookBusy: 0, hookCacheHits: 0 };
  return { clock: new ManualClock(), log: new RecordingLog(), counters };
}
