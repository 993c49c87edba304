import type { ReadingSource } from "../../sys/reading.js";
import { READINGS } from "../../sys/readings.js";

/** What the dashboard follows from second to second: names as in `GET /api/v1/nodes`, and the readings that they are. */
const FOLLOWED = {
  connections: "connections.count",
  sessions: "sessions.count",
  subscriptions: "subscriptions.count",
  topics: "topics.count",
  retained: "retained.count",
  received_msgs: "messages.received",
  sent_msgs: "messages.sent",
  dropped_msgs: "delivery.dropped",
  received_bytes: "bytes.received",
  sent_bytes: "bytes.sent",
} as const;

/** What each place of a row stands for. Messages and bytes count from the start of the broker. */
export const ROW_FIELDS: readonly string[] = ["at", "memory_bytes", ...Object.keys(FOLLOWED)];

const READ = Object.values(FOLLOWED).map((key) => {
  const reading = READINGS.flatMap(({ readings }) => readings).find((one) => one.key === key && Object.keys(one.labels).length === 0);
  if (reading === undefined) throw new Error(`there is no reading ${key}`);
  return reading;
});

/** One moment of a broker, in the order of ROW_FIELDS. */
export type Row = readonly number[];

export function rowOf(source: ReadingSource, atMs: number): Row {
  return [atMs, process.memoryUsage.rss(), ...READ.map((reading) => reading.read(source) ?? 0)];
}
