import type { Source } from "./wire.js";

/**
 * Ranges in the order in which they are used: from where no privileges are needed up to those that Linux gives to other programs' connections
 * (32768 to 60999, `net.ipv4.ip_local_port_range`), those above, and only then these, which others would be without meanwhile.
 */
const RANGES: readonly (readonly [first: number, last: number])[] = [
  [1_024, 32_767],
  [61_000, 65_535],
  [32_768, 60_999],
];
const PORTS = 65_536 - 1_024;
/** In the ranges that others do not need. */
const FREE_PORTS = PORTS - (60_999 - 32_768 + 1);
/** Ports tried for one connection before the kernel is left to choose. */
const MOST_TRIES = 30;

/** Connections that one source address can have to one address and port of a broker. */
export const PORTS_PER_ADDRESS = PORTS;

/**
 * Where connections come from: addresses in turn, each with a port of its own. Bound explicitly, so that neither the kernel's port range nor
 * its ever longer search bounds them (at 18,000 connections to one address that search took 200 µs each).
 */
export class SourcePorts {
  readonly #addresses: readonly string[];
  readonly #firstPort: number;
  readonly #random: () => number;

  /** The first port is chosen at random, as ports of a run before may be taken for a minute. */
  constructor(addresses: readonly string[], firstPort: number, random: () => number = Math.random) {
    this.#addresses = addresses;
    this.#firstPort = firstPort;
    this.#random = random;
  }

  /** Of the connection with that index over all processes. `tries` have found their port taken. Undefined: no address was asked for. */
  of(index: number, tries: number): Source | undefined {
    const count = this.#addresses.length;
    if (count === 0) return undefined;
    const address = this.#addresses[index % count]!;
    if (tries >= MOST_TRIES) return { address };
    const ordinal = Math.floor(index / count);
    const isAmongFree = ordinal < FREE_PORTS;
    if (tries > 0) return { address, port: portAt(Math.floor(this.#random() * (isAmongFree ? FREE_PORTS : PORTS))) };
    return { address, port: portAt(isAmongFree ? (this.#firstPort + ordinal) % FREE_PORTS : ordinal % PORTS) };
  }

  isExhausted(tries: number): boolean {
    return tries > MOST_TRIES;
  }
}

/** The port in that place of the ranges. */
function portAt(place: number): number {
  let left = place;
  for (const [first, last] of RANGES) {
    if (left <= last - first) return first + left;
    left -= last - first + 1;
  }
  throw new RangeError(`there are ${PORTS} ports, not ${place}`);
}
