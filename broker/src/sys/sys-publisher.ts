import type { Clock } from "../clock.js";
import { type Message, NEVER } from "../message.js";
import type { Counters } from "./counters.js";
import type { Gauges } from "./gauges.js";
import { LoadAverages } from "./load-averages.js";
import type { ClusterReadings } from "./reading.js";
import { type SysSnapshot, sysTopics } from "./sys-topics.js";

export interface SysPublisherOptions {
  /** For example "mqttd version 0.1.0". */
  readonly version: string;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Asked at each tick. */
  readonly gauges: () => Gauges;
  /** Asked at each tick. @default - the broker is alone */
  readonly cluster?: (() => ClusterReadings) | undefined;
  /** Takes retained messages of QoS 0 that nobody publishes but the broker. */
  readonly publish: (message: Message) => void;
}

/** Keeps the `$SYS` topics up to date: each `tick` publishes those whose text has changed. */
export class SysPublisher {
  readonly #options: SysPublisherOptions;
  readonly #loads: LoadAverages;
  readonly #startedAtMs: number;
  readonly #published = new Map<string, string>();
  readonly #encoder = new TextEncoder();
  #heapMaximumBytes = 0;

  constructor(options: SysPublisherOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.now();
    this.#loads = new LoadAverages(options.counters, this.#startedAtMs);
  }

  /** Called every few seconds. */
  tick(): void {
    for (const { topic, value } of sysTopics(this.#snapshot())) {
      if (this.#published.get(topic) === value) continue;
      this.#published.set(topic, value);
      this.#options.publish(this.#message(topic, value));
    }
  }

  #snapshot(): SysSnapshot {
    const { version, clock, counters } = this.#options;
    const now = clock.now();
    const gauges = this.#options.gauges();
    this.#loads.update(now);
    this.#heapMaximumBytes = Math.max(this.#heapMaximumBytes, gauges.heapBytes);
    return {
      version,
      uptimeSeconds: Math.max(0, Math.floor((now - this.#startedAtMs) / 1_000)),
      heapMaximumBytes: this.#heapMaximumBytes,
      counters,
      gauges,
      loads: this.#loads.loads(),
      cluster: this.#options.cluster?.(),
    };
  }

  #message(topic: string, value: string): Message {
    const payload = this.#encoder.encode(value);
    return { topic, payload, qos: 0, retain: true, properties: {}, expiresAtMs: NEVER, publisher: "" };
  }
}
