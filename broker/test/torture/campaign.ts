import { setTimeout as pause } from "node:timers/promises";
import { Random } from "../codec/random.js";
import type { Actor, Stage } from "./actors.js";
import { castOf } from "./cast.js";
import { checkHistory, lost, wrongRetained, wrongWills } from "./check-history.js";
import { History } from "./history.js";
import { type FailedStart, MqttdChild } from "./mqttd-child.js";
import { TortureClient } from "./torture-client.js";

const MIN_LOAD_MS = 60;
const MAX_LOAD_MS = 700;
/** Acknowledgements and receipts after which a broker may be killed at the very moment. */
const MAX_EVENTS = 1_000;
const LONGEST_PAUSE_MS = 4;
/** What has not come when nothing has come for so long never will; wills wait longest. */
const SILENCE_MS = 6_000;
const LOOK_MS = 300;
const MAX_PADDING = 600;

export interface CampaignOptions {
  readonly command: { readonly file: string; readonly args: readonly string[] };
  readonly rounds: number;
  readonly seed: number;
  /** As in `Stage`. @default true */
  readonly storesLeaving?: boolean;
  /** Bytes that a payload may have beside its identifier. @default 600 */
  readonly maxPadding?: number;
  readonly progress?: (line: string) => void;
  /** Called when the broker of a round is up, with the messages refused so far, and when it has been killed; to do more harm than that. */
  readonly onRound?: (round: number, refused: number) => void;
  readonly onKilled?: (round: number, random: Random) => void;
  /** Whether it may end after this round, before all rounds are over. */
  readonly isEnough?: (round: number) => boolean;
  /** What is to be done about a broker that does not start: nothing makes it a problem. True: start it again. */
  readonly onRefused?: (failure: FailedStart) => boolean;
  /** Lines of the broker's log at level "error" that are as they have to be. */
  readonly isExpected?: (line: string) => boolean;
}

export interface CampaignResult {
  readonly problems: readonly string[];
  readonly kills: number;
  /** Messages at QoS 1 and 2. */
  readonly published: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly received: number;
  readonly willsDue: number;
  /** Starts that the broker refused. */
  readonly refusals: number;
}

