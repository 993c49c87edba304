import type { WholeSession } from "../../persistence/session-records.js";
import { type Source, TakenNumbers } from "../../persistence/taken-numbers.js";

/** In no name of a broker. */
const SEPARATOR = ">";

/**
 * What had come of shared groups to dead brokers' places for sessions that have moved on, and was given to other members. That is noted in the same change: if whoever takes
 * over from such a broker dies before all know, the next begins anew with what that had left, and is not to give it to yet another.
 */
export class Dealt {
  readonly #store: (what: Source) => void;
  /** By dead broker and client. */
  readonly #known = new Map<string, TakenNumbers>();

  /** `store` notes what whoever takes over from this broker has to know. */
  constructor(store: (what: Source) => void) {
    this.#store = store;
  }

  /** What waited there under that sequence goes to another member. */
  note(broker: string, clientId: string, sequence: number): void {
    const origin = nameOf(broker, clientId);
    this.#store({ origin, number: sequence, floor: 0 });
    this.#add(origin, new TakenNumbers(0, [sequence]));
  }

  /** What a dead broker had noted, among other things. */
  learn(had: ReadonlyMap<string, TakenNumbers>): void {
    for (const [origin, numbers] of had) if (origin.includes(SEPARATOR)) this.#add(origin, numbers);
  }

  /** What a dead broker has left of a session, and is with nobody else. */
  rest(broker: string, whole: WholeSession): WholeSession {
    const gone = this.#known.get(nameOf(broker, whole.session.clientId));
    if (gone === undefined) return whole;
    const deliveries = whole.messages.deliveries.filter(({ sequence }) => !gone.has(sequence));
    return { ...whole, messages: { ...whole.messages, deliveries } };
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
