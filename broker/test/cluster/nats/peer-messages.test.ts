import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { ClusterCounters } from "../../../src/cluster/nats/cluster-counters.js";
import { PeerMessages } from "../../../src/cluster/nats/peer-messages.js";
import { untilDurable } from "../../../src/cluster/nats/until-durable.js";
import { type Message, NEVER } from "../../../src/message.js";
import type { Outgoing } from "../../../src/persistence/outgoing.js";
import type { Place } from "../../../src/persistence/taken-numbers.js";
import { SettableClock } from "../../support/settable-clock.js";
import { MemoryEngine } from "./memory-engine.js";

const SWITCH = "!dead";

function message(payload: string): Message {
  return { topic: "t", payload: Buffer.from(payload), qos: 2, retain: false, properties: {}, expiresAtMs: NEVER, publisher: "" };
}

const outgoing: Outgoing = { origin: "self", number: 1, message: message("x"), toSubscribers: true, groups: [] };

describe("what is on its way to peers", () => {
  let messages: PeerMessages;
  /** What the next attempts to have something durable here come to; after these, they succeed. */
  let failures: number;
  let taken: string[];
  /** Groups whose messages have gone to members here. */
  let dealt: string[];
  /** Of what has come to sessions here. */
  let places: Place[];
  /** Dead brokers, and numbers of what they had had for groups. */
  let had: Set<string>;

  const durably = () => (failures-- > 0 ? Promise.reject(new Error("the store is full")) : Promise.resolve());
  const onTaken = (name: string) => () => void taken.push(name);
  /** The peer has all that was sent to it until now. */
  const acceptAll = async (from: string) => {
    await new Promise(setImmediate);
    messages.receive({ type: "acknowledgement", from, received: 100, accepted: 100 });
    await new Promise(setImmediate);
  };

  beforeEach(() => {
    failures = 0;
    taken = [];
    dealt = [];
    places = [];
    had = new Set();
    messages = new PeerMessages({
      engine: new MemoryEngine(),
      ...{ self: "self", subjectOf: (broker) => broker, clock: new SettableClock(), hashSeed: 1 },
      ...{ random: () => 0, shareStrategy: () => "round-robin", maxInFlightBytes: 1_000_000, maxBatchBytes: 10_000, isAwaited: true },
      counters: new ClusterCounters(),
      deliver: (_message, { groups }, from) => {
        dealt.push(...groups.map(({ shareName }) => shareName));
        if (from?.place !== undefined) places.push({ ...from.place });
        return durably();
      },
      kept: {
        ...{ changes: () => 0, mark: () => {}, numbers: new Map(), passed: () => {}, came: () => undefined },
        hadForGroup: () => {},
        dealt: ({ number }, dead) => void had.add(`self ${number} for ${dead}`),
        wasHadForGroup: (broker, { number }) => had.has(`${broker} ${number}`),
        commit: () => durably(),
        durable: (first) => untilDurable(first, durably, () => false),
      },
    });
    for (const peer of ["dead", "living"]) messages.table.add(messages.join(peer), "t");
  });

  it("is over when sessions here have it durable too, however often that fails", async () => {
    messages.hold("dead");
    messages.settle("dead", 0, SWITCH);
    failures = 3;
    void messages.publishOnce(outgoing, 0, "dead", true).then(onTaken("x"));
    await acceptAll("living");
    expect(taken).toEqual([]);
    await vi.waitFor(() => expect(taken).toEqual(["x"]), { timeout: 10_000 });
    expect(failures).toBe(-1);
  });

  it("and that is durable here is refused to nobody as peers cannot be reached: it comes to them when they can", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    void messages.publishOnce(outgoing, 0, undefined, false).then(onTaken("x"));
    messages.reject(new Error("out of reach"));
    await acceptAll("living");
    expect([taken, unhandled]).toEqual([[], []]);
    await acceptAll("dead");
    expect([taken, unhandled]).toEqual([["x"], []]);
  });

  it("and was passed on from a dead one is over when all have it durable, though whoever waited was told that it failed", async () => {
    const accepted = messages.publish(message("x"), [], { origin: "self", number: 1, floor: 1 }, onTaken("x"));
    messages.hold("dead");
    await acceptAll("living");
    expect(taken).toEqual([]);
    failures = 2;
    messages.settle("dead", 0, SWITCH);
    await expect(accepted).rejects.toThrow("the store is full");
    await acceptAll("living");
    await vi.waitFor(() => expect(taken).toEqual(["x"]), { timeout: 10_000 });
  });

  it("and was passed on from a dead one is over when peers have it that could not be reached at first", async () => {
    const accepted = messages.publish(message("x"), [], { origin: "self", number: 1, floor: 1 }, onTaken("x"));
    messages.hold("dead");
    await acceptAll("living");
    messages.settle("dead", 0, SWITCH);
    messages.reject(new Error("out of reach"));
    await expect(accepted).rejects.toThrow("out of reach");
    await acceptAll("living");
    await vi.waitFor(() => expect(taken).toEqual(["x"]));
  });

  it("keeps its place at QoS 1 when it is passed on from a dead one", async () => {
    for (const qos of [1, 0, 1] as const) {
      const place = messages.nextPlace();
      void messages.publish({ ...message("x"), qos }, [], undefined, undefined, qos === 1 ? place : undefined);
    }
    messages.hold("dead");
    await acceptAll("living");
    messages.settle("dead", 0, SWITCH);
    const origin = places[0]!.origin;
    expect(places.map(({ number }) => number)).toEqual([1, 3]);
    expect(origin).not.toBe("self"); // apart from the numbers of QoS 2
  });

  it("goes to another member of a shared group whose broker is dead, unless that had had it", () => {
    messages.settle("dead", 0, SWITCH);
    had.add("dead 1");
    const groups = [{ shareName: "g", filter: "t", broker: "dead" }];
    for (const number of [1, 2]) void messages.publishOnce({ ...outgoing, number, toSubscribers: false, groups }, 0, "self", true);
    expect([dealt, [...had]]).toEqual([["g"], ["dead 1", "self 2 for dead"]]);
  });

  it("is not passed on to another member of a shared group by whoever had it on the way, if the dead broker had had it", async () => {
    had.add("dead 1");
    const groups = [{ shareName: "g", filter: "t", broker: "dead" }];
    for (const number of [1, 2]) void messages.publishOnce({ ...outgoing, number, toSubscribers: false, groups }, 0, undefined, false);
    messages.hold("dead");
    messages.settle("dead", 0, SWITCH);
    expect([dealt, [...had]]).toEqual([["g"], ["dead 1", "self 2 for dead"]]);
  });
});
