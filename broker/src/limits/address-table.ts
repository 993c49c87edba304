import { addressKey } from "./address-key.js";
import { ANSWERED_TIMES } from "./connect-rate.js";

/** Everyone at one address. */
export interface AddressEntry {
  readonly key: string;
  /** Connections that are open, and those of them that are past their CONNACK. */
  open: number;
  clients: number;
}

/**
 * Connections by the address that they come from. Empty while there is no limit; else it has an entry for each address with an open
 * connection, so that it is never larger than the number of connections.
 */
export class AddressTable {
  #max = Number.POSITIVE_INFINITY;
  readonly #byKey = new Map<string, AddressEntry>();
  readonly #byConnection = new Map<object, AddressEntry>();

  /** Most clients of one address; Infinity counts nobody. What is open already stays as it was counted. */
  configure(max: number): void {
    this.#max = max;
  }

  get isOff(): boolean {
    return this.#max === Number.POSITIVE_INFINITY;
  }

  /** Addresses with open connections. */
  get size(): number {
    return this.#byKey.size;
  }

  /** Room for another connection from an address; undefined if there are far too many. */
  placeFor(address: string): AddressEntry | undefined {
    const key = addressKey(address);
    const entry = this.#byKey.get(key);
    if (entry === undefined) return { key, open: 0, clients: 0 };
    return entry.open >= this.#max * ANSWERED_TIMES ? undefined : entry;
  }

  opened(connection: object, entry: AddressEntry): void {
    if (entry.open++ === 0) this.#byKey.set(entry.key, entry);
    this.#byConnection.set(connection, entry);
  }

  /** Whether one more client of its address would be too many. */
  isFullFor(connection: object): boolean {
    const entry = this.#byConnection.get(connection);
    return entry !== undefined && entry.clients >= this.#max;
  }

  joined(connection: object): void {
    const entry = this.#byConnection.get(connection);
    if (entry !== undefined) entry.clients++;
  }

  left(connection: object): void {
    const entry = this.#byConnection.get(connection);
    if (entry !== undefined) entry.clients--;
  }

  closed(connection: object): void {
    const entry = this.#byConnection.get(connection);
    if (entry === undefined) return;
    this.#byConnection.delete(connection);
    if (--entry.open === 0) this.#byKey.delete(entry.key);
  }
}
