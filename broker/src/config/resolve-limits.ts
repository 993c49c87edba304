import type { LimitsSettings } from "./limits-schema.js";
import type { Finding } from "./listener-rules.js";
import { limit } from "./resolve-listener.js";

/** The bounds of who may come in and of what the process can bear, as the broker needs them: a limit that is `off` is Infinity, a delay 0. */
export type LimitsConfig = { readonly [Name in keyof LimitsSettings]: Exclude<LimitsSettings[Name], "off"> };

export function resolveLimits(settings: LimitsSettings): LimitsConfig {
  const { maxConnectRate, maxHalfOpen, maxConnectionsPerAddress, memoryHighPercent, loopLagHighMs, failedAuthenticationDelayMs } = settings;
  return {
    ...settings,
    maxConnectRate: limit(maxConnectRate),
    maxHalfOpen: limit(maxHalfOpen),
    maxConnectionsPerAddress: limit(maxConnectionsPerAddress),
    memoryHighPercent: limit(memoryHighPercent),
    loopLagHighMs: limit(loopLagHighMs),
    failedAuthenticationDelayMs: failedAuthenticationDelayMs === "off" ? 0 : failedAuthenticationDelayMs,
  };
}

/** What is wrong between the settings of the limits: a low watermark lies below its high one. */
export function limitFindings({ memoryHighPercent, memoryLowPercent, loopLagHighMs, loopLagLowMs }: LimitsSettings): readonly Finding[] {
  const findings: Finding[] = [];
  if (memoryLowPercent > limit(memoryHighPercent)) {
    const why = `it may not lie above limits.memoryHighPercent, which is ${memoryHighPercent}`;
    findings.push({ path: ["limits", "memoryLowPercent"], why });
  }
  if (loopLagLowMs > limit(loopLagHighMs)) {
    findings.push({ path: ["limits", "loopLagLowMs"], why: `it may not lie above limits.loopLagHighMs, which is ${loopLagHighMs}` });
  }
  return findings;
}
