import { EntryFiles, type Report } from "./entry-files.js";
import type { MetricsSettings } from "./metrics-schema.js";
import type { ReadFile } from "./pem-files.js";

/** Numbers for Prometheus as the broker needs them. */
export interface MetricsConfig {
  readonly emqxNames: boolean;
  /** Undefined: nothing is pushed. */
  readonly push: PushConfig | undefined;
}

export interface PushConfig {
  readonly url: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly job: string;
  readonly grouping: Readonly<Record<string, string>>;
  /** `user:password`. */
  readonly user: string | undefined;
  readonly ca: string | undefined;
  readonly deleteOnStop: boolean;
}

export interface MetricsSources {
  /** Names below `metrics` of those settings that are not as they are by default. */
  readonly given: readonly string[];
  /** Name of this broker. */
  readonly instance: string;
  readonly readFile: ReadFile;
}

/** The settings of `metrics` with their files read; what is wrong with them is reported. */
export function resolveMetrics(
  { emqxNames, push }: MetricsSettings,
  { given, instance, readFile }: MetricsSources,
  report: Report<string>,
): MetricsConfig {
  const { url, passwordFile, caFile, grouping, ...rest } = push;
  const files = new EntryFiles(readFile, report);
  if (url === undefined) {
    // Whoever names anything else wants them to be pushed.
    const idle = given.filter((name) => name.startsWith("push.")).map((name) => name.slice("push.".length));
    for (const field of idle) files.report(field, "without metrics.push.url it does nothing: name the URL too, or leave it out");
    return { emqxNames, push: undefined };
  }
  const user = files.text("passwordFile", passwordFile)?.trim();
  if (user !== undefined && !/^[^:\s][^:\n]*:[^\n]+$/.test(user)) files.report("passwordFile", "it is not one line user:password");
  const ca = files.text("caFile", caFile);
  return { emqxNames, push: { ...rest, url, grouping: { instance, ...grouping }, user, ca } };
}
