import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { Broker } from "../../src/broker.js";
import type { BrokerOptions } from "../../src/broker-options.js";
import { configFrom } from "../../src/config/load-config.js";
import { openLog } from "../../src/log.js";
import { ManualClock } from "./manual-clock.js";
import { SettableVitals } from "./settable-vitals.js";

export interface TestBroker {
  readonly broker: Broker;
  /** Of the first listener. */
  readonly port: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly clock: ManualClock;
  stop(): Promise<void>;
}

export interface TestBrokerOptions extends Partial<Omit<BrokerOptions, "clock">> {
  /** As in the configuration file; by default one TCP listener on a free port, and no `$SYS` topics. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly clock?: ManualClock;
  /** Whether the test has taken away what it needs to stop as it should. */
  readonly isDead?: () => boolean;
}

/** A broker in this process, on free ports of the loopback address, that ends with the test. */
export async function startBroker({
  settings,
  clock = new ManualClock(),
  isDead,
  ...options
}: TestBrokerOptions = {}): Promise<TestBroker> {
  const defaults = {
    listeners: [{ name: "tcp", host: "127.0.0.1", port: 0, transport: "tcp" }],
    sysIntervalSeconds: 0,
    shutdownSeconds: 1,
  };
  const config = configFrom({ ...defaults, ...settings }, (path) => readFileSync(path, "utf8"));
  const broker = new Broker(config, { log: openLog({ level: "silent", format: "json" }), vitals: new SettableVitals(), ...options, clock });
  await broker.start();
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= broker.stop());
  onTestFinished(() =>
    stop().catch((error: unknown) => {
      if (isDead?.() !== true) throw error;
    }),
  );
  const ports = Object.fromEntries(broker.listeners.map(({ name, address }) => [name, address.port]));
  return { broker, port: broker.listeners[0]!.address.port, ports, clock, stop };
}
