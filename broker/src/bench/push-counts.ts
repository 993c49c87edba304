const JOB = "mqttd_bench";
const WITHIN_MS = 5_000;

/**
 * Sends counts to a pushgateway, in place of those that the same instance sent before.
 *
 * @throws Error with what went wrong
 */
export async function pushCounts(url: string, instance: string, text: string): Promise<void> {
  const target = `${url.replace(/\/$/, "")}/metrics/job/${JOB}/instance/${encodeURIComponent(instance)}`;
  const response = await fetch(target, { method: "PUT", body: text, signal: AbortSignal.timeout(WITHIN_MS) });
  if (!response.ok) throw new Error(`${response.status} ${(await response.text()).trim()}`.trim());
}
