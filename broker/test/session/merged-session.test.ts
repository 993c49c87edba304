import { beforeEach, describe, expect, it } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import { type Source, TakenNumbers } from "../../src/persistence/taken-numbers.js";
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
    const deliveries = [deliveryOf(1, "1", 2, 1), deliveryOf(2, "6", 2, 6), deliveryOf(3, "other"), deliveryOf(4, "2", 2, 2)];
    const taken = new Map([["a", new TakenNumbers(1, [1, 6, 2])]]);
    parts.registry.complete(session, { session: STORED, messages: { deliveries, received: [], taken } });
    expect([waiting(session), stored()]).toEqual([
      ["1", "2", "other", "4", "5", "6", "7"],
      ["1", "2", "other", "4", "5", "6", "7"],
    ]);
    expect(parts.context.held.messages).toBe(7);
  });

  it("has what came to either of two places that were made for it, though no broker knows that by a number", () => {
    const session = parts.registry.place({ session: STORED, subscriptions: [] }, "old", 1_000_003, 1);
    session.deliver(publicationOf(messageOf("second")), 1, false, undefined, undefined);
    const other = { session: { ...STORED, moves: 1, arrivingFrom: "old" }, subscriptions: [] };
    parts.registry.adopt(other, { deliveries: [deliveryOf(1_000_001, "first"), deliveryOf(1_000_003, "third")], received: [] });
    expect(waiting(session).sort()).toEqual(["first", "second", "third"]);
  });

  it("is whole once the whole of it comes to a place that has moved as often: what is in flight there, and then what has come here", () => {
    const session = parts.registry.place({ session: STORED, subscriptions: [] }, "old", 1, 1);
    session.deliver(publicationOf(messageOf("here")), 1, false, undefined, undefined);
    const [sent, queued] = [deliveryOf(1, "sent"), deliveryOf(2, "queued")];
    sent!.state = DeliveryState.Sent;
    sent!.packetId = 7;
    const whole = { session: { ...STORED, moves: 1, disconnectedAtMs: parts.context.clock.nowMs }, subscriptions: [] };
    parts.registry.adopt(whole, { deliveries: [sent!, queued!], received: [5] });
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
    const session = parts.registry.adopt(copy, messages)!;
    parts.registry.adopt(copy, { ...messages, deliveries: [...messages.deliveries, deliveryOf(3, "3")] });
    expect(waiting(session)).toEqual(["1", "2", "3"]);
  });

  it("and moved on has what came of its shared groups to a place that it never came to go to others", () => {
    parts.registry.place({ session: STORED, subscriptions: [] }, undefined, 1, 5);
    const shared = { topicFilter: "$share/g/t", shared: { shareName: "g", filter: "t" } };
    const own = new Delivery(1, messageOf("own"), 1, false, undefined, undefined);
    const dealt = new Delivery(2, messageOf("dealt"), 1, false, undefined, shared);
    const messages = { deliveries: [own, dealt], received: [] };
    parts.registry.adopt({ session: { ...STORED, moves: 4 }, subscriptions: [] }, messages);
    expect(parts.redelivered).toEqual([]); // the rest of that came with it
    parts.registry.adopt({ session: { ...STORED, moves: 4, arrivingFrom: "old" }, subscriptions: [] }, messages);
    expect(parts.redelivered).toEqual([dealt]);
  });

  describe("whose broker died, and then the one that it moved to,", () => {
    const PLACE = { session: { ...STORED, moves: 1, arrivingFrom: "dead" }, subscriptions: [] };
    const adopted = (...texts: string[]): Session => {
      const deliveries = texts.map((text, index) => deliveryOf(index + 1, text));
      return parts.registry.adopt({ session: STORED, subscriptions: [] }, { deliveries, received: [] })!;
    };
    const passOn = (session: Session, ...texts: string[]) => {
      for (const text of texts) session.deliver(publicationOf(messageOf(text)), 1, false, undefined, undefined);
    };
    const adoptPlace = (...texts: string[]) => {
      const deliveries = texts.map((text, index) => deliveryOf(1_000_003 + index, text));
      parts.registry.adopt(PLACE, { deliveries, received: [] });
    };

    it("has what came to its place behind what the first had, and before what the first had not accepted", () => {
      const session = adopted("1", "2");
      passOn(session, "5", "6");
      adoptPlace("3", "4");
      passOn(session, "7");
      const expected = ["1", "2", "3", "4", "5", "6", "7"];
      expect([waiting(session), stored(), parts.context.held.messages, session.moves]).toEqual([expected, expected, 7, 1]);
    });

    it("has what the first had not accepted first, where that is older than what came to its place", () => {
      const session = adopted("1");
      passOn(session, "2", "3", "4");
      adoptPlace("3", "4");
      const expected = ["1", "2", "3", "4", "3", "4"];
      expect([waiting(session), stored()]).toEqual([expected, expected]);
    });

    it("has what came to its place once, though both ways brought it at QoS 2", () => {
      const session = adopted("1");
      for (const number of [3, 4]) deliver(session, `${number}`, number);
      const deliveries = [2, 3].map((number) => deliveryOf(1_000_000 + number, `${number}`, 2, number));
      parts.registry.adopt(PLACE, { deliveries, received: [], taken: new Map([["a", new TakenNumbers(1, [2, 3])]]) });
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
      passOn(session, "4");
      session.sendQueued();
      passOn(session, "5");
      adoptPlace("2", "3");
      expect([session.inflightCount, waiting(session), stored()]).toEqual([2, ["2", "3", "5"], ["1", "4", "2", "3", "5"]]);
    });
  });
});
