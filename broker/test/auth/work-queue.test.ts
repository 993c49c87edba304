import { describe, expect, it } from "vitest";
import { WorkQueue } from "../../src/auth/work-queue.js";
import { SettableClock } from "../support/settable-clock.js";

/** Work that is done when the test says so. */
function works() {
  const begun: number[] = [];
  const finish: (() => void)[] = [];
  const work = (number: number) => () =>
    new Promise<number>((resolve) => {
      begun.push(number);
      finish.push(() => resolve(number));
    });
  return { begun, finish, work };
}

const limits = { maxConcurrent: 2, maxWaiting: 3, maxWaitMs: 1_000 };

describe("WorkQueue", () => {
  it("does so many at once, then those that waited, in order, and refuses more than may wait", async () => {
    const queue = new WorkQueue({ clock: new SettableClock(), ...limits });
    const { begun, finish, work } = works();
    const results = [0, 1, 2, 3, 4].map((number) => queue.run(work(number)));
    expect(begun).toEqual([0, 1]);
    expect([queue.running, queue.waiting]).toEqual([2, 3]);
    expect(queue.run(work(5))).toBeUndefined();

    finish[1]!();
    expect(await results[1]).toBe(1);
    expect(begun).toEqual([0, 1, 2]);
    expect(queue.run(work(6))).toBeInstanceOf(Promise);
    for (const index of [0, 2, 3, 4, 5]) {
      finish[index]!();
      await new Promise(setImmediate);
    }
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4]);
    expect(begun).toEqual([0, 1, 2, 3, 4, 6]);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it("does not begin what has waited for too long", async () => {
    const clock = new SettableClock();
    const queue = new WorkQueue({ clock, ...limits, maxConcurrent: 1 });
    const { begun, finish, work } = works();
    const first = queue.run(work(0));
    const late = queue.run(work(1));
    clock.nowMs += 1_001;
    const inTime = queue.run(work(2));
    finish[0]!();
    expect([await first, await late]).toEqual([0, undefined]);
    finish[1]!();
    expect(await inTime).toBe(2);
    expect(begun).toEqual([0, 2]);
  });

  it("goes on after work that failed", async () => {
    const queue = new WorkQueue({ clock: new SettableClock(), ...limits, maxConcurrent: 1 });
    const failed = queue.run(() => Promise.reject(new Error("out of order")));
    const next = queue.run(() => Promise.resolve("done"));
    await expect(failed).rejects.toThrow("out of order");
    expect(await next).toBe("done");
  });
});
