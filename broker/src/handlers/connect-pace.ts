import type { ConnectPacket } from "../codec/packet.js";
import type { Counters } from "../sys/counters.js";

/**
 * CONNECTs handled in one turn of the event loop: some 0.1 ms' worth (Node.js and Bun take in 20 to 25 thousand clients per second of processor time). With more of
 * them in a turn, messages of others wait longer behind a burst of clients; with one, what a turn costs by itself makes taking clients in a sixth slower
 * (`npm run bench -- --only accept-cost`).
 */
export const CONNECTS_EACH_TURN = 2;

/**
 * Spreads the CONNECTs of a storm over turns of the event loop, so that clients which are there already have theirs in between. One that
 * comes while no others wait is not held up. Those whose connection has gone meanwhile are passed over, for free.
 *
 * What waits is the packet alone, in a plain queue: closures, promises, or a map that somebody walks through, would be most of what has to be
 * collected after a storm.
 */
export class ConnectPace<Connection> {
  readonly #counters: Counters;
  readonly #handle: (connection: Connection, packet: ConnectPacket) => boolean;
  /** In the order of their coming, what has been handled before `#head`. */
  readonly #connections: (Connection | undefined)[] = [];
  readonly #packets: (ConnectPacket | undefined)[] = [];
  #head = 0;
  #left = CONNECTS_EACH_TURN;
  #isScheduled = false;

  /** `handle` is called for each that has waited, in its turn; false if its connection has gone. It does not throw. */
  constructor(counters: Counters, handle: (connection: Connection, packet: ConnectPacket) => boolean) {
    this.#counters = counters;
    this.#handle = handle;
  }

  /** CONNECTs that wait for their turn. */
  get size(): number {
    return this.#connections.length - this.#head;
  }

  /** Whether one that has come may be handled at once; if so, it is counted. */
  mayHandle(): boolean {
    this.#schedule();
    if (this.#left === 0 || this.size > 0) return false;
    this.#left--;
    return true;
  }

  /** Has it handled in its turn. */
  later(connection: Connection, packet: ConnectPacket): void {
    this.#counters.connectsPaced++;
    this.#connections.push(connection);
    this.#packets.push(packet);
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
    if (this.size > 0) this.#schedule();
    while (this.#left > 0 && this.#handleNext()) this.#left--;
  };

  /** False if there was none. */
  #handleNext(): boolean {
    while (this.#head < this.#connections.length) {
      const connection = this.#connections[this.#head]!;
      const packet = this.#packets[this.#head]!;
      this.#connections[this.#head] = undefined;
      this.#packets[this.#head] = undefined;
      this.#head++;
      if (this.#head === this.#connections.length) this.#clear();
      if (this.#handle(connection, packet)) return true;
    }
    return false;
  }

  #clear(): void {
    this.#head = 0;
    this.#connections.length = 0;
    this.#packets.length = 0;
  }
}
