import type { ConnectPacket } from "../codec/packet.js";
import type { Counters } from "../sys/counters.js";

/**
 * CONNECTs handled in one turn of the event loop: less than a millisecond's worth on Node.js, which takes some 80 µs for each with its
 * CONNACK. What a turn costs by itself is small beside that.
 */
export const CONNECTS_EACH_TURN = 8;

/**
 * Spreads the CONNECTs of a storm over turns of the event loop, so that clients which are there already have theirs in between. One that
 * comes while no others wait is not held up. There are no more than connections: who goes is forgotten.
 *
 * What waits is the packet alone, without a closure or a promise: in a storm they would be most of what has to be collected afterwards.
 */
export class ConnectPace<Connection extends object> {
  readonly #counters: Counters;
  readonly #handle: (connection: Connection, packet: ConnectPacket) => void;
  /** In the order of their coming. */
  readonly #waiting = new Map<Connection, ConnectPacket>();
  /** Where the next is taken from; it stays valid while others come and go. */
  #next = this.#waiting.entries();
  #left = CONNECTS_EACH_TURN;
  #isScheduled = false;

  /** `handle` is called for each that has waited, in its turn; it does not throw. */
  constructor(counters: Counters, handle: (connection: Connection, packet: ConnectPacket) => void) {
    this.#counters = counters;
    this.#handle = handle;
  }

  /** CONNECTs that wait for their turn. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether one that has come may be handled at once; if so, it is counted. */
  mayHandle(): boolean {
    this.#schedule();
    if (this.#left === 0 || this.#waiting.size > 0) return false;
    this.#left--;
    return true;
  }

  /** Has it handled in its turn, unless the connection is forgotten before. */
  later(connection: Connection, packet: ConnectPacket): void {
    this.#counters.connectsPaced++;
    this.#waiting.set(connection, packet);
  }

  /** The connection has gone. */
  forget(connection: Connection): void {
    if (this.#waiting.size > 0) this.#waiting.delete(connection);
  }

  /** Handles all that wait. */
  handleAll(): void {
    while (this.#handleNext());
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#beginTurn);
  }

  readonly #beginTurn = (): void => {
    this.#isScheduled = false;
    this.#left = CONNECTS_EACH_TURN;
    if (this.#waiting.size > 0) this.#schedule();
    while (this.#left > 0 && this.#handleNext()) this.#left--;
  };

  /** False if there was none. */
  #handleNext(): boolean {
    let next = this.#next.next();
    if (next.done) {
      // A Map's iterator that has come to the end stays there.
      this.#next = this.#waiting.entries();
      next = this.#next.next();
      if (next.done) return false;
    }
    const [connection, packet] = next.value;
    this.#waiting.delete(connection);
    this.#handle(connection, packet);
    return true;
  }
}
