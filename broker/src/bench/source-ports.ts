import type { Source } from "./wire.js";

/** Ports below need privileges. */
const FIRST_PORT = 1_024;
const PORTS = 65_536 - FIRST_PORT;
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
    const ordinal = tries === 0 ? this.#firstPort + Math.floor(index / count) : Math.floor(this.#random() * PORTS);
    return { address, port: FIRST_PORT + (ordinal % PORTS) };
  }

  isExhausted(tries: number): boolean {
    return tries > MOST_TRIES;
  }
}
