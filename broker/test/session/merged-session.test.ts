import { beforeEach, describe, expect, it } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import { type Source, TakenNumbers } from "../../src/persistence/taken-numbers.js";
import { adopt } from "../../src/session/adopting.js";
import { Delivery, DeliveryState } from "../../src/session/delivery.js";
import type { Session } from "../../src/session/session.js";
import { TestRegistry } from "./registry.js";
import { messageOf, publicationOf, RecordingLink } from "./support.js";

const STORED = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined };

function deliveryOf(sequence: number, text: string, qos: Qos = 1, number?: number): Delivery {
  const source = number === undefined ? undefined : { origin: "a", number };
  return new Delivery(sequence, messageOf(text, { qos }), qos, false, undefined, undefined, source);
}

function deliver(session: Session, text: string, number: number): void {
  const source: Source = { origin: "a", number, floor: 1 };
  if (session.takes(source)) session.deliver(publicationOf(messageOf(text, { qos: 2 })), 2, false, undefined, undefined, source);
}

const waiting = ({ outbox }: Session) => [...outbox!.queue].map(({ message }) => Buffer.from(message.payload).toString());

describe("a session that was put together from copies on several brokers", () => {
  let parts: TestRegistry;
  beforeEach(() => {
    parts = new TestRegistry();
  });

  /** As a broker that starts would find it. */
  const stored = () =>
    [...parts.context.messages.load("c").deliveries]
      .sort((a, b) => a.sequence - b.sequence)
      .map(({ message }) => Buffer.from(message.payload).toString());

  it("has what each broker took in the order in which it did, by whatever ways that came", () => {
    const session = parts.registry.place({ session: STORED, subscriptions: [] }, "old", 1_000_001, 1);
    for (const number of [4, 5, 7]) deliver(session, `${number}`, number);
    const deliveries = [deliveryOf(1, "1", 2, 1), deliveryOf(2, "3", 2, 3), deliveryOf(3, "other"), deliveryOf(4, "2", 2, 2)];
    const taken = new Map([["a", new TakenNumbers(1, [1, 3, 2])]]);
    parts.registry.complete(session, { session: STORED, messages: { deliveries, received: [], taken } });
    const expected = ["1", "2", "3", "other", "4", "5", "7"];
    expect([waiting(session), stored()]).toEqual([expected, expected]);
    expect(parts.context.held.messages).toBe(7);
  });

  it.each(["the whole of it", "what came to its place"])(
    "has what came to both its parts where its place has it, in the order in which its publisher went from broker to broker: %s comes last",
    (last) => {
      const [later, earlier] = [
        { origin: "b", number: 1, floor: 1 },
        { origin: "a", number: 5, floor: 1 },
      ];
      const at = (sequence: number, source: Source) =>
        new Delivery(sequence, messageOf(source.origin, { qos: 2 }), 2, false, undefined, undefined, source);
      const had = (...sources: Source[]) => new Map(sources.map(({ origin, number }) => [origin, new TakenNumbers(1, [number])]));
      const whole = { session: STORED, subscriptions: [] };
      const messages = { deliveries: [at(1, later)], received: [], taken: had(later) };
      const place = { session: { ...STORED, moves: 1, arrivingFrom: "old" }, subscriptions: [] };
      const came = { deliveries: [at(1_000_001, earlier), at(1_000_002, later)], received: [], taken: had(earlier, later) };
      const parted = [() => adopt(parts.registry, whole, messages), () => adopt(parts.registry, place, came)];
      for (const adopt of last.startsWith("the whole") ? parted.reverse() : parted) adopt();
      const session = parts.registry.get("c")!;
      expect([waiting(session), stored(), parts.context.held.messages]).toEqual([["a", "b"], ["a", "b"], 2]);
    },
  );

  it.each([
    ["has what came to its place", [], ["5", "3", "4", "6"]],
    ["is not given what came there from a dead broker's heir", ["a 3", "a 4", "a 6"], ["5", "6"]],
  ])(
    "%s and was taken before something that it has had, as it may have had that twice over or have subscribed since",
    (_, late, expected) => {
      const session = parts.registry.place({ session: STORED, subscriptions: [] }, "old", 1_000_001, 1);
      for (const number of [3, 4, 6]) deliver(session, `${number}`, number);
      session.comesLate = new Set(late);
      const sent = Object.assign(deliveryOf(1, "5", 2, 5), { state: DeliveryState.Sent, packetId: 9 });
      const taken = new Map([["a", new TakenNumbers(1, [5])]]);
      parts.registry.complete(session, { session: STORED, messages: { deliveries: [sent], received: [], taken } });
      expect([stored(), session.comesLate, parts.context.held.messages]).toEqual([expected, null, expected.length]);
    },
  );

  it("has what came to either of two places that were made for it, though no broker knows that by a number", () => {
    const session = parts.registry.place({ session: STORED, subscriptions: [] }, "old", 1_000_003, 1);
    session.deliver(publicationOf(messageOf("second")), 1, false, undefined, undefined);
    const other = { session: { ...STORED, moves: 1, arrivingFrom: "old" }, subscriptions: [] };
    adopt(parts.registry, other, { deliveries: [deliveryOf(1_000_001, "first"), deliveryOf(1_000_003, "third")], received: [] });
    expect(waiting(session).sort()).toEqual(["first", "second", "third"]);
  });

  it("is whole once the whole of it comes to a place that has moved as often: what is in flight there, and then what has come here", () => {
    const session = parts.registry.place({ session: STORED, subscriptions: [] }, "old", 1, 1);
    session.deliver(publicationOf(messageOf("here")), 1, false, undefined, undefined);
    const [sent, queued] = [deliveryOf(1, "sent"), deliveryOf(2, "queued")];
    sent!.state = DeliveryState.Sent;
    sent!.packetId = 7;
    const whole = { session: { ...STORED, moves: 1, disconnectedAtMs: parts.context.clock.nowMs }, subscriptions: [] };
    adopt(parts.registry, whole, { deliveries: [sent!, queued!], received: [5] });
    expect([session.arrivingFrom, session.inflightCount, waiting(session), [...session.received!.keys()]]).toEqual([
      undefined,
      1,
      ["queued", "here"],
      [5],
    ]);
    expect(stored()).toEqual(["sent", "queued", "here"]);
  });

  it("has what is in a copy of itself once", () => {
    const copy = { session: { ...STORED, moves: 1 }, subscriptions: [] };
    const messages = { deliveries: [deliveryOf(1, "1"), deliveryOf(2, "2")], received: [] };
    const session = adopt(parts.registry, copy, messages)!;
    adopt(parts.registry, copy, { ...messages, deliveries: [...messages.deliveries, deliveryOf(3, "3")] });
    expect(waiting(session)).toEqual(["1", "2", "3"]);
  });

  it("and moved on has what came of its shared groups to a place that it never came to go to others", () => {
    parts.registry.place({ session: STORED, subscriptions: [] }, undefined, 1, 5);
    const shared = { topicFilter: "$share/g/t", shared: { shareName: "g", filter: "t" } };
    const own = new Delivery(1, messageOf("own"), 1, false, undefined, undefined);
    const dealt = new Delivery(2, messageOf("dealt"), 1, false, undefined, shared);
    const messages = { deliveries: [own, dealt], received: [] };
    adopt(parts.registry, { session: { ...STORED, moves: 4 }, subscriptions: [] }, messages);
    expect(parts.redelivered).toEqual([]); // the rest of that came with it
    adopt(parts.registry, { session: { ...STORED, moves: 4, arrivingFrom: "old" }, subscriptions: [] }, messages);
    expect(parts.redelivered).toEqual([dealt]);
  });

  it("has what came to it as a member of a shared group once, though it has two copies of that, and had it for itself before", () => {
    const shared = { topicFilter: "$share/g/t", shared: { shareName: "g", filter: "t" } };
    const at = (sequence: number) =>
      new Delivery(sequence, messageOf("x", { qos: 2 }), 2, false, undefined, shared, { origin: "a", number: 1 });
    const taken = new Map([["a", new TakenNumbers(1, [1])]]);
    const copy = (sequence: number) => ({ deliveries: [at(sequence)], received: [], taken });
    const place = { session: { ...STORED, moves: 1, arrivingFrom: "old" }, subscriptions: [] };
    const session = adopt(parts.registry, { session: { ...STORED, moves: 1 }, subscriptions: [] }, copy(3))!;
    adopt(parts.registry, place, copy(1_000_001));
    expect([waiting(session), stored(), parts.context.held.messages]).toEqual([["x"], ["x"], 1]);
  });

  it("that was handed to a broker which has died keeps what had come to a place for it apart, and has it if that broker had all the rest", () => {
    const { registry } = parts;
    const session = adopt(registry, { session: STORED, subscriptions: [] }, { deliveries: [deliveryOf(1, "1", 2, 3)], received: [] })!;
    Object.assign(session, { isHandedOver: true, ownFrom: session.outbox!.nextSequence });
    const shared = { topicFilter: "$share/g/t", shared: { shareName: "g", filter: "t" } };
    const dealt = new Delivery(1_000_002, messageOf("dealt"), 1, false, undefined, shared);
    const came = { deliveries: [deliveryOf(1_000_001, "late", 2, 2), dealt], received: [] };
    adopt(registry, { session: { ...STORED, moves: 1, arrivingFrom: "old" }, subscriptions: [] }, came);
    expect(waiting(session)).toEqual(["1", "late", "dealt"]);
    const whole = { session: { ...STORED, moves: 1 }, subscriptions: [] };
    const newer = adopt(registry, whole, { deliveries: [deliveryOf(2, "2", 2, 4)], received: [] })!;
    expect([waiting(newer), parts.redelivered.map(({ message }) => Buffer.from(message.payload).toString())]).toEqual([
      ["2", "late"],
      ["dealt"],
    ]);
  });

  it("stays a place when another comes that a dead broker had made before: the rest is elsewhere, and what came to the older goes first", () => {
    const session = parts.registry.place({ session: STORED, subscriptions: [] }, "living", 2_000_001, 2);
    session.deliver(publicationOf(messageOf("here")), 1, false, undefined, undefined);
    const older = { session: { ...STORED, moves: 1, arrivingFrom: "living" }, subscriptions: [] };
    adopt(parts.registry, older, { deliveries: [deliveryOf(1_000_001, "older")], received: [] });
    expect([session.arrivingFrom, session.moves, waiting(session), stored()]).toEqual(["living", 2, ["older", "here"], ["older", "here"]]);
    parts.registry.complete(session, { session: STORED, messages: { deliveries: [deliveryOf(1, "rest")], received: [7] } });
    expect([waiting(session), [...session.received!.keys()]]).toEqual([["rest", "older", "here"], [7]]);
  });

  it("takes what a dead broker had left of it for the whole only if it came here from there", () => {
    const left = { deliveries: [deliveryOf(1, "left")], received: [] };
    const adoptInto = (moves: number) => {
      const { registry } = new TestRegistry();
      const place = registry.place({ session: STORED, subscriptions: [] }, "other", 1_000_001, moves);
      const adopted = adopt(registry, { session: STORED, subscriptions: [] }, left);
      return [adopted === place, place.arrivingFrom, waiting(place)];
    };
    expect([adoptInto(1), adoptInto(2)]).toEqual([
      [true, undefined, ["left"]],
      [false, "other", []],
    ]);
  });

  it("keeps what came to the place that another dead broker had made, under other sequences than the whole of it has", () => {
    const place = { session: { ...STORED, moves: 1, arrivingFrom: "dead" }, subscriptions: [] };
    const session = adopt(parts.registry, place, { deliveries: [], received: [] })!;
    for (const text of ["here 1", "here 2"]) session.deliver(publicationOf(messageOf(text)), 1, false, undefined, undefined);
    adopt(parts.registry, { session: STORED, subscriptions: [] }, { deliveries: [deliveryOf(1, "1"), deliveryOf(2, "2")], received: [] });
    const expected = ["1", "2", "here 1", "here 2"];
    expect([waiting(session), stored(), parts.context.held.messages]).toEqual([expected, expected, 4]);
  });

  it("has what came to its place when the whole of it comes that has moved on since", () => {
    const session = parts.registry.place({ session: STORED, subscriptions: [] }, "old", 1, 1);
    session.deliver(publicationOf(messageOf("here")), 1, false, undefined, undefined);
    const whole = { session: { ...STORED, moves: 2 }, subscriptions: [] };
    adopt(parts.registry, whole, { deliveries: [deliveryOf(1, "1"), deliveryOf(2, "2")], received: [] });
    expect([session.arrivingFrom, session.moves, waiting(session), stored()]).toEqual([
      undefined,
      2,
      ["1", "2", "here"],
      ["1", "2", "here"],
    ]);
  });

  it("gets late what came to a place that it never came to, if it has been whole elsewhere before that was known", () => {
    const { session, link } = parts.open("c");
    session.moves = 2;
    const place = { session: { ...STORED, moves: 1, arrivingFrom: "old" }, subscriptions: [] };
    adopt(parts.registry, place, { deliveries: [deliveryOf(1_000_001, "late")], received: [] });
    expect([link.texts, session.moves]).toEqual([["late"], 2]);
  });

  describe("whose broker died, and then the one that it moved to,", () => {
    const PLACE = { session: { ...STORED, moves: 1, arrivingFrom: "dead" }, subscriptions: [] };
    const adopted = (...texts: string[]): Session => {
      const deliveries = texts.map((text, index) => deliveryOf(index + 1, text));
      return adopt(parts.registry, { session: STORED, subscriptions: [] }, { deliveries, received: [] })!;
    };
    /** At QoS 1, as peers number it. */
    const passOn = (session: Session, ...numbers: number[]) => {
      for (const number of numbers) {
        const place = session.placeOf({ origin: "a", number });
        session.deliver(publicationOf(messageOf(`${number}`)), 1, false, undefined, undefined, place);
      }
    };
    const adoptPlace = (...numbers: number[]) => {
      const deliveries = numbers.map((number) => deliveryOf(1_000_003 + number, `${number}`, 1, number));
      adopt(parts.registry, PLACE, { deliveries, received: [] });
    };

    it.each([
      ["behind what the first had, and before what the first had not accepted", [5, 6], [3, 4]],
      ["between, where the first had not accepted what is older", [3, 6], [4, 5]],
      ["once, though others have passed it on as well", [3, 4, 5, 6], [4, 5]],
    ])("has what came to its place %s", (_, passedOn, inPlace) => {
      const session = adopted("1", "2");
      passOn(session, ...passedOn);
      adoptPlace(...inPlace);
      passOn(session, 7);
      const expected = ["1", "2", "3", "4", "5", "6", "7"];
      expect([waiting(session), stored(), parts.context.held.messages, session.moves]).toEqual([expected, expected, 7, 1]);
      expect(parts.context.held.bytes).toBe(7);
    });

    it("has what came to its place once, though both ways brought it at QoS 2", () => {
      const session = adopted("1");
      for (const number of [3, 4]) deliver(session, `${number}`, number);
      const deliveries = [2, 3].map((number) => deliveryOf(1_000_000 + number, `${number}`, 2, number));
      adopt(parts.registry, PLACE, { deliveries, received: [], taken: new Map([["a", new TakenNumbers(1, [2, 3])]]) });
      expect([waiting(session), stored()]).toEqual([
        ["1", "2", "3", "4"],
        ["1", "2", "3", "4"],
      ]);
    });

    it("sends again first what is in flight already", () => {
      const session = adopted("1");
      const link = new RecordingLink();
      link.maxInflight = 2;
      session.link = link;
      passOn(session, 4);
      session.sendQueued();
      passOn(session, 5);
      adoptPlace(2, 3);
      expect([session.inflightCount, waiting(session), stored()]).toEqual([2, ["2", "3", "5"], ["1", "4", "2", "3", "5"]]);
    });
  });

  it("notes for a while where messages are among those of their brokers, and nothing of what nobody has numbered", () => {
    const session = parts.registry.place({ session: STORED, subscriptions: [] }, "old", 1, 1);
    const place = { origin: "a", number: 3 };
    expect([session.placeOf(place), session.placeOf({ origin: "a", number: 0 })]).toEqual([place, undefined]);
    parts.context.clock.nowMs += 1_000_000;
    expect(session.placeOf(place)).toBeUndefined();
    session.gate = { admits: () => true };
    expect(session.placeOf(place)).toEqual(place);
  });
});
