import { Deferred } from "../../journal/deferred.js";

/**
 * The moment at which messages for some sessions change over from one broker to another: a moment of its own for each broker that publishes,
 * as it marks its way to both between two messages.
 */
export class Switch {
  readonly #passed = new Set<string>();
  /** Brokers that have not passed; undefined until it is known who there is. */
  #awaited: Set<string> | undefined;
  #onPassed: (() => void) | undefined;
  /** Those of them that live. */
  #living: Set<string> | undefined;
  readonly #allLiving = new Deferred();

  /** Resolves when all brokers that live have passed: it waits for no broker's heir. */
  get passedByLiving(): Promise<void> {
    return this.#allLiving.promise;
  }

  /** Whether what that broker publishes comes after it. Who joins later knows nothing else. */
  hasPassed(broker: string): boolean {
    return this.#passed.has(broker) || (this.#awaited !== undefined && !this.#awaited.has(broker));
  }

  /** The members as they were when it was announced; `onPassed` is called once all of them have passed or left. */
  arm(members: Iterable<string>, onPassed: () => void): void {
    this.#awaited = new Set(members);
    for (const broker of this.#passed) this.#awaited.delete(broker);
    this.#living = new Set(this.#awaited);
    this.#onPassed = onPassed;
    this.#settle();
    this.#settleLiving();
  }

  pass(broker: string): void {
    this.#passed.add(broker);
    this.gone(broker);
  }

  /** The broker has left: nobody publishes there any more. */
  left(broker: string): void {
    if (this.#living?.delete(broker)) this.#settleLiving();
  }

  /** What it had on its way has come by its heir as well. */
  gone(broker: string): void {
    if (this.#awaited?.delete(broker)) this.#settle();
    this.left(broker);
  }

  #settleLiving(): void {
    if (this.#living?.size === 0) this.#allLiving.resolve();
  }

  #settle(): void {
    if (this.#awaited?.size !== 0) return;
    const tell = this.#onPassed;
    this.#onPassed = undefined;
    tell?.();
  }
}

/** Names the switch of what a dead broker had. */
export const estateToken = (broker: string): string => `!${broker}`;

/** All switches that are under way, by their names. */
export class Switches {
  readonly #switches = new Map<string, Switch>();

  get(token: string): Switch {
    let found = this.#switches.get(token);
    if (found === undefined) {
      found = new Switch();
      this.#switches.set(token, found);
    }
    return found;
  }

  /** A mark has come. Those of an estate come to everybody, also to who has none of it. */
  pass(token: string, broker: string): void {
    if (token.startsWith("!") && !this.#switches.has(token)) return;
    this.get(token).pass(broker);
  }

  arm(token: string, members: Iterable<string>, self: string, onPassed: () => void): void {
    const found = this.get(token);
    found.arm([...members, self], () => {
      this.#switches.delete(token);
      onPassed();
    });
    found.pass(self);
  }

  left(broker: string): void {
    for (const each of this.#switches.values()) each.left(broker);
  }

  gone(broker: string): void {
    for (const each of [...this.#switches.values()]) each.gone(broker);
  }
}
