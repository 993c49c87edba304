import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../codec/random.js";
import { type ChaosCluster, DEAD_AFTER_SECONDS } from "./chaos-cluster.js";

/** What is done to one broker or one NATS server, and for how long. */
export type FaultKind = "kill broker" | "restart broker" | "freeze broker" | "cut broker off" | "kill NATS" | "freeze NATS";

export interface Fault {
  readonly kind: FaultKind;
  readonly target: number;
  readonly lastsMs: number;
}

/** Kinds as often as they stand here. */
export const USUAL_FAULTS: readonly FaultKind[] = [
  "kill broker",
  "kill broker",
  "freeze broker",
  "freeze broker",
  "cut broker off",
  "restart broker",
  "kill NATS",
  "kill NATS",
  "freeze NATS",
];
const DEAD_MS = DEAD_AFTER_SECONDS * 1_000;
/** Long ones are longer than the others wait before they take a broker for dead. */
const SHORT_MS = [100, 1_500] as const;
const LONG_MS = [DEAD_MS + 500, DEAD_MS + 4_000] as const;
const PAUSE_MS = [100, 2_500] as const;
/** Two of three brokers, and one of three NATS servers, as more is an outage. */
const MOST_BROKERS = 2;
const MOST_SERVERS = 1;

/** Harms a cluster at random, with the same faults at the same times for the same numbers. */
export class Faults {
  readonly counts = new Map<FaultKind, number>();
  readonly #cluster: ChaosCluster;
  readonly #random: Random;
  readonly #kinds: readonly FaultKind[];
  readonly #onEvent: (text: string) => void;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(cluster: ChaosCluster, random: Random, kinds: readonly FaultKind[], onEvent: (text: string) => void) {
    this.#cluster = cluster;
    this.#kinds = kinds;
    this.#random = random;
    this.#onEvent = onEvent;
  }

  /** Goes on for that time; resolves when everything is whole again. */
  async run(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    while (performance.now() < until) {
      await pause(this.#random.integer(...PAUSE_MS));
      const fault = this.#next();
      if (this.#isPossible(fault)) this.#begin(fault);
    }
    await Promise.all(this.#underWay.values());
  }

  #next(): Fault {
    const random = this.#random;
    const kind = random.pick(this.#kinds);
    const lastsMs = random.integer(...(random.chance(2) ? SHORT_MS : LONG_MS));
    return { kind, target: random.integer(0, this.#cluster.brokers.length - 1), lastsMs };
  }

  #isPossible({ kind, target }: Fault): boolean {
    const isServer = kind.endsWith("NATS");
    if (target >= (isServer ? this.#cluster.servers : this.#cluster.brokers).length || this.#underWay.has(keyOf(kind, target)))
      return false;
    const same = [...this.#underWay.keys()].filter((key) => key.startsWith(isServer ? "NATS" : "broker")).length;
    return same < (isServer ? MOST_SERVERS : MOST_BROKERS);
  }

  #begin(fault: Fault): void {
    const { kind, target, lastsMs } = fault;
    const key = keyOf(kind, target);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.#onEvent(`${kind} ${target} for ${lastsMs} ms`);
    const over = this.#carryOut(fault).then(() => {
      this.#underWay.delete(key);
      this.#onEvent(`${key} is whole again`);
    });
    this.#underWay.set(key, over);
  }

  async #carryOut({ kind, target, lastsMs }: Fault): Promise<void> {
    const broker = this.#cluster.brokers[target]!;
    const server = this.#cluster.servers[target]!;
    switch (kind) {
      case "kill broker":
        await broker.kill();
        await pause(lastsMs);
        return broker.start();
      case "restart broker":
        await broker.stop();
        return broker.start();
      case "freeze broker":
        broker.freeze();
        await pause(lastsMs);
        return broker.thaw();
      case "cut broker off":
        broker.cut();
        await pause(lastsMs);
        return broker.mend();
      case "kill NATS":
        await server.kill();
        await pause(lastsMs);
        return server.start();
      case "freeze NATS":
        server.freeze();
        await pause(lastsMs);
        server.thaw();
        return server.healthy();
    }
  }
}

function keyOf(kind: FaultKind, target: number): string {
  return `${kind.endsWith("NATS") ? "NATS" : "broker"} ${target}`;
}
