import { setTimeout as pause } from "node:timers/promises";
import { Random } from "../codec/random.js";
import type { Actor } from "../torture/actors.js";
import { lost } from "../torture/check-history.js";
import { TortureClient } from "../torture/torture-client.js";
import { chaosCast, type Sessions } from "./chaos-cast.js";
import type { ChaosCluster } from "./chaos-cluster.js";
import { ChaosHistory } from "./chaos-history.js";
import { checkChaos, lostToConnections, retainedProblems } from "./check-chaos.js";
import { type FaultKind, Faults, USUAL_FAULTS } from "./faults.js";
import { RoamingClient } from "./roaming-client.js";
import { Witness } from "./witness.js";

/** Every actor acts about so often. */
const TURN_MS = [2, 18] as const;
/** A client that hears nothing for so long, though it asks, goes elsewhere. */
const PATIENCE_MS = 3_000;
const PING_EVERY_MS = 1_000;
/** What has not come when nothing has come for so long, with everything whole, never will. */
const SILENCE_MS = 30_000;
const LOOK_MS = 300;
/** For brokers to accept clients after the last fault. */
const HEALED_WITHIN_MS = 60_000;
const MAX_PADDING = 200;
const ROAMING = 4;
/** Load without any harm, after all that was. */
const PEACE_MS = 1_500;

export interface RoundOptions {
  readonly cluster: ChaosCluster;
  /** Begins identifiers and topics. */
  readonly prefix: string;
  readonly seed: number;
  readonly loadMs: number;
  readonly sessions: Sessions;
  /** @default USUAL_FAULTS */
  readonly kinds?: readonly FaultKind[];
  readonly onEvent: (text: string) => void;
  /** Instead of the usual ones, for the time of the load; resolves when everything is whole. */
  readonly harm?: (cluster: ChaosCluster, milliseconds: number) => Promise<void>;
}

export interface RoundResult {
  readonly problems: readonly string[];
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly figures: Figures;
}

/** Messages at QoS 1 and 2, unless said otherwise. */
export interface Figures {
  readonly published: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** At all QoS. */
  readonly received: number;
  readonly connections: number;
  /** Connections of clients that had not left the broker before, and signs that the older connection gave after the newer one was accepted. */
  readonly moves: number;
  readonly lateSigns: number;
  readonly longestLateMs: number;
}

/** New clients, faults, peace; then it is looked whether everyone has what they are owed. */
export class Round {
  readonly history = new ChaosHistory();
  readonly #options: RoundOptions;
  readonly #random: Random;
  readonly #actors: readonly Actor[];
  readonly #roaming: readonly RoamingClient[];
  #events = 0;

