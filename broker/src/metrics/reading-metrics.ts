import type { ReadingFamily, ReadingSource } from "../sys/reading.js";
import { READINGS } from "../sys/readings.js";
import type { Metric, Sample } from "./metric.js";

/** What names of ours begin with. */
export const PREFIX = "mqttd_";

/** Every reading under a name of ours: `mqttd_<name>`, counters with `_total`. Sums are left out, as whoever asks can add up. */
export function readingMetrics(source: () => ReadingSource): Metric[] {
  return READINGS.filter(({ isSum }) => !isSum).map((family) => ({
    name: metricName(family),
    help: family.help,
    type: family.kind,
    read: () => samplesOf(family, source()),
  }));
}

/** What a family of readings is called by Prometheus. */
export function metricName({ name, kind }: ReadingFamily): string {
  return `${PREFIX}${name}${kind === "counter" ? "_total" : ""}`;
}

function samplesOf({ readings }: ReadingFamily, source: ReadingSource): Sample[] {
  return readings.flatMap(({ labels, read }) => {
    const value = read(source);
    return value === undefined ? [] : [{ value, labels }];
  });
}
