import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { Backoff } from "./backoff.js";
import type { ConnectionWatch } from "./connection-watch.js";
import type { Tail, TailOptions } from "./engine.js";
import type { AskJetStream } from "./jetstream-api.js";
import { deliverySequences, TailConsumer } from "./tail-consumer.js";

export interface StreamTailParts {
  readonly connection: NatsConnection;
  readonly watch: ConnectionWatch;
  readonly ask: AskJetStream;
  /** First part of the subjects that messages are delivered to. */
  readonly inbox: string;
}

const LOOK_MS = 250;
/**
 * A consumer that has said nothing at so many looks, or not brought what others have read, is made anew: the server that has it may be gone, or far
 * behind. It says something each second. Looks are counted, not time: a broker that stands still has not looked for what waits in its socket.
 */
const PATIENCE_LOOKS = 10;
/** Each consumer made anew in vain is given twice as long, up to this: servers that have too much to do get even more by that. */
const MOST_PATIENCE_LOOKS = 160;
/** One that has been there for so many times the patience was not in vain. */
const LASTING = 4;

/**
 * Reads a stream by a consumer that pushes, and is made anew after the last message that came whenever there is a gap, silence, another
 * connection, or nothing of what others have read already. (The ordered consumer of @nats-io/jetstream 3.4.0 does the same, but stays silent for good if the server that has it and the
 * connection go at once.)
 */
export class StreamTail implements Tail {
  readonly #parts: StreamTailParts;
  readonly #stream: string;
  readonly #options: TailOptions;
  readonly #backoff = new Backoff();
  readonly #done: Promise<void>;
  #next: number;
  #patience = PATIENCE_LOOKS;
  /** What others have read up to, and looks since something of it has come. */
  #known = 0;
  #looksBehind = 0;
  #hasStopped = false;
  /** Ends the present reading, or the pause after it. */
  #interrupt: (why?: Error) => void = () => {};

  constructor(parts: StreamTailParts, stream: string, options: TailOptions) {
    this.#parts = parts;
    this.#stream = stream;
    this.#options = options;
    this.#next = options.fromSequence ?? 1;
    this.#done = this.#run();
  }

  expect(sequence: number): void {
    if (this.#known < this.#next) this.#looksBehind = 0;
    this.#known = Math.max(this.#known, sequence);
  }

  async stop(): Promise<void> {
    this.#hasStopped = true;
    this.#interrupt();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#hasStopped) {
      try {
        await this.#read();
      } catch (error) {
        if (!this.#hasStopped && this.#parts.watch.state.isConnected) this.#options.onTrouble?.(error as Error);
      }
      if (!this.#hasStopped) await this.#pause();
    }
  }

  /** Until it is interrupted. */
  async #read(): Promise<void> {
    const { connection, watch, ask, inbox } = this.#parts;
    await watch.connected();
    const consumer = new TailConsumer(this.#stream, inbox, ask);
    const interrupted = new Promise<void>((resolve, reject) => {
      this.#interrupt = (why) => (why === undefined ? resolve() : reject(why));
    });
    interrupted.catch(() => {}); // it may be before anybody waits
    let looks = 0;
    let looksSilent = 0;
    let expected = 1;
    this.#looksBehind = 0;
    const subscription = connection.subscribe(consumer.subject, {
      callback: (error, message) => {
        if (this.#hasStopped) return;
        looksSilent = 0;
        if (error !== null) this.#interrupt(error);
        else if (!consumer.answers(message)) expected = this.#take(message, expected);
      },
    });
    const timer = setInterval(() => {
      looks++;
      if (looks > LASTING * this.#patience) this.#patience = PATIENCE_LOOKS;
      if (++looksSilent > this.#patience) this.#giveUp("nothing is heard of its consumer");
      else if (this.#known >= this.#next && ++this.#looksBehind > this.#patience)
        this.#giveUp("its consumer does not bring what others have read");
    }, LOOK_MS);
    const unwatch = watch.onState(() => this.#interrupt());
    try {
      await Promise.race([consumer.create(this.#next, this.#options.subject), interrupted]);
      await interrupted;
    } finally {
      unwatch();
      clearInterval(timer);
      subscription.unsubscribe();
      consumer.delete();
    }
  }

  #giveUp(why: string): void {
    this.#patience = Math.min(2 * this.#patience, MOST_PATIENCE_LOOKS);
    this.#interrupt(new Error(`${this.#stream}: ${why}`));
  }

  /** Gives the number that the next message has to have; none if nothing is taken any more before the consumer is made anew. */
  #take(message: Msg, expected: number): number {
    const { sequence, delivery } = deliverySequences(message.reply);
    if (delivery !== expected) {
      if (delivery > expected) this.#interrupt(new Error(`${this.#stream}: messages ${expected} to ${delivery - 1} did not come`));
      return expected;
    }
    if (sequence >= this.#next) {
      if (this.#options.onMessage({ subject: message.subject, sequence, bytes: message.data }) === false) {
        this.#interrupt(new Error(`${this.#stream}: something between ${this.#next} and ${sequence} did not come`));
        return Number.NaN;
      }
      this.#next = sequence + 1;
      this.#looksBehind = 0;
      this.#backoff.reset();
    }
    return expected + 1;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#backoff.nextMs());
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