/** Kills a broker at random moments under load, and looks from outside whether it kept what it had promised. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const campaign = new Campaign(options);
  try {
    return await campaign.run();
  } finally {
    await campaign.close();
  }
}

class Campaign {
  readonly #options: CampaignOptions;
  readonly #random: Random;
  readonly #history = new History();
  readonly #actors: readonly Actor[];
  readonly #problems: string[] = [];
  #broker: MqttdChild | undefined;
  #eventsToKill = Number.POSITIVE_INFINITY;
  #events = 0;
  #kills = 0;
  #refusals = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    const stage: Stage = {
      ...{ history: this.#history, random: this.#random, maxPadding: options.maxPadding ?? MAX_PADDING },
      storesLeaving: options.storesLeaving ?? true,
      now: () => performance.now(),
      onEvent: () => this.#happened(),
    };
    this.#actors = castOf(stage);
  }

  async run(): Promise<CampaignResult> {
    const { rounds, progress = () => {} } = this.#options;
    for (let round = 1; round <= rounds; round++) {
      const port = await this.#start();
      if (port === undefined) break;
      this.#options.onRound?.(round, this.#counts().refused);
      const moment = await this.#load(port);
      await this.#kill();
      this.#options.onKilled?.(round, this.#random);
      progress(`round ${round}/${rounds}: killed ${moment}; ${this.#figures()}`);
      if (this.#options.isEnough?.(round)) break;
    }
    const port = await this.#start();
    const retained = port === undefined ? new Map() : await this.#drain(port);
    if (port !== undefined) await this.#stop();
    const { published, acknowledged, refused, received } = this.#counts();
    const willsDue = [...this.#history.wills.values()].filter(({ fate }) => fate === "due").length;
    const problems = [...this.#problems, ...(port === undefined ? [] : checkHistory(this.#history, retained))];
    return { problems, kills: this.#kills, published, acknowledged, refused, received, willsDue, refusals: this.#refusals };
  }

  async close(): Promise<void> {
    for (const { client } of this.#actors) client.drop();
    await this.#broker?.kill();
  }

  /** The port of a broker that is up; undefined if it does not come up. */
  async #start(): Promise<number | undefined> {
    const { command, onRefused = () => false } = this.#options;
    for (;;) {
      const broker = new MqttdChild(command.file, command.args);
      this.#broker = broker;
      const ready = await broker.ready();
      if (typeof ready === "number") {
        for (const actor of this.#actors) actor.onRestart?.();
        return ready;
      }
      this.#broker = undefined;
      this.#refusals++;
      if (onRefused(ready)) continue;
      this.#problems.push(`the broker did not start, code ${ready.code}: ${ready.output.slice(0, 2_000)}`);
      return undefined;
    }
  }

  /** Has everyone act until it is time; says how that was chosen. */
  async #load(port: number): Promise<string> {
    const loadMs = this.#random.integer(MIN_LOAD_MS, MAX_LOAD_MS);
    const events = this.#random.chance(2) ? this.#random.integer(1, MAX_EVENTS) : Number.POSITIVE_INFINITY;
    this.#eventsToKill = events;
    const until = performance.now() + loadMs;
    while (performance.now() < until && this.#eventsToKill > 0) {
      for (const actor of this.#actors) if (this.#eventsToKill > 0) actor.act(port);
      await pause(this.#random.integer(0, LONGEST_PAUSE_MS));
    }
    const wasAtEvent = this.#eventsToKill <= 0;
    this.#eventsToKill = Number.POSITIVE_INFINITY;
    return wasAtEvent ? `at event ${events}` : `after ${loadMs} ms`;
  }

  #happened(): void {
    this.#events++;
    if (--this.#eventsToKill === 0) this.#broker?.killNow();
  }

  async #kill(): Promise<void> {
    const broker = this.#broker!;
    for (const actor of this.#actors) actor.onKill?.();
    await broker.kill();
    this.#kills++;
    this.#noteErrors(broker);
    this.#broker = undefined;
    // What the kernel has of the broker's last words is read before anyone comes back.
    while (this.#actors.some(({ client }) => !client.isIdle)) await pause(1);
  }

  /** Lets everything come to an end, and says what is retained then. */
  async #drain(port: number): Promise<ReadonlyMap<string, string>> {
    const retained = new Map<string, string>();
    const witness = this.#witness(port, retained);
    let lastEventAtMs = performance.now();
    let events = 0;
    // Once more when all is there, for what comes twice.
    for (let quiet = 0; quiet < 2 && performance.now() - lastEventAtMs < SILENCE_MS; quiet = this.#isDone(retained) ? quiet + 1 : 0) {
      for (const actor of this.#actors) actor.finish(port);
      await pause(LOOK_MS);
      if (events !== this.#events) lastEventAtMs = performance.now();
      events = this.#events;
    }
    witness.drop();
    return retained;
  }

  #isDone(retained: ReadonlyMap<string, string>): boolean {
    if (!this.#actors.every(({ client }) => client.isSettled) || lost(this.#history).length > 0) return false;
    return wrongWills(this.#history).length === 0 && wrongRetained(this.#history, retained).length === 0;
  }

  #witness(port: number, retained: Map<string, string>): TortureClient {
    const witness = new TortureClient(
      { clientId: "witness", version: 5, expirySeconds: 0 },
      {
        onConnected: () => witness.subscribe("kept/#", 1),
        onMessage: (id, _, { topic, payload }) => {
          if (payload.length === 0) retained.delete(topic);
          else retained.set(topic, id);
        },
      },
    );
    witness.connect(port);
    return witness;
  }

  async #stop(): Promise<void> {
    const broker = this.#broker!;
    for (const { client } of this.#actors) client.drop();
    const code = await broker.stop();
    if (code !== 0) this.#problems.push(`the broker stopped with code ${code}`);
    this.#noteErrors(broker);
    this.#broker = undefined;
  }

  #noteErrors({ errors }: MqttdChild): void {
    const { isExpected = () => false } = this.#options;
    for (const line of errors) if (!isExpected(line)) this.#problems.push(`the broker logged ${line.slice(0, 2_000)}`);
  }

  #counts(): { readonly published: number; readonly acknowledged: number; readonly refused: number; readonly received: number } {
    const above0 = [...this.#history.published.values()].filter(({ qos }) => qos > 0);
    return {
      published: above0.length,
      acknowledged: above0.filter(({ ackedAt }) => ackedAt !== undefined).length,
      refused: above0.filter(({ refusedAt }) => refusedAt !== undefined).length,
      received: this.#history.subscribers.reduce((sum, { receipts }) => sum + receipts.length, 0),
    };
  }

  #figures(): string {
    const { published, acknowledged, received } = this.#counts();
    return `${published} published, ${acknowledged} acknowledged, ${received} received`;
  }
}
