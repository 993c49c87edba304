import type { Random } from "../codec/random.js";
import { TortureClient } from "../torture/torture-client.js";
import type { ChaosHistory } from "./chaos-history.js";

/** A connection that was not told that another has taken its place is watched for so long. */
const WATCHED_MS = 20_000;
const STAYS_MS = 1_500;
const PING_EVERY_MS = 100;

/** What a roaming client has to know of the brokers. */
export interface BrokerView {
  /** Ports of those that run. */
  readonly ports: readonly number[];
  /** When a broker could last not act because it stood still; 0 for never. */
  stoodStillUntilMs(port: number): number;
}

interface Life {
  readonly client: TortureClient;
  readonly port: number;
  acceptedAtMs: number;
  pingedAtMs: number;
  pingsSent: number;
  pingsAnswered: number;
  /** The first ping that was sent after a newer connection had been accepted. */
  firstLate: number;
  newerAtMs: number;
}

/**
 * One client identifier that goes from broker to broker without leaving the one before, and looks who serves it: once a newer connection has
 * been accepted, the older one must be dead. It asks the older one by PINGREQ, so that what counts is caused by the newer CONNACK, whatever the clocks.
 */
export class RoamingClient {
  readonly clientId: string;
  readonly #history: ChaosHistory;
  readonly #random: Random;
  readonly #view: BrokerView;
  #lives: Life[] = [];
  #movesAtMs = 0;

  constructor(clientId: string, history: ChaosHistory, random: Random, view: BrokerView) {
    this.clientId = clientId;
    this.#history = history;
    this.#random = random;
    this.#view = view;
  }

  act(): void {
    const now = performance.now();
    for (const life of this.#lives) this.#look(life, now);
    // One after the other, so that it is known which is the newer.
    if (now >= this.#movesAtMs && this.#lives.every(({ acceptedAtMs }) => acceptedAtMs > 0)) this.#move(now);
  }

  drop(): void {
    for (const { client } of this.#lives) client.drop();
  }

  #look(life: Life, now: number): void {
    const { client, acceptedAtMs, newerAtMs } = life;
    const isLost = acceptedAtMs === 0 ? client.silentMs > STAYS_MS * 4 : newerAtMs > 0 && now - newerAtMs > WATCHED_MS;
    if (isLost) client.drop();
    else if (client.isConnected && now - life.pingedAtMs > PING_EVERY_MS) this.#ping(life, now);
  }

  #move(now: number): void {
    this.#movesAtMs = now + this.#random.integer(50, STAYS_MS);
    const { ports } = this.#view;
    if (ports.length === 0) return;
    const port = this.#random.pick(ports);
    const client = new TortureClient(
      { clientId: this.clientId, version: 5, expirySeconds: 0 },
      {
        onConnected: () => this.#accepted(life),
        onPong: () => this.#answered(life),
        onDisconnected: () => this.#ended(life),
      },
    );
    const life: Life = { client, port, acceptedAtMs: 0, pingedAtMs: 0, pingsSent: 0, pingsAnswered: 0, firstLate: 0, newerAtMs: 0 };
    this.#lives.push(life);
    client.connect(port);
  }

  #accepted(life: Life): void {
    const now = performance.now();
    life.acceptedAtMs = now;
    this.#history.moves++;
    for (const older of this.#lives) {
      if (older === life || older.acceptedAtMs === 0 || older.firstLate > 0) continue;
      older.newerAtMs = now;
      this.#ping(older, now);
      older.firstLate = older.pingsSent;
    }
  }

  #ping(life: Life, now: number): void {
    life.pingedAtMs = now;
    life.pingsSent++;
    life.client.ping();
  }

  #answered(life: Life): void {
    life.pingsAnswered++;
    if (life.firstLate === 0 || life.pingsAnswered < life.firstLate) return;
    const since = Math.max(life.newerAtMs, this.#view.stoodStillUntilMs(life.port));
    const lateMs = performance.now() - since;
    if (lateMs > 0) this.#history.lateSigns.push({ clientId: this.clientId, lateMs });
  }

  #ended(life: Life): void {
    this.#lives = this.#lives.filter((each) => each !== life);
  }
}
