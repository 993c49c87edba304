import { beforeEach, describe, expect, it } from "vitest";
import { CommitError } from "../../src/session/commit-error.js";
import { Commits, NOTHING_TO_AWAIT } from "../../src/session/commits.js";
import { deferred, endOfTurn } from "../connection/support.js";

describe("Commits", () => {
  let stores: { answer: Promise<void> | undefined; commit(): Promise<void> | undefined }[];
  let failures: unknown[];
  let commits: Commits;
  beforeEach(() => {
    stores = [1, 2].map(() => ({
      answer: undefined as Promise<void> | undefined,
      commit() {
        return this.answer;
      },
    }));
    failures = [];
    commits = new Commits({ stores, onFailure: (error) => failures.push(error) });
  });

  /** Waits for what is changed now; what it is told is counted. */
  function waiter() {
    const waiter = { told: 0, group: commits.current(), onDurable: () => void waiter.told++ };
    commits.wait(waiter);
    return waiter;
  }

  it("has nothing to await where stores have not", () => {
    expect([commits.commit(), commits.current(), commits.has(NOTHING_TO_AWAIT)]).toEqual([undefined, NOTHING_TO_AWAIT, true]);
  });

  it("gives one promise for a group, and is through when all stores are", async () => {
    const [first, second] = [deferred(), deferred()];
    [stores[0]!.answer, stores[1]!.answer] = [first.promise, second.promise];
    const whole = commits.commit();
    const waiting = waiter();
    expect(commits.commit()).toBe(whole);
    first.resolve();
    await endOfTurn();
    expect([waiting.told, commits.has(waiting.group)]).toEqual([0, false]);
    second.resolve();
    await endOfTurn();
    expect([waiting.told, commits.has(waiting.group)]).toEqual([1, true]);
    for (const store of stores) store.answer = undefined;
    expect(commits.commit()).toBeUndefined();
  });

  it("takes a group for everything before it", async () => {
    const groups = [deferred(), deferred(), deferred()];
    const waiting = groups.map(({ promise }) => {
      stores[0]!.answer = promise;
      return waiter();
    });
    groups[1]!.resolve();
    await endOfTurn();
    expect(waiting.map(({ told, group }) => [told, commits.has(group)])).toEqual([
      [1, true],
      [1, true],
      [0, false],
    ]);
    groups[0]!.resolve();
    groups[2]!.resolve();
    await endOfTurn();
    expect(waiting.map(({ told }) => told)).toEqual([1, 1, 1]);
  });

  it("keeps those who wait for a group that fails until one does not, and tells of each failure once", async () => {
    const full = Object.assign(new Error("write failed"), { code: "ENOSPC" });
    const waiting = [];
    for (let i = 0; i < 3; i++) {
      const group = deferred();
      stores[0]!.answer = group.promise;
      waiting.push(waiter(), waiter());
      group.reject(new Error("explained", { cause: full }));
      await endOfTurn();
    }
    expect([waiting.map(({ told }) => told), commits.stalledCount, failures.length]).toEqual([[0, 0, 0, 0, 0, 0], 6, 3]);
    expect(failures.every((error) => error instanceof CommitError && error.isForWantOfRoom)).toBe(true);
    const good = deferred();
    stores[0]!.answer = good.promise;
    const last = waiter();
    commits.stall(last);
    good.resolve();
    await endOfTurn();
    expect([waiting.map(({ told }) => told), commits.stalledCount]).toEqual([[1, 1, 1, 1, 1, 1], 0]);
  });

  it("has a failure that has nothing to do with room", async () => {
    stores[0]!.answer = Promise.reject(new Error("broken"));
    await expect(commits.commit()).rejects.toMatchObject({ name: "CommitError", isForWantOfRoom: false });
  });
});
