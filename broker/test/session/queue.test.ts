import { describe, expect, it } from "vitest";
import { Queue } from "../../src/session/queue.js";
import { seededRandom } from "../topics/support.js";

describe("Queue", () => {
  it("is empty at first, and when everything has been taken", () => {
    const queue = new Queue<string>();
    expect([queue.length, queue.peek(), queue.shift(), [...queue]]).toEqual([0, undefined, undefined, []]);
    queue.push("a");
    expect([queue.peek(), queue.shift(), queue.length, queue.shift()]).toEqual(["a", "a", 0, undefined]);
  });

  it.each([1, 2, 3])("gives back what was put in, in order, however long it gets meanwhile (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const queue = new Queue<number>();
    const expected: number[] = [];
    const taken: boolean[] = [];
    for (let step = 0; step < 20_000; step++) {
      // Grows and shrinks in long waves, so that it is compacted at many lengths.
      if (random() < (Math.floor(step / 700) % 2 === 0 ? 0.7 : 0.3)) {
        queue.push(step);
        expected.push(step);
      } else taken.push(queue.shift() === expected.shift());
      if (step % 100 === 0) expect([queue.length, queue.peek(), ...queue]).toEqual([expected.length, expected[0], ...expected]);
    }
    expect(taken).not.toContain(false);
  });
});
