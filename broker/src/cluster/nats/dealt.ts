import { type Source, TakenNumbers } from "../../persistence/taken-numbers.js";

export interface DealtOptions {
  /** Stores what whoever takes over from this broker has to know. */
  readonly note: (what: Source) => void;
  /** That need not be stored any more. */
  readonly unnote: (origin: string) => void;
}

/** In no name of a broker. */
const SEPARATOR = ">";

/**
 * What dead brokers had of shared groups for clean sessions, or in places for sessions that have moved on, and was given to other members. That is noted in the same
 * change: if whoever takes over from such a broker dies before all know, the next begins anew with what that had left, and is not to give it to yet another.
 */
export class Dealt {
  readonly #options: DealtOptions;
  /** By name of dead broker and client. */
  readonly #known = new Map<string, TakenNumbers>();

  /** Noted here, by dead broker. */
  readonly #own = new Map<string, Set<string>>();

  constructor(options: DealtOptions) {
    this.#options = options;
  }

  /** What waited there under that sequence goes to another member. */
  note(broker: string, clientId: string, sequence: number): void {
    const origin = nameOf(broker, clientId);
    this.#options.note({ origin, number: sequence, floor: 0 });
    const own = this.#own.get(broker) ?? new Set();
    this.#own.set(broker, own.add(origin));
    this.#add(origin, new TakenNumbers(0, [sequence]));
  }

  /** What a broker had noted, among other things. */
  learn(had: ReadonlyMap<string, TakenNumbers>): void {
    for (const [origin, numbers] of had) if (origin.includes(SEPARATOR)) this.#add(origin, numbers);
  }

  /** Of what a dead broker has left for a client, what is with nobody else. */
  rest<T extends { readonly sequence: number }>(broker: string, clientId: string, deliveries: readonly T[]): readonly T[] {
    const gone = this.#known.get(nameOf(broker, clientId));
    return gone === undefined ? deliveries : deliveries.filter(({ sequence }) => !gone.has(sequence));
  }

  /** Of what a dead broker had noted, what its heir has to know: not what was left by brokers that others have taken over since. */
  static ofUse(had: ReadonlyMap<string, TakenNumbers>, isOpen: (broker: string) => boolean): Map<string, TakenNumbers> {
    return new Map([...had].filter(([origin]) => !origin.includes(SEPARATOR) || isOpen(origin.split(SEPARATOR, 1)[0]!)));
  }

  /** All know that this broker has taken over from that one: whoever takes over from this one does not begin with it anew. */
  settled(broker: string): void {
    for (const origin of this.#own.get(broker) ?? []) this.#options.unnote(origin);
    this.#own.delete(broker);
  }

  /** Nobody takes over from that broker any more. */
  forget(broker: string): void {
    for (const origin of this.#known.keys()) if (origin.startsWith(nameOf(broker, ""))) this.#known.delete(origin);
  }

  #add(origin: string, numbers: TakenNumbers): void {
    const known = this.#known.get(origin);
    if (known === undefined) this.#known.set(origin, numbers.copy());
    else known.add(numbers);
  }
}

function nameOf(broker: string, clientId: string): string {
  return broker + SEPARATOR + clientId;
}
