import { beforeEach, describe, expect, it } from "vitest";
import { TimerEntry, TimerWheel } from "../src/timer-wheel.js";
import { SettableClock } from "./support/settable-clock.js";
import { oneOf, seededRandom } from "./topics/support.js";

const SECOND = 1_000;
const YEAR = 365 * 24 * 3_600 * SECOND;

class Alarm extends TimerEntry {
  readonly #run: (alarm: Alarm) => void;

  constructor(run: (alarm: Alarm) => void) {
    super();
    this.#run = run;
  }

  override onTimeout(): void {
    this.#run(this);
  }
}

describe("TimerWheel", () => {
  let clock: SettableClock;
  let wheel: TimerWheel;
  let rung: string[];

  beforeEach(() => {
    clock = new SettableClock();
    wheel = new TimerWheel({ clock });
    rung = [];
  });

  const alarm = (name: string) => new Alarm(() => rung.push(name));

  function pass(ms: number): string[] {
    clock.nowMs += ms;
    wheel.advance();
    return rung.splice(0);
  }

  it("calls an entry once, when its time has come and not before", () => {
    const entry = alarm("a");
    wheel.arm(entry, 3 * SECOND);
    expect([pass(2_999), entry.isArmed, wheel.size]).toEqual([[], true, 1]);
    expect([pass(1), entry.isArmed, wheel.size]).toEqual([["a"], false, 0]);
    expect(pass(YEAR)).toEqual([]);
  });

  it("is never early for an entry that is armed late within a tick, and a tick late at most", () => {
    clock.nowMs += 900;
    wheel.arm(alarm("a"), SECOND);
    expect([pass(999), pass(1), pass(100)]).toEqual([[], [], ["a"]]);
  });

  it.each([0, -5])("calls an entry with a delay of %i at the next tick", (delayMs) => {
    wheel.arm(alarm("a"), delayMs);
    expect([pass(0), pass(SECOND)]).toEqual([[], ["a"]]);
  });

  it("moves an entry that is armed again, both ways", () => {
    const [early, late] = [alarm("early"), alarm("late")];
    wheel.arm(early, 9 * SECOND);
    wheel.arm(late, 2 * SECOND);
    wheel.arm(early, SECOND);
    wheel.arm(late, 10 * SECOND);
    expect([pass(SECOND), pass(8 * SECOND), pass(SECOND), wheel.size]).toEqual([["early"], [], ["late"], 0]);
  });

  it("forgets what is cancelled, and takes a second cancel for none", () => {
    const entry = alarm("a");
    wheel.cancel(entry);
    wheel.arm(entry, SECOND);
    wheel.cancel(entry);
    wheel.cancel(entry);
    expect([pass(5 * SECOND), entry.isArmed, wheel.size]).toEqual([[], false, 0]);
  });

  it("waits for years, in steps shorter than a turn of the wheel and longer ones", () => {
    wheel.arm(alarm("a"), 60 * YEAR);
    for (let step = 0; step < 10_000; step++) expect(pass(SECOND)).toEqual([]);
    expect(pass(60 * YEAR - 10_001 * SECOND)).toEqual([]);
    expect(pass(SECOND)).toEqual(["a"]);
  });

  it("takes a delay of more than 68 years for one of 68", () => {
    wheel.arm(alarm("a"), 0xfffffffe * SECOND);
    wheel.arm(alarm("b"), Number.POSITIVE_INFINITY);
    expect([pass(0x7ffffffe * SECOND), pass(SECOND).sort()]).toEqual([[], ["a", "b"]]);
  });

  it("calls everything that a stall has left behind, earliest first", () => {
    for (const seconds of [40, 7, 300, 12, 1]) wheel.arm(alarm(`${seconds}`), seconds * SECOND);
    expect(pass(45 * SECOND)).toEqual(["1", "7", "12", "40"]);
    expect(pass(YEAR)).toEqual(["300"]);
  });

  it("lets no more time pass at once than it is told to, however long the broker stood still", () => {
    wheel = new TimerWheel({ clock, longestStepMs: 5 * SECOND });
    wheel.arm(alarm("near"), 5 * SECOND);
    wheel.arm(alarm("far"), 6 * SECOND);
    expect([pass(3_600 * SECOND), pass(SECOND)]).toEqual([["near"], ["far"]]);
  });

  it("goes on at once when the clock is set back", () => {
    wheel.arm(alarm("a"), 2 * SECOND);
    expect([pass(-3_600 * SECOND), pass(SECOND), pass(SECOND)]).toEqual([[], [], ["a"]]);
  });

  it("lets an entry arm itself again, as a keep-alive does that saw packets meanwhile", () => {
    let packetSeen = true;
    const keepAlive = new Alarm((self) => {
      rung.push(packetSeen ? "again" : "dead");
      if (packetSeen) wheel.arm(self, 10 * SECOND);
      packetSeen = false;
    });
    wheel.arm(keepAlive, 10 * SECOND);
    expect([pass(10 * SECOND), pass(9 * SECOND), pass(SECOND), pass(YEAR)]).toEqual([["again"], [], ["dead"], []]);
  });

  it("counts from now when an entry that a stall has delayed arms itself again", () => {
    const repeating = new Alarm((self) => {
      rung.push("tick");
      wheel.arm(self, 10 * SECOND);
    });
    wheel.arm(repeating, 10 * SECOND);
    expect([pass(100 * SECOND), pass(9 * SECOND), pass(SECOND)]).toEqual([["tick"], [], ["tick"]]);
  });

  it("does not call an entry that another due at the same tick has cancelled or moved", () => {
    // Whichever of the three is called first cancels one of the others and moves the other.
    const entries: Alarm[] = [0, 1, 2].map(
      (i) =>
        new Alarm(() => {
          rung.push(`${i}`);
          wheel.cancel(entries[(i + 1) % 3]!);
          wheel.arm(entries[(i + 2) % 3]!, 5 * SECOND);
        }),
    );
    for (const entry of entries) wheel.arm(entry, SECOND);
    expect(pass(SECOND)).toHaveLength(1);
    expect(wheel.size).toBe(1);
  });

  it("calls no more than it is asked to at a time, says whether there are more, and forgets none", () => {
    for (const [seconds, names] of [
      [1, "abcde"],
      [2, "fgh"],
      [9_000, "i"],
    ] as const) {
      for (const name of names) wheel.arm(alarm(name), seconds * SECOND);
    }
    clock.nowMs += 2 * SECOND;
    const calls: [boolean, number][] = [];
    for (let isMore = true; isMore; ) {
      isMore = wheel.advance(3);
      calls.push([isMore, rung.length]);
    }
    expect(calls).toEqual([
      [true, 3],
      [true, 6],
      [false, 8],
    ]);
    expect([...rung].sort().join("")).toBe("abcdefgh");
    clock.nowMs += 9_000 * SECOND;
    expect([wheel.advance(3), rung.at(-1), wheel.size]).toEqual([false, "i", 0]);
  });

  it("goes on behind an entry that throws", () => {
    wheel.arm(
      new Alarm(() => {
        throw new Error("broken");
      }),
      SECOND,
    );
    wheel.arm(alarm("before"), SECOND);
    wheel.arm(alarm("after"), 2 * SECOND);
    clock.nowMs += 3 * SECOND;
    expect(() => wheel.advance()).toThrow("broken");
    wheel.advance();
    expect([rung, wheel.size]).toEqual([["before", "after"], 0]);
  });

  it.each([
    [1, 1_000],
    [2, 100],
    [3, 7],
    [4, 60_000],
  ])("agrees with a plain list of deadlines while entries come and go (seed %i, ticks of %i ms)", (seed, tickMs) => {
    const random = seededRandom(seed);
    wheel = new TimerWheel({ clock, tickMs });
    const deadlines = new Map<Alarm, number>();
    const entries = Array.from(
      { length: 200 },
      () =>
        new Alarm((self) => {
          expect(clock.nowMs).toBeGreaterThanOrEqual(deadlines.get(self)!);
          deadlines.delete(self);
          if (random() < 0.5) change();
        }),
    );

    function change(): void {
      const entry = oneOf(entries, random);
      if (random() < 0.2) {
        wheel.cancel(entry);
        deadlines.delete(entry);
        return;
      }
      const delayMs = Math.floor(random() * tickMs * oneOf([3, 50, 5_000, 50_000], random));
      wheel.arm(entry, delayMs);
      deadlines.set(entry, clock.nowMs + delayMs);
    }

    for (let step = 0; step < 20_000; step++) {
      for (let i = 0; i < 3; i++) change();
      clock.nowMs += Math.floor(random() * tickMs * (random() < 0.01 ? 9_000 : 3));
      wheel.advance();

      if (wheel.size !== deadlines.size) expect.fail(`${wheel.size} armed, ${deadlines.size} expected`);
      const overdue = [...deadlines].find(([, deadline]) => deadline + tickMs < clock.nowMs);
      if (overdue !== undefined) expect.fail(`not called ${clock.nowMs - overdue[1]} ms after its time`);
    }
    for (const entry of entries) expect(entry.isArmed).toBe(deadlines.has(entry));
  });
});
