import { beforeEach, describe, expect, it } from "vitest";
import { AppliedWaits } from "../../../src/cluster/nats/applied-waits.js";
import { Membership } from "../../../src/cluster/nats/membership.js";
import { SettableClock } from "../../support/settable-clock.js";

describe("who is a member", () => {
  let clock: SettableClock;
  let membership: Membership;

  beforeEach(() => {
    clock = new SettableClock();
    membership = new Membership({ self: "self", clock, deadAfterMs: 5_000 });
    membership.joined("peer");
    membership.joined("self");
  });

  /** Seconds in which these are heard. */
  function pass(seconds: number, ...heard: string[]): void {
    for (let second = 0; second < seconds; second++) {
      clock.nowMs += 1_000;
      for (const broker of heard) membership.heard(broker);
    }
  }

  it("is said by the log alone, once each", () => {
    membership.heard("stranger");
    expect([membership.joined("peer"), membership.joined("other"), [...membership.peers]]).toEqual([false, true, ["peer", "other"]]);
    expect([membership.isMember("stranger"), membership.isMember("peer"), membership.isMember("self")]).toEqual([false, true, true]);
    expect([membership.left("peer"), membership.left("peer"), membership.peerCount]).toEqual([true, false, 1]);
  });

  it("has one that is the oldest: the one that nobody was there before who still is", () => {
    expect(membership.isOldest).toBe(false);
    membership.joined("younger");
    membership.joined("older after all", true);
    membership.left("peer");
    expect(membership.isOldest).toBe(false);
    membership.left("older after all");
    expect(membership.isOldest).toBe(true);
    membership.joined("peer");
    expect(membership.isOldest).toBe(true);
    membership.left("self");
    expect(membership.isOldest).toBe(false);
  });

  it("hands sessions to nobody who has said that it takes none, until it says otherwise", () => {
    membership.joined("other");
    membership.setReady("stranger", false);
    expect(membership.takers).toEqual(["peer", "other"]);
    membership.setReady("peer", false);
    expect(membership.takers).toEqual(["other"]);
    membership.setReady("peer", true);
    membership.setReady("other", false);
    membership.left("other");
    membership.joined("other");
    expect(membership.takers).toEqual(["peer", "other"]);
  });

  it("takes for dead who is silent for that long, while it hears itself", () => {
    pass(10, "self", "peer");
    expect(membership.dead).toEqual([]);
    pass(4, "self");
    expect(membership.dead).toEqual([]);
    pass(1, "self");
    expect(membership.dead).toEqual(["peer"]);
    membership.heard("peer");
    expect(membership.dead).toEqual([]);
  });

  it("judges nobody when it hears nothing itself, nor before it has heard for long enough again", () => {
    pass(10, "self", "peer");
    pass(10);
    expect(membership.dead).toEqual([]);
    pass(5, "self");
    expect(membership.dead).toEqual([]);
    pass(1, "self");
    expect(membership.dead).toEqual(["peer"]);
  });

  it("judges nobody before it has joined, or when it has been judged itself", () => {
    const joining = new Membership({ self: "self", clock, deadAfterMs: 5_000 });
    joining.joined("peer");
    expect([joining.phase, joining.isMember("self")]).toEqual(["joining", false]);
    pass(10, "self");
    membership.left("self");
    expect([membership.phase, membership.dead, joining.dead]).toEqual(["fenced", [], []]);
    expect(membership.joined("self")).toBe(false);
  });
});

describe("a broker that lives and that the log has not, though it has joined", () => {
  const claims = (seconds: number, every: number, ...brokers: string[]) => {
    const clock = new SettableClock();
    const membership = new Membership({ self: "self", clock, deadAfterMs: 5_000 });
    for (const broker of ["self", "peer", "gone"]) membership.joined(broker);
    membership.left("gone");
    for (let second = 0; second <= seconds; second += every) {
      for (const broker of brokers) membership.claims(broker);
      clock.nowMs += every * 1_000;
    }
    return membership;
  };

  it("is noticed when it says so for long enough, unless it is a member, or has left, or is only read late", () => {
    expect([claims(4, 1, "stranger").stranger, claims(5, 1, "stranger").stranger]).toEqual([undefined, "stranger"]);
    expect(claims(100, 1, "self", "peer", "gone").stranger).toBeUndefined();
    expect(claims(100, 10, "stranger").stranger).toBeUndefined();
    const membership = claims(100, 1, "stranger");
    membership.joined("stranger");
    expect(membership.stranger).toBeUndefined();
  });
});

describe("who has applied the log", () => {
  it("is waited for until all have, or have left, those that came later not at all", async () => {
    const waits = new AppliedWaits();
    for (const [member, sequence] of [
      ["self", 1],
      ["a", 2],
      ["b", 3],
    ] as const)
      waits.join(member, sequence);
    const done: number[] = [];
    const waited = [5, 7, 6].map((sequence) => waits.wait(sequence).then(() => done.push(sequence)));
    waits.join("late", 8);
    waits.applied("self", 9);
    waits.applied("a", 6);
    waits.applied("a", 5);
    waits.applied("unknown", 9);
    await Promise.resolve();
    expect(done).toEqual([]);
    waits.applied("b", 5);
    await waited[0];
    expect(done).toEqual([5]);
    waits.leave("b");
    await waited[2];
    expect(done).toEqual([5, 6]);
    waits.applied("a", 7);
    await Promise.all(waited);
    expect(done).toEqual([5, 6, 7]);
    await waits.wait(4);
  });

  it("is not known any more when the engine is out of reach", async () => {
    const waits = new AppliedWaits();
    waits.join("self", 1);
    const waited = waits.wait(5);
    waits.fail(new Error("away"));
    await expect(waited).rejects.toThrow("away");
  });
});
