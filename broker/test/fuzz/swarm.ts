import { attack, type Ports } from "./attacker.js";
import { scriptOf } from "./script.js";

/** Sockets at once. */
const ATTACKERS = 96;

/** Attackers that come one after the other, many at a time. */
export class Swarm {
  readonly #ports: Ports;
  readonly #seed: number;
  readonly #problem: (text: string) => void;
  /** Number of the next attacker. */
  #next: number;
  #packets = 0;

  constructor(options: { readonly ports: Ports; readonly seed: number; readonly first: number; readonly problem: (text: string) => void }) {
    this.#ports = options.ports;
    this.#seed = options.seed;
    this.#next = options.first;
    this.#problem = options.problem;
  }

  /** Mutated packets sent so far. */
  get packets(): number {
    return this.#packets;
  }

  /** Connections made so far. */
  get connections(): number {
    return this.#next;
  }

  /** Attacks until so many more mutated packets have been sent, or `isOver` says stop. */
  async send(packets: number, isOver: () => boolean): Promise<void> {
    const until = this.#packets + packets;
    const one = async () => {
      while (this.#packets < until && !isOver()) {
        const script = scriptOf(this.#seed, this.#next++);
        this.#packets += script.packets;
        const problem = await attack(this.#ports, script);
        if (problem !== undefined) this.#problem(problem);
      }
    };
    await Promise.all(Array.from({ length: ATTACKERS }, one));
  }
}
