import type { ProtocolVersion, Qos, Will } from "../../src/codec/packet.js";
import type { Random } from "../codec/random.js";
import { will } from "../support/test-client-packets.js";
import type { History, SubscriberRecord, SubscriptionPeriod } from "./history.js";
import { TortureClient } from "./torture-client.js";

/** Far beyond any run. */
export const LONG_SECONDS = 86_400;
/** Messages a publisher may have unacknowledged. */
const WINDOW = 20;
const MOST_AT_ONCE = 8;

/** What plays a part in a run. */
export interface Actor {
  readonly client: TortureClient;
  /** Does something, or nothing, while the broker is up; called again and again. */
  act(port: number): void;
  /** The broker is about to be killed, or has come back. */
  onKill?(): void;
  onRestart?(): void;
  /** The run ends: whatever it still has to do, and no more. Called again and again, until all are done. */
  finish(port: number): void;
}

export interface Stage {
  readonly history: History;
  readonly random: Random;
  readonly now: () => number;
  /** Bytes that a payload may have beside its identifier. */
  readonly maxPadding: number;
  /**
   * Whether the broker can store at any time that a client has left. What it cannot store, and acknowledges to nobody, it does not know after
   * a crash: that a will was taken back, or since when a client is away.
   */
  readonly storesLeaving: boolean;
  /** Called for each acknowledgement and each receipt of a message. */
  readonly onEvent: () => void;
}

export interface PublisherOptions {
  readonly name: string;
  readonly version: ProtocolVersion;
  readonly expirySeconds: number;
  readonly topics: readonly string[];
  readonly qos: readonly Qos[];
  readonly retain?: boolean;
}

/** Publishes numbered messages, as fast as its window allows, in bursts. */
export class Publisher implements Actor {
  readonly client: TortureClient;
  readonly #stage: Stage;
  readonly #options: PublisherOptions;
  readonly #numbers = new Map<string, number>();

  constructor(stage: Stage, options: PublisherOptions) {
    const { name: clientId, version, expirySeconds } = options;
    const { history } = stage;
    this.#stage = stage;
    this.#options = options;
    let hadSession = false;
    this.client = new TortureClient(
      { clientId, version, expirySeconds },
      {
        onConnected: (sessionPresent) => {
          if (hadSession && !sessionPresent && expirySeconds > 0) history.violations.push(`the session of ${clientId} is gone`);
          hadSession = true;
        },
        onSentAgain: (id) => {
          const message = history.published.get(id)!;
          message.sentAgainAt ??= [];
          message.sentAgainAt.push(history.next());
        },
        onAcked: (id) => {
          history.published.get(id)!.ackedAt ??= history.next();
          stage.onEvent();
        },
        onRefused: (id) => {
          history.published.get(id)!.refusedAt ??= history.next();
        },
      },
    );
  }

  act(port: number): void {
    const { random } = this.#stage;
    if (this.client.isIdle) this.client.connect(port);
    if (!this.client.isConnected) return;
    if (random.chance(400)) this.client.drop();
    else if (random.chance(3))
      for (let i = random.integer(1, MOST_AT_ONCE); i > 0 && this.client.outgoing.size < WINDOW; i--) this.#publish();
  }

  finish(port: number): void {
    if (this.client.isIdle && !this.client.isSettled) this.client.connect(port);
  }

  #publish(): void {
    const { random, history, maxPadding } = this.#stage;
    const { name, topics, qos: levels, retain = false } = this.#options;
    const at = random.integer(0, topics.length - 1);
    const topic = topics[at]!;
    // One QoS for each topic that retains: sent again at QoS 1 an older message comes after a newer one that was taken once, at QoS 2.
    const qos = retain ? levels[at % levels.length]! : random.pick(levels);
    const stream = `${topic} ${qos}`;
    const number = (this.#numbers.get(stream) ?? 0) + 1;
    this.#numbers.set(stream, number);
    const id = `${name}:${topic}:${qos}:${number}`;
    const isEmpty = retain && random.chance(10);
    history.published.set(id, { id, publisher: name, topic, qos, retain, number, isEmpty, sentAt: history.next() });
    this.client.publish(id, topic, qos, retain, isEmpty ? "" : `${id} ${"x".repeat(random.integer(0, maxPadding))}`);
  }
}

export interface SubscriberOptions {
  readonly name: string;
  readonly version: ProtocolVersion;
  readonly filter: string;
  readonly qos: Qos;
  /** Name of the shared subscription that it takes part in. */
  readonly group?: string;
  /** One in so many turns it goes, or comes back; undefined for as online as it can be. */
  readonly leavesOneIn?: number;
  readonly returnsOneIn?: number;
  /** One in so many turns it subscribes or unsubscribes. */
  readonly changesOneIn?: number;
}

