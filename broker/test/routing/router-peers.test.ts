import { beforeEach, describe, expect, it } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import { Deferred } from "../../src/journal/deferred.js";
import type { Place } from "../../src/persistence/taken-numbers.js";
import { Subscription } from "../../src/session/subscription.js";
import { messageOf, optionsOf } from "../session/support.js";
import { oneOf, seededRandom } from "../topics/support.js";
import { TestRouter } from "./support.js";

describe("a router with peers", () => {
  let parts: TestRouter;
  beforeEach(() => {
    parts = new TestRouter();
  });

  it("announces a filter with its first subscriber and takes it back with its last, each share by itself", () => {
    const held = [
      parts.subscribe("c", "t"),
      parts.subscribe("d", "t"),
      parts.subscribe("c", "$share/g/t"),
      parts.subscribe("d", "$share/g/t"),
    ];
    parts.subscribe("c", "t", { qos: 2 });
    parts.subscribe("c", "$share/h/t");
    expect(parts.backplane.calls).toEqual(["+t", "+g:t", "+h:t"]);
    for (const subscription of held) parts.router.unsubscribe(subscription);
    for (const subscription of held) parts.router.unsubscribe(subscription);
    expect(parts.backplane.calls.slice(3)).toEqual(["-t", "-g:t"]);
  });

  it.each(["t", "$share/g/t"])("has whoever subscribes to %s wait until peers know of it, not the first alone", async (filter) => {
    const known = new Deferred();
    Object.assign(parts.backplane, { subscribed: () => known.promise });
    const subscribe = (clientId: string) => parts.router.subscribe(new Subscription(parts.session(clientId), optionsOf(filter)));
    const first = subscribe("a");
    expect([first, subscribe("b"), subscribe("a")]).toEqual([known.promise, first, first]);
    expect([subscribe("c") === first, parts.router.subscribe(new Subscription(parts.session("c"), optionsOf("u")))]).toEqual([true, first]);
    known.resolve();
    await first;
    expect(subscribe("d")).toBeUndefined();
  });

  it.each([1, 2])("announces and takes back in pairs, whatever comes and goes (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const held = new Map<string, Subscription>();
    for (let step = 0; step < 2_000; step++) {
      const clientId = oneOf(["a", "b", "c"], random);
      const filter = oneOf(["t", "t/#", "+", "$share/g/t", "$share/h/t", "$share/g/+"], random);
      const key = `${clientId} ${filter}`;
      const existing = held.get(key);
      if (random() < 0.5) held.set(key, parts.subscribe(clientId, filter, { qos: oneOf([0, 1, 2] as const, random) }));
      else if (existing !== undefined) {
        parts.router.unsubscribe(existing);
        held.delete(key);
      }
      if (step === 1_000) expect(parts.router.subscriptionCount).toBe(held.size);
    }
    const announced = new Set<string>();
    for (const call of parts.backplane.calls) {
      expect(announced.has(call.slice(1))).toBe(call.startsWith("-"));
      if (call.startsWith("+")) announced.add(call.slice(1));
      else announced.delete(call.slice(1));
    }
    const expected = [...held.values()].map(({ topicFilter, shared }) =>
      shared === undefined ? topicFilter : `${shared.shareName}:${shared.filter}`,
    );
    expect(announced).toEqual(new Set(expected));
  });

  it("hands over only what a peer wants, with bytes of its own, and takes a peer's interest for a match", () => {
    parts.backplane.wanted = (topic) => topic === "wanted";
    const publication = parts.publication("wanted");
    expect(parts.router.publish(publication, null)).toBeUndefined();
    expect(parts.router.hasMatched).toBe(true);
    parts.publish("unwanted");
    expect([parts.router.hasMatched, parts.backplane.published]).toEqual([false, [publication.message()]]);
  });

  it("hands over retained messages, and what the broker publishes by itself", () => {
    parts.backplane.wanted = () => true;
    parts.router.publishMessage(parts.publication("will", { retain: true }).message());
    expect(parts.backplane.published.map(({ topic, retain }) => [topic, retain])).toEqual([["will", true]]);
  });

  it("hands nothing on that came from a peer", () => {
    parts.backplane.wanted = () => true;
    parts.subscribe("c", "t");
    parts.router.publishFromPeer(parts.publication("t").message(), { toSubscribers: true, groups: [] });
    expect([parts.backplane.published, parts.counts("c")]).toEqual([[], [1]]);
  });

  it("waits for the stores and the peers together, and fails if either does", async () => {
    parts.backplane.wanted = () => true;
    parts.backplane.answer = () => Promise.resolve();
    await expect(parts.publish("t")).resolves.toBeUndefined();
    parts.context.messages.commit = () => Promise.reject(new Error("disk full")) as never;
    await expect(parts.publish("t")).rejects.toMatchObject({ cause: { message: "disk full" } });
    parts.backplane.answer = () => Promise.reject(new Error("no peer"));
    parts.context.messages.commit = () => undefined;
    await expect(parts.publish("t")).rejects.toThrow("no peer");
  });

  it("waits for no store at QoS 0, and for one promise of both stores at QoS 1", async () => {
    const commits: string[] = [];
    const committed = Promise.resolve();
    parts.context.messages.commit = () => {
      commits.push("messages");
      return committed as never;
    };
    parts.retained.commit = () => {
      commits.push("retained");
      return committed as never;
    };
    expect([parts.publish("t", { qos: 0 }), commits]).toEqual([undefined, []]);
    const both = parts.publish("t", { qos: 1 });
    expect([both, commits]).toEqual([expect.any(Promise), ["messages", "retained"]]);
    expect(parts.publish("t", { qos: 2 })).toBe(both);
    expect([parts.publish("t", { qos: 0, retain: true }), commits]).toEqual([undefined, Array(3).fill(["messages", "retained"]).flat()]);
  });

  it("has stored what a peer has published, though nobody waits for it", () => {
    let commits = 0;
    parts.context.messages.commit = () => void commits++ as undefined;
    parts.subscribe("c", "t");
    parts.router.publishFromPeer(parts.publication("t", { qos: 1 }).message(), { toSubscribers: true, groups: [] });
    expect(commits).toBe(1);
  });

  it("stores which QoS 2 messages of a client were taken, until they are released [MQTT-4.3.3-10]", () => {
    parts.router.received("c", 5);
    expect(parts.context.messages.load("c").received).toEqual([5]);
    parts.router.released("c", 5);
    expect(parts.context.messages.load("c").received).toEqual([]);
  });
});

