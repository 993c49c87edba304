import { describe, expect, it, onTestFinished, vi } from "vitest";
import { HeldPlaces } from "../../src/admin/lists/held-places.js";
import { type Page, readPage } from "../../src/admin/lists/page.js";
import { Slices } from "../../src/admin/lists/slices.js";
import { Problem } from "../../src/admin/problem.js";
import { TopicTree } from "../../src/retained/topic-tree.js";

/** Ends a slice even if a clock stood still. */
const MOST_EACH_TURN = 256;

const places = <T>() => new HeldPlaces<T>("things");

function entriesOf({ pieces }: Page): unknown[] {
  return pieces.flatMap((piece) => JSON.parse(`[${Buffer.from(piece)}]`) as unknown[]);
}

/** Counts what is done each time round the event loop. */
class TurnCounter {
  most = 0;
  turns = 0;
  #now = 0;
  #isDone = false;

  constructor() {
    const turn = () => {
      this.turns++;
      this.most = Math.max(this.most, this.#now);
      this.#now = 0;
      if (!this.#isDone) setImmediate(turn);
    };
    setImmediate(turn);
  }

  add(): void {
    this.#now++;
  }

  stop(): void {
    this.#isDone = true;
    this.most = Math.max(this.most, this.#now);
  }
}

describe("a list", () => {
  it("is read in slices, with the event loop between them", async () => {
    const counter = new TurnCounter();
    const numbers = Array.from({ length: 18_000 }, (_, n) => ({ n }));
    const page = await readPage(
      { limit: 1_000 },
      places<{ readonly n: number }>(),
      () => numbers.values(),
      (thing) => {
        counter.add();
        return thing.n % 18 === 0 ? thing : undefined;
      },
    );
    counter.stop();
    expect(page.count).toBe(1_000);
    expect(entriesOf(page)).toEqual(numbers.filter(({ n }) => n % 18 === 0));
    expect(counter.most).toBeLessThanOrEqual(MOST_EACH_TURN);
    expect(counter.turns).toBeGreaterThan(17_000 / MOST_EACH_TURN);
  });

  it("takes turns with all other lists, however many are read at once", async () => {
    const counter = new TurnCounter();
    const numbers = Array.from({ length: 1_000 }, (_, n) => ({ n }));
    const read = () =>
      readPage(
        { limit: 1_000 },
        places<{ readonly n: number }>(),
        () => numbers.values(),
        (thing) => {
          counter.add();
          return thing;
        },
      );
    const pages = await Promise.all(Array.from({ length: 64 }, read));
    counter.stop();
    expect(pages.map(({ count }) => count)).toEqual(Array.from({ length: 64 }, () => 1_000));
    expect(counter.most).toBeLessThanOrEqual(MOST_EACH_TURN);
  });

  it("is written in pieces", async () => {
    const entry = { text: "x".repeat(300) };
    const page = await readPage(
      { limit: 1_000 },
      places<typeof entry>(),
      () => Array.from({ length: 1_000 }, () => entry).values(),
      (thing) => thing,
    );
    expect(page.count).toBe(1_000);
    for (const piece of page.pieces) expect(piece.length).toBeLessThan(17_000);
    expect(entriesOf(page)).toHaveLength(1_000);
  });

  it("is not read on when nobody waits for it any more", async () => {
    const aborter = new AbortController();
    let looked = 0;
    const page = readPage(
      { limit: 1_000, signal: aborter.signal },
      places<{ readonly n: number }>(),
      () => Array.from({ length: 100_000 }, (_, n) => ({ n })).values(),
      () => {
        if (++looked === 100) aborter.abort();
        return undefined;
      },
    );
    await expect(page).rejects.toThrow(Problem);
    expect(looked).toBeLessThanOrEqual(MOST_EACH_TURN);
  });
});

describe("the place where a page ended", () => {
  const placeAt = (offset: number) => ({ rest: [].values(), offset });

  it("is let go of after a minute, whether anything is asked for again or not", () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const held = places();
    const [first, second] = [held.keep(placeAt(1)), held.keep(placeAt(2))];
    vi.advanceTimersByTime(59_999);
    expect(held.take(first)?.offset).toBe(1);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(held.take(second)).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is let go of when there are 64 later ones", () => {
    const held = places();
    const numbers = Array.from({ length: 65 }, (_, i) => held.keep(placeAt(i)));
    expect(numbers.map((number) => held.take(number)?.offset)).toEqual([undefined, ...Array.from({ length: 64 }, (_, i) => i + 1)]);
  });
});

describe("a slice", () => {
  it("ends with its time, however little was looked at", async () => {
    let now = 0;
    const slices = new Slices(() => now);
    let pauses = 0;
    for (let thing = 0; thing < 90; thing++) {
      const pause = slices.next();
      if (pause !== undefined) {
        pauses++;
        await pause;
      }
      now += 0.1;
    }
    expect(pauses).toBe(30); // three things of 0.1 ms are more than a quarter
  });
});

describe("a walk through topics", () => {
  it("pauses, though nothing matches", () => {
    const tree = new TopicTree<string>();
    for (let i = 0; i < 10_000; i++) tree.set(`a/${i}`, `a/${i}`);
    const walked = [...tree.walk("+/nothing")];
    expect(walked.every((value) => value === undefined)).toBe(true);
    const wide = [...tree.walk("a/+")];
    expect(wide.filter((value) => value !== undefined)).toHaveLength(10_000);
    const dry = [...tree.walk("+/+/x")];
    expect(dry.length).toBeGreaterThan(10_000 / 65);
  });
});
