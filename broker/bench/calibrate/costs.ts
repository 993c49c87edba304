import { cellOf, type ValueCell } from "../measurement.js";
import type { Report } from "../report/report.js";
import { LARGE_PAYLOAD_BYTES } from "../rows.js";

/** Rows of the bench that costs are made of. */
export const ROWS = [
  "memory",
  "memory-tls",
  "window1",
  "sparse-qos1",
  "sparse-qos2",
  "sparse-large",
  "sparse-tls",
  "fan-out-single",
  "accept-cost",
  "accept-cost-tls",
] as const;

/** What the bench says of one runtime: bytes, and seconds of the broker's core. `lib/sizing/measurements.ts` describes each. */
export interface RuntimeCosts {
  readonly processBytes: number;
  readonly connectionBytes: number;
  readonly tlsConnectionBytes: number;
  readonly messageSeconds: readonly [number, number, number];
  readonly deliverySeconds: number;
  readonly payloadByteSeconds: number;
  readonly tlsMessageSeconds: number;
  readonly connectSeconds: number;
  readonly tlsConnectSeconds: number;
}

/** A byte of payload goes in and out; what other rows send as well does not count. */
const SMALL_PAYLOAD_BYTES = 64;

/** The costs of a broker, from a report that has all of ROWS for it. Throws an Error that names what is missing. */
export function costsOf(report: Report, contender: string): RuntimeCosts {
  const cell = (row: (typeof ROWS)[number]): ValueCell => {
    const found = cellOf(report.measurements, row, contender);
    if (found === undefined) throw new Error(`row '${row}' of ${contender} was not measured`);
    if ("failure" in found) throw new Error(`row '${row}' of ${contender} failed: ${found.failure}`);
    return found;
  };
  /** Seconds of the core that the broker has to itself, interrupts included, for one of what the row counts. */
  const secondsEach = (row: (typeof ROWS)[number], perSecond = cell(row).median) => busyShare(cell(row)) / perSecond;

  const memory = cell("memory");
  const qos0 = secondsEach("window1");
  return {
    processBytes: memory.details.residentBytesAt0!,
    connectionBytes: memory.median,
    tlsConnectionBytes: cell("memory-tls").median,
    messageSeconds: [qos0, secondsEach("sparse-qos1"), secondsEach("sparse-qos2")],
    deliverySeconds: secondsEach("fan-out-single"),
    payloadByteSeconds: Math.max(0, (secondsEach("sparse-large") - qos0) / (LARGE_PAYLOAD_BYTES - SMALL_PAYLOAD_BYTES)),
    tlsMessageSeconds: Math.max(0, secondsEach("sparse-tls") - qos0),
    connectSeconds: secondsEach("accept-cost", cell("accept-cost").details.perSecond),
    tlsConnectSeconds: secondsEach("accept-cost-tls", cell("accept-cost-tls").details.perSecond),
  };
}

/** Of the broker's core where it was pinned to one, without what other programs took of it; else what the process took. */
function busyShare({ processor: { broker, cores, others } }: ValueCell): number {
  return Math.max(broker, (cores[0] ?? 0) - (others[0] ?? 0));
}
