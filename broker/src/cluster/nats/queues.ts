type Kind = "claim" | "release";

interface Queue {
  last: Promise<unknown>;
  /** What is under way or waits, and how much of it is claims. */
  length: number;
  claims: number;
}

/** What is done about each client, one after the other. Bounded by the clients that come and go at the moment. */
export class Queues {
  readonly #queues = new Map<string, Queue>();

  /** Whether a claim is under way or waits. */
  hasClaim(clientId: string): boolean {
    return (this.#queues.get(clientId)?.claims ?? 0) > 0;
  }

  /** Runs it when all that came before has ended, at once if there is nothing. */
  add<T>(clientId: string, kind: Kind, run: () => Promise<T>): Promise<T> {
    const claims = kind === "claim" ? 1 : 0;
    const waiting = this.#queues.get(clientId);
    const queue = waiting ?? { last: Promise.resolve(), length: 0, claims: 0 };
    if (waiting === undefined) this.#queues.set(clientId, queue);
    queue.length++;
    queue.claims += claims;
    const work = async () => {
      try {
        return await run();
      } finally {
        queue.claims -= claims;
        if (--queue.length === 0) this.#queues.delete(clientId);
      }
    };
    const result = waiting === undefined ? work() : waiting.last.then(work, work);
    queue.last = result;
    return result;
  }
}