/** Takes what its session is owed, whenever it is there. */
export class Subscriber implements Actor {
  readonly client: TortureClient;
  readonly #record: SubscriberRecord;
  readonly #stage: Stage;
  readonly #options: SubscriberOptions;
  #isAsking = false;

  constructor(stage: Stage, options: SubscriberOptions) {
    const { name: clientId, version } = options;
    const { history } = stage;
    const record = history.subscriber(clientId);
    this.#record = record;
    this.#stage = stage;
    this.#options = options;
    let hadSession = false;
    this.client = new TortureClient(
      { clientId, version, expirySeconds: LONG_SECONDS },
      {
        onConnected: (sessionPresent) => {
          if (hadSession && !sessionPresent) history.violations.push(`the session of ${clientId} is gone`);
          hadSession = true;
          this.#isAsking = false;
          if (this.#current?.heldAt === undefined || this.#current.givenUpAt !== undefined) this.#askAgain();
        },
        onMessage: (id, qos) => {
          record.receipts.push({ id, qos, at: history.next() });
          stage.onEvent();
        },
        onSubscribed: (filter, reasonCode) => {
          this.#isAsking = false;
          if (reasonCode > 2) history.violations.push(`${clientId} may not subscribe to ${filter}: ${reasonCode}`);
          else this.#current!.heldAt = history.next();
        },
        onUnsubscribed: () => {
          this.#isAsking = false;
          this.#current!.endedAt = history.next();
        },
      },
    );
  }

  act(port: number): void {
    const { leavesOneIn, returnsOneIn = 1, changesOneIn } = this.#options;
    const { random } = this.#stage;
    if (this.client.isIdle) {
      if (random.chance(returnsOneIn)) this.client.connect(port);
    } else if (!this.client.isConnected || this.#isAsking) return;
    else if (leavesOneIn !== undefined && random.chance(leavesOneIn)) {
      if (random.chance(2)) this.client.drop();
      else this.client.disconnect();
    } else if (changesOneIn !== undefined && random.chance(changesOneIn)) this.#change();
  }

  finish(port: number): void {
    if (this.client.isIdle) this.client.connect(port);
  }

  get #current(): SubscriptionPeriod | undefined {
    return this.#record.periods[this.#record.periods.length - 1];
  }

  #askAgain(): void {
    const period = this.#current;
    if (period === undefined) this.#subscribe();
    else if (period.givenUpAt === undefined) this.#send(period);
    else if (period.endedAt === undefined) this.#send(period);
  }

  #change(): void {
    const period = this.#current;
    if (period === undefined || period.endedAt !== undefined) this.#subscribe();
    else {
      period.givenUpAt = this.#stage.history.next();
      this.#send(period);
    }
  }

  #subscribe(): void {
    const { filter, qos, group } = this.#options;
    const period = { filter, qos, group, askedAt: this.#stage.history.next() };
    this.#record.periods.push(period);
    this.#send(period);
  }

  #send({ filter, qos, group, givenUpAt }: SubscriptionPeriod): void {
    this.#isAsking = true;
    const asked = group === undefined ? filter : `$share/${group}/${filter}`;
    if (givenUpAt === undefined) this.client.subscribe(asked, qos);
    else this.client.unsubscribe(asked);
  }
}

/** Timers of the broker come up to a second late, and so does what this process sees of them. */
const MARGIN_MS = 3_000;
/** A DISCONNECT, or an end of a connection, that is older than this has been stored. */
const STORED_MS = 500;

/** Leaves a will behind with each connection. */
export class WillClient implements Actor {
  readonly client: TortureClient;
  readonly #stage: Stage;
  readonly #delaySeconds: number;
  #number = 0;
  #id = "";
  /** The connection has been accepted, so there is a will. */
  #isArmed = false;
  #backAtMs = 0;
  #leftAtMs = Number.POSITIVE_INFINITY;
  #isAway = false;