describe("a router whose peers have members of its shared groups", () => {
  const GROUP = { shareName: "g", filter: "t" };
  let parts: TestRouter;
  beforeEach(() => {
    parts = new TestRouter();
    parts.backplane.wanted = () => true;
  });

  it("gives a message to a member of its own only when it is this broker's turn, and says so when it hands it over", () => {
    parts.subscribe("ordinary", "t");
    parts.subscribe("a", "$share/g/t");
    parts.subscribe("b", "$share/h/t");
    parts.backplane.kept = ({ shareName }) => shareName === "h";
    parts.publish("t");
    expect([parts.counts("ordinary", "a", "b"), parts.backplane.keptGroups]).toEqual([[1, 0, 1], [[{ shareName: "h", filter: "t" }]]]);
  });

  it("delivers what a peer hands over to whom it says, and to nobody else", () => {
    parts.subscribe("ordinary", "t");
    parts.subscribe("a", "$share/g/t");
    parts.subscribe("b", "$share/h/t");
    const message = parts.publication("t").message();
    parts.router.publishFromPeer(message, { toSubscribers: false, groups: [GROUP] });
    expect(parts.counts("ordinary", "a", "b")).toEqual([0, 1, 0]);
    parts.router.publishFromPeer(message, { toSubscribers: true, groups: [] });
    expect(parts.counts("ordinary", "a", "b")).toEqual([1, 1, 0]);
  });

  it("hands on what is for a group whose last member here has gone", () => {
    const message = parts.publication("t").message();
    parts.router.publishFromPeer(message, { toSubscribers: false, groups: [GROUP] });
    expect(parts.backplane.handedOn).toEqual([[message, GROUP]]);
  });

  it("gives a member that was handed over to a peer nothing of its group, whoever publishes", () => {
    parts.subscribe("leaving", "$share/g/t");
    const session = parts.session("leaving");
    session.link = null;
    session.isHandedOver = true;
    parts.publish("t", { qos: 1 });
    const message = parts.publication("t", { qos: 1 }).message();
    parts.router.publishFromPeer(message, { toSubscribers: false, groups: [GROUP] });
    expect([session.queuedCount, parts.backplane.keptGroups, parts.backplane.handedOn]).toEqual([0, [[]], [[message, GROUP]]]);
  });

  it("asks nothing, and serves all groups itself, where no peer wants the topic", () => {
    parts.subscribe("a", "$share/g/t");
    parts.backplane.wanted = () => false;
    parts.backplane.kept = () => false;
    parts.publish("t");
    expect([parts.counts("a"), parts.backplane.published]).toEqual([[1], []]);
  });

  describe("and sessions that move between brokers", () => {
    const gate = { admits: () => false };
    const toAll = { toSubscribers: true, groups: [] };
    /** As it comes from a peer: the message with that number of broker "dead", for the first time or again. */
    const come = (number: number, isAgain: boolean) => {
      const message = parts.publication("t", { qos: 2, payload: Buffer.from(`${number}`) }).message();
      parts.router.publishFromPeer(message, toAll, { broker: "heir", source: { origin: "dead", number, floor: 0 }, isAgain });
    };

    it("gives what a dead broker had on its way to those that have not had it, unless they have had what that took later", () => {
      parts.subscribe("early", "t", { qos: 2 });
      come(1, true);
      parts.subscribe("late", "t", { qos: 2 });
      come(3, false);
      for (const number of [1, 2, 3, 4]) come(number, true);
      expect([parts.link("early").texts, parts.link("late").texts]).toEqual([
        ["1", "3", "4"],
        ["3", "4"],
      ]);
    });

    it("keeps for one that is arriving all that is known by a number: what its former broker has too is found out", () => {
      const session = parts.session("c");
      parts.subscribe("c", "t", { qos: 2 });
      session.gate = gate;
      come(1, false);
      session.arrivingFrom = "peer";
      for (const [number, isAgain] of [
        [3, false],
        [2, true],
        [3, true],
      ] as const)
        come(number, isAgain);
      expect([parts.link("c").texts, [...session.comesLate!]]).toEqual([["3", "2"], ["dead 2"]]);
    });

    it.each([1, 2] as const)(
      "acknowledges at QoS %i what comes to a session's new place when all have changed over to that",
      async (qos) => {
        parts.backplane.wanted = () => false;
        const [changed, told] = [new Deferred(), [] as string[]];
        parts.subscribe("c", "t", { qos: 2 });
        const admits = (broker: string | undefined) => broker !== "behind";
        parts.session("c").gate = { admits, changingOver: (broker) => (admits(broker) ? changed.promise : undefined) };
        const message = parts.publication("t", { qos }).message();
        expect(parts.router.publishFromPeer(message, toAll, { broker: "behind" })).toBeUndefined(); // for the old place
        const waits = [parts.router.publishFromPeer(message, toAll, { broker: "peer" }), parts.publish("t", { qos })];
        for (const [index, wait] of waits.entries()) void wait!.then(() => told.push(`accepted ${index}`));
        await new Promise(setImmediate);
        expect([told, parts.publish("other", { qos })]).toEqual([[], undefined]);
        changed.resolve();
        await Promise.all(waits);
        expect([told.length, parts.counts("c")]).toEqual([2, [2]]);
      },
    );

    it("has nobody get a client's QoS 2 message that peers are to get too and cannot: it comes again, by another broker", async () => {
      parts.subscribe("here", "t", { qos: 2 });
      parts.backplane.isOutOfReach = true;
      parts.backplane.answer = () => Promise.reject(new Error("no peer"));
      const refusal = (qos: Qos) => parts.router.refusal(parts.publication("t", { qos }));
      await expect(refusal(2)).rejects.toThrow("no peer");
      parts.backplane.wanted = (topic) => topic !== "t";
      expect([refusal(2), refusal(1), parts.counts("here")]).toEqual([undefined, undefined, [0]]);
    });

    it("notes where QoS 1 messages are among those of their brokers for sessions that change over, and for no other", () => {
      const places = { origin: "self", number: 0 };
      parts.backplane.wanted = () => true;
      parts.backplane.nextPlace = () => Object.assign(places, { number: places.number + 1 });
      for (const name of ["moving", "staying"]) parts.subscribe(name, "t", { qos: 1 });
      parts.session("moving").gate = { admits: () => true };
      for (const qos of [1, 0, 1, 2] as const) parts.publish("t", { qos });
      const fromPeer = (place: Place) =>
        parts.router.publishFromPeer(messageOf("p", { qos: 1, topic: "t" }), toAll, { broker: "peer", place });
      for (const number of [7, 0]) void fromPeer({ origin: "peer", number });
      const noted = (name: string) =>
        parts
          .session(name)
          .outbox!.stored()
          .map(({ source }) => source && `${source.origin} ${source.number}`);
      expect(noted("moving")).toEqual(["self 1", "self 2", undefined, "peer 7", undefined]);
      expect(noted("staying")).toEqual(noted("moving").map(() => undefined));
      expect(parts.backplane.places.map((place) => place !== undefined)).toEqual([true, false, true, false]);
    });

    it.each([true, false])("asks for a number of those that are kept until all have them, or of the others (kept: %s)", (isKept) => {
      const asked: boolean[] = [];
      parts.backplane.wanted = () => true;
      parts.backplane.nextSource = (kept) => {
        asked.push(kept);
        return { origin: "self", number: 1, floor: 1 };
      };
      parts.backplane.publishOnce = () => undefined;
      if (!isKept) parts.session("c").expirySeconds = 0;
      parts.publish("t", { qos: 2 }, "c");
      expect([asked, parts.backplane.published.length]).toEqual([[isKept], isKept ? 0 : 1]);
    });
  });
});
