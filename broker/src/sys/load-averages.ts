import { PacketType } from "../codec/packet.js";
import { type Counters, total } from "./counters.js";

/** The spans that averages are kept over, by the last level of their topics. */
export const LOAD_SPANS_MS = { "1min": 60_000, "5min": 300_000, "15min": 900_000 } as const;

export type LoadSpan = keyof typeof LOAD_SPANS_MS;

const SPANS = Object.entries(LOAD_SPANS_MS) as readonly (readonly [LoadSpan, number])[];

const MINUTE_MS = 60_000;

/** What is averaged, by the name that its topics have. */
const MEASURES: Readonly<Record<string, (counters: Counters) => number>> = {
  "messages/received": ({ packetsReceived }) => total(packetsReceived),
  "messages/sent": ({ packetsSent }) => total(packetsSent),
  "publish/received": ({ publishReceived }) => total(publishReceived),
  "publish/sent": ({ publishSent }) => total(publishSent),
  "publish/dropped": ({ publishDropped }) => total(publishDropped),
  "bytes/received": ({ bytesReceived }) => bytesReceived,
  "bytes/sent": ({ bytesSent }) => bytesSent,
  sockets: ({ connectionsAccepted }) => connectionsAccepted,
  connections: ({ packetsReceived }) => packetsReceived[PacketType.Connect]!,
};

/** One average: events a minute. */
export interface Load {
  /** For example "messages/received". */
  readonly measure: string;
  readonly span: LoadSpan;
  readonly perMinute: number;
}

/**
 * How busy the broker is, as exponential averages over 1, 5 and 15 minutes, in events a minute. They start at 0, as mosquitto's do, and get
 * within 2 % of a steady load after four spans.
 */
export class LoadAverages {
  readonly #counters: Counters;
  readonly #lastCounts = new Map<string, number>();
  readonly #averages = new Map<string, number>();
  #measuredAtMs: number;

  constructor(counters: Counters, nowMs: number) {
    this.#counters = counters;
    this.#measuredAtMs = nowMs;
  }

  /** Takes in what has happened since the last call; nothing while no time has passed, or while the clock goes back. */
  update(nowMs: number): void {
    const elapsedMs = nowMs - this.#measuredAtMs;
    this.#measuredAtMs = nowMs;
    if (elapsedMs <= 0) return;

    for (const [measure, read] of Object.entries(MEASURES)) {
      const count = read(this.#counters);
      const perMinute = ((count - (this.#lastCounts.get(measure) ?? 0)) * MINUTE_MS) / elapsedMs;
      this.#lastCounts.set(measure, count);
      for (const [span, spanMs] of SPANS) {
        const former = this.#averages.get(`${measure}/${span}`) ?? 0;
        this.#averages.set(`${measure}/${span}`, perMinute + (former - perMinute) * Math.exp(-elapsedMs / spanMs));
      }
    }
  }

  loads(): Load[] {
    return Object.keys(MEASURES).flatMap((measure) =>
      SPANS.map(([span]) => ({ measure, span, perMinute: this.#averages.get(`${measure}/${span}`) ?? 0 })),
    );
  }
}