  constructor(options: RoundOptions) {
    const { cluster, prefix, seed, sessions } = options;
    this.#options = options;
    this.#random = new Random(seed);
    const { history } = this;
    const random = new Random(seed + 1);
    const stage = {
      ...{ history, random, prefix, maxPadding: MAX_PADDING, storesLeaving: true },
      now: () => performance.now(),
      onEvent: () => this.#events++,
    };
    this.#actors = chaosCast(stage, sessions);
    this.#roaming = Array.from(
      { length: ROAMING },
      (_, index) => new RoamingClient(`${prefix}-roaming-${index}`, history, random, cluster),
    );
  }

  async run(): Promise<RoundResult> {
    const { cluster, loadMs, onEvent, harm } = this.#options;
    const faults = new Faults(cluster, new Random(this.#options.seed + 2), this.#options.kinds ?? USUAL_FAULTS, onEvent);
    let isWhole = false;
    const harmed = (harm?.(cluster, loadMs) ?? faults.run(loadMs)).then(() => {
      isWhole = true;
    });
    try {
      while (!isWhole) await this.#turn();
      await harmed;
      await this.#healed();
      for (const until = performance.now() + PEACE_MS; performance.now() < until; ) await this.#turn();
      onEvent("all brokers take clients; waiting for what is owed");
      const { retained, unanswered } = await this.#settle();
      const problems = [
        ...checkChaos(this.history, retained),
        ...unanswered,
        ...cluster.brokers.flatMap((broker) => broker.problems.splice(0)),
      ];
      return { problems, faults: Object.fromEntries(faults.counts), figures: this.figures };
    } catch (error) {
      await harmed;
      return { problems: [(error as Error).message], faults: Object.fromEntries(faults.counts), figures: this.figures };
    } finally {
      this.#leave();
    }
  }

  get figures(): Figures {
    const { published, subscribers, connections, moves, lateSigns } = this.history;
    const above0 = [...published.values()].filter(({ qos }) => qos > 0);
    return {
      published: above0.length,
      acknowledged: above0.filter(({ ackedAt }) => ackedAt !== undefined).length,
      refused: above0.filter(({ refusedAt }) => refusedAt !== undefined).length,
      received: [...subscribers, ...connections].reduce((sum, { receipts }) => sum + receipts.length, 0),
      connections: connections.length,
      moves,
      lateSigns: lateSigns.length,
      longestLateMs: Math.round(Math.max(0, ...lateSigns.map(({ lateMs }) => lateMs))),
    };
  }

  async #turn(): Promise<void> {
    const { cluster } = this.#options;
    for (const actor of this.#actors) {
      const { ports } = cluster;
      if (ports.length > 0) actor.act(this.#random.pick(ports));
    }
    for (const client of this.#roaming) client.act();
    this.#keepAlive();
    await pause(this.#random.integer(...TURN_MS));
  }

  #keepAlive(): void {
    for (const { client } of this.#actors) {
      if (client.isIdle) continue;
      if (client.silentMs > PATIENCE_MS) client.drop();
      else if (client.isConnected && client.silentMs > PING_EVERY_MS) client.ping();
    }
  }

  /** Resolves when each broker accepts a client. */
  async #healed(): Promise<void> {
    const { cluster, prefix } = this.#options;
    const until = performance.now() + HEALED_WITHIN_MS;
    for (const { name, port } of cluster.brokers) {
      let isAccepted = false;
      while (!isAccepted) {
        if (performance.now() > until) throw new Error(`${name} takes no clients ${HEALED_WITHIN_MS / 1_000} s after the last fault`);
        isAccepted = await accepts(port!, `${prefix}-probe`);
      }
    }
  }

  /** Lets everything come to an end, and says what is retained where. */
  async #settle(): Promise<{ readonly retained: Map<string, Map<string, string>>; readonly unanswered: readonly string[] }> {
    const { cluster, prefix } = this.#options;
    const filter = `${prefix}/kept/#`;
    const witnesses = cluster.brokers.map(({ name, port }, index) => {
      return { name, port: port!, witness: new Witness(this.history, `${prefix}-witness-${index}`, filter) };
    });
    const retained = new Map(witnesses.map(({ name, witness }) => [name, witness.retained]));
    let lastEventAtMs = performance.now();
    let events = 0;
    // Once more when all is there, for what comes twice.
    for (let quiet = 0; quiet < 2 && performance.now() - lastEventAtMs < SILENCE_MS; quiet = this.#isDone(retained) ? quiet + 1 : 0) {
      for (const actor of this.#actors) actor.finish(this.#random.pick(cluster.ports));
      // Also once more, where a broker has been taken for dead since.
      for (const { witness, port } of witnesses) witness.look(port);
      this.#keepAlive();
      await pause(LOOK_MS);
      if (events !== this.#events) lastEventAtMs = performance.now();
      events = this.#events;
    }
    const unanswered = witnesses
      .filter(({ witness: { client } }) => !client.isConnected || !client.isSettled)
      .map(({ witness: { client } }) => `${client.clientId} waits for its ${client.isConnected ? "SUBACK" : "CONNACK"}`);
    for (const { witness } of witnesses) witness.client.drop();
    return { retained, unanswered };
  }

  #isDone(retained: ReadonlyMap<string, ReadonlyMap<string, string>>): boolean {
    if (!this.#actors.every(({ client }) => client.isSettled)) return false;
    return (
      lost(this.history).length === 0 &&
      lostToConnections(this.history).length === 0 &&
      retainedProblems(this.history, retained).length === 0
    );
  }

  #leave(): void {
    for (const { client } of this.#actors) client.drop();
    for (const client of this.#roaming) client.drop();
  }
}

/** Whether a broker accepts a client now. */
async function accepts(port: number, clientId: string): Promise<boolean> {
  let isAccepted = false;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => client.drop(), PATIENCE_MS);
    const client = new TortureClient(
      { clientId, version: 5, expirySeconds: 0 },
      {
        onConnected: () => {
          isAccepted = true;
          client.disconnect();
        },
        onDisconnected: () => {
          clearTimeout(timer);
          resolve();
        },
      },
    );
    client.connect(port);
  });
  if (!isAccepted) await pause(LOOK_MS);
  return isAccepted;
}
