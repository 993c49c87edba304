/** How long anything that has to come may take before the test fails; long, because machines that run tests are busy. */
const DEADLINE_MS = 20_000;

interface Waiter<T> {
  readonly resolve: (item: T) => void;
  readonly reject: (error: Error) => void;
}

/** What a foreign client has been heard to say, in order, for a test to take. */
export class Inbox<T> {
  readonly #of: string;
  readonly #items: T[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #end: Error | undefined;

  /** `of` names its items in complaints. */
  constructor(of: string) {
    this.#of = of;
  }

  push(item: T): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#items.push(item);
    else waiter.resolve(item);
  }

  /** Nothing comes any more. */
  end(error: Error): void {
    this.#end ??= error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#end);
  }

  /** The next item, waited for if need be. */
  async next(): Promise<T> {
    if (this.#items.length > 0) return this.#items.shift() as T;
    if (this.#end !== undefined) throw this.#end;
    return inTime(new Promise((resolve, reject) => this.#waiters.push({ resolve, reject })), `no ${this.#of} came`);
  }

  async take(count: number): Promise<T[]> {
    const items: T[] = [];
    while (items.length < count) items.push(await this.next());
    return items;
  }
}

/** What `promise` gives, or an error when it takes too long. */
export async function inTime<T>(promise: Promise<T>, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint} within ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Settles when `isTrue` is; for what sends no event. */
export async function eventually(isTrue: () => boolean, complaint: string): Promise<void> {
  const started = Date.now();
  while (!isTrue()) {
    if (Date.now() - started > DEADLINE_MS) throw new Error(`${complaint} within ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