  constructor(stage: Stage, name: string, delaySeconds: number) {
    this.#stage = stage;
    this.#delaySeconds = delaySeconds;
    this.client = new TortureClient(
      { clientId: name, version: 5, expirySeconds: LONG_SECONDS },
      { onConnected: () => (this.#isArmed = true), onDisconnected: () => this.#gone() },
    );
  }

  act(port: number): void {
    const { random, now, history } = this.#stage;
    if (this.client.isIdle) {
      if (now() < this.#backAtMs) return;
      this.#settle("withdrawn", this.#leftAtMs + STORED_MS);
      if (this.#isAway) history.wills.get(this.#id)!.fate ??= "due";
      this.#isAway = false;
      this.client.connect(port, { will: this.#next() });
    } else if (this.client.isConnected && random.chance(60)) {
      if (random.chance(3)) {
        this.#isArmed = false;
        this.#leftAtMs = now();
        this.client.disconnect();
        this.#backAtMs = now() + STORED_MS * 2;
      } else this.client.drop();
    }
  }

  onKill(): void {
    if (this.#leftAtMs + STORED_MS > this.#stage.now()) this.#leftAtMs = Number.POSITIVE_INFINITY; // may not have been heard
  }

  /** The delay begins when the broker is back, if it did not before. */
  onRestart(): void {
    if (this.#isAway) this.#backAtMs = Math.max(this.#backAtMs, this.#stage.now() + this.#awayMs);
  }

  finish(): void {
    if (!this.client.isIdle) this.client.drop();
    if (this.#isAway && this.#stage.now() >= this.#backAtMs) this.#stage.history.wills.get(this.#id)!.fate ??= "due";
  }

  get #awayMs(): number {
    return this.#delaySeconds * 1000 + MARGIN_MS;
  }

  /** The connection has ended without DISCONNECT, or after it. */
  #gone(): void {
    if (!this.#isArmed) return;
    this.#isArmed = false;
    const will = this.#stage.history.wills.get(this.#id)!;
    if (this.#delaySeconds === 0)
      will.fate = "due"; // comes back or not
    else {
      this.#isAway = true;
      this.#backAtMs = this.#stage.now() + this.#awayMs;
    }
  }

  #settle(fate: "withdrawn", fromMs: number): void {
    if (this.#stage.now() < fromMs || !this.#stage.storesLeaving) return;
    this.#leftAtMs = Number.POSITIVE_INFINITY;
    this.#stage.history.wills.get(this.#id)!.fate = fate;
  }

  #next(): Will {
    const { history } = this.#stage;
    const topic = `wills/${this.client.clientId}`;
    this.#id = `will:${this.client.clientId}:${++this.#number}`;
    history.wills.set(this.#id, { id: this.#id, qos: 2, topic });
    const properties = { willDelayIntervalSeconds: this.#delaySeconds };
    return will(topic, this.#id, { qos: 2, properties });
  }
}

/** Has a session that ends soon after its connection, and looks whether it did. */
export class ShortSession implements Actor {
  readonly client: TortureClient;
  readonly #stage: Stage;
  readonly #expirySeconds: number;
  #hadSession = false;
  #isThere = false;
  #leftAtMs = 0;
  /** When its absence began at the latest. */
  #awayFromMs = 0;
  #backAtMs = 0;
  #wasKilled = false;

  constructor(stage: Stage, name: string, expirySeconds: number) {
    this.#stage = stage;
    this.#expirySeconds = expirySeconds;
    this.client = new TortureClient(
      { clientId: name, version: 5, expirySeconds },
      {
        onConnected: (sessionPresent) => {
          if (this.#hadSession) this.#compare(sessionPresent);
          this.#hadSession = this.#isThere = true;
        },
        onDisconnected: () => this.#gone(),
      },
    );
  }

  act(port: number): void {
    const { random, now } = this.#stage;
    if (this.client.isIdle) {
      if (now() >= this.#backAtMs) this.client.connect(port);
    } else if (this.client.isConnected && random.chance(30)) this.client.drop();
  }

  onKill(): void {
    this.#wasKilled = !this.client.isIdle || this.#stage.now() - this.#awayFromMs < STORED_MS || this.#wasKilled;
  }

  /** If the broker did not know that the client had left, the absence begins with its restart. */
  onRestart(): void {
    if (this.#wasKilled) this.#awayFromMs = this.#stage.now();
    this.#wasKilled = false;
  }

  finish(): void {
    this.client.drop();
  }

  #gone(): void {
    if (!this.#hadSession) return;
    const { random, now } = this.#stage;
    // A CONNECT that was never answered may have been heard, or not.
    this.#awayFromMs = now();
    if (this.#isThere) this.#leftAtMs = now();
    this.#isThere = false;
    const expiryMs = this.#expirySeconds * 1000;
    this.#backAtMs =
      now() + (random.chance(2) ? random.integer(0, expiryMs / 2) : random.integer(expiryMs + MARGIN_MS, expiryMs + 2 * MARGIN_MS));
  }

  #compare(sessionPresent: boolean): void {
    const { now, history, storesLeaving } = this.#stage;
    const expiryMs = this.#expirySeconds * 1000;
    const { clientId } = this.client;
    if (!sessionPresent && now() - this.#leftAtMs < expiryMs - STORED_MS)
      history.violations.push(`the session of ${clientId} ended too soon`);
    if (sessionPresent && storesLeaving && now() - this.#awayFromMs > expiryMs + MARGIN_MS)
      history.violations.push(`the session of ${clientId} did not expire`);
  }
}
