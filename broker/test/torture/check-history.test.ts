import { beforeEach, describe, expect, it } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import { checkHistory } from "./check-history.js";
import { History, type Published, type SubscriberRecord } from "./history.js";

/** Recorded by hand: what a broker did, right and wrong. */
describe("the checker of histories", () => {
  let history: History;
  let subscriber: SubscriberRecord;
  let numbers: number;
  beforeEach(() => {
    history = new History();
    subscriber = subscribedTo("t/#", "c");
    numbers = 0;
  });

  function subscribedTo(filter: string, name: string, group?: string): SubscriberRecord {
    const record = history.subscriber(name);
    record.periods.push({ filter, qos: 2, group, askedAt: history.next(), heldAt: history.next() });
    return record;
  }

  function sent(fields: Partial<Published> = {}): Published {
    const number = ++numbers;
    const id = `m${number}`;
    const message = {
      id,
      publisher: "p",
      topic: "t/a",
      qos: 2 as Qos,
      retain: false,
      number,
      isEmpty: false,
      sentAt: history.next(),
      ...fields,
    };
    history.published.set(id, message);
    return message;
  }

  function acked(fields: Partial<Published> = {}): Published {
    const message = sent(fields);
    message.ackedAt = history.next();
    return message;
  }

  const receive = ({ id, qos }: { readonly id: string; readonly qos: Qos }, by = subscriber) =>
    by.receipts.push({ id, qos, at: history.next() });
  const problems = (retained: Record<string, string> = {}) => checkHistory(history, new Map(Object.entries(retained)));

  it("finds nothing wrong where everything came once, in order", () => {
    for (let i = 0; i < 3; i++) receive(acked());
    sent(); // not acknowledged: may be lost
    acked({ topic: "elsewhere" });
    acked({ qos: 0 });
    const refused = sent();
    refused.refusedAt = history.next();
    const again = acked({ qos: 1 });
    receive(again);
    receive(again);
    expect(problems()).toEqual([]);
  });

  it("finds a message that was acknowledged and did not come", () => {
    receive(acked());
    acked();
    expect(problems()).toEqual(["lost: m2 (QoS 2, to t/a) never came to c"]);
  });

  it("finds one that came twice at QoS 2", () => {
    const message = sent(); // acknowledged or not
    receive(message);
    receive(message);
    expect(problems()).toEqual(["duplicate: m1 came to c more than once at QoS 2"]);
  });

  it("finds one that came before what was published earlier", () => {
    const [first, second] = [acked(), acked()];
    receive(second);
    receive(first);
    expect(problems()).toEqual(["order: m1 came to c after number 2"]);
  });

  it("lets what was sent again at QoS 1 come in the order of all copies, as to who subscribes between them, and in no other", () => {
    const [first, second, third] = [sent({ qos: 1 }), sent({ qos: 1 }), sent({ qos: 1 })];
    receive(third);
    const copies = [first, second, third];
    for (const message of copies) message.sentAgainAt = [history.next()];
    for (const message of copies) receive(message);
    for (const message of copies) message.ackedAt = history.next();
    expect(problems()).toEqual([]);
    const other = subscribedTo("t/#", "d");
    for (const message of [third, second, first]) receive(message, other);
    expect(problems()).toEqual(["order: m1 came to d after number 2"]);
  });

  it("wants the order of the first copies of what was sent again at QoS 2", () => {
    const [first, second] = [sent(), sent()];
    receive(second);
    for (const message of [first, second]) message.sentAgainAt = [history.next()];
    receive(first);
    for (const message of [first, second]) message.ackedAt = history.next();
    expect(problems()).toEqual(["order: m1 came to c after number 2"]);
  });

  it("asks for nothing before SUBACK and after UNSUBSCRIBE, and allows nothing after UNSUBACK", () => {
    const [period] = subscriber.periods;
    const late = sent();
    period!.givenUpAt = history.next();
    late.ackedAt = history.next();
    period!.endedAt = history.next();
    const after = acked();
    expect(problems()).toEqual([]);
    receive(after);
    expect(problems()).toEqual(["not subscribed: m2 came to c"]);
  });

  it("finds what nobody published", () => {
    receive({ id: "ghost", qos: 1 });
    expect(problems()).toEqual(["not subscribed: ghost came to c, and nobody published it"]);
  });

  it("wants each message for a group once, whichever member it is", () => {
    const [one, two] = [subscribedTo("g/x", "g1", "g"), subscribedTo("g/x", "g2", "g")];
    receive(acked({ topic: "g/x" }), one);
    receive(acked({ topic: "g/x" }), two);
    expect(problems()).toEqual([]);
    receive({ id: "m1", qos: 2 }, two);
    acked({ topic: "g/x" });
    expect(problems()).toEqual([
      "lost: m3 (QoS 2, to g/x) never came to g",
      "duplicate: m1 came to g more than once at QoS 2: to g1, then to g2",
    ]);
  });

  it("wants the last acknowledged message retained, or one after it that was not acknowledged", () => {
    const kept = { topic: "kept", retain: true };
    const [old, last, later] = [acked(kept), acked(kept), sent(kept)];
    for (const { id } of [last, later]) expect(problems({ kept: id })).toEqual([]);
    expect(problems({ kept: old.id })).toEqual(["retained: m1 is retained at kept, and number 2 was acknowledged after it"]);
    expect(problems()).toEqual(["retained: nothing is retained at kept"]);
    acked({ ...kept, isEmpty: true });
    expect(problems()).toEqual([]);
    expect(problems({ kept: last.id })).toEqual(["retained: m2 is retained at kept, and number 4 was acknowledged after it"]);
  });

  it("wants wills that were due, and none that were withdrawn", () => {
    const wills = subscribedTo("wills/#", "w");
    for (const fate of ["due", "withdrawn", "due", undefined] as const) {
      const id = `will${history.wills.size}`;
      history.wills.set(id, { id, qos: 2, topic: "wills/x", ...(fate && { fate }) });
    }
    for (const id of ["will1", "will2", "will3"]) receive({ id, qos: 2 }, wills);
    expect(problems()).toEqual(["will: will0 was due and never came to w", "will: will1 was withdrawn and came to w"]);
  });

  it("tells what clients saw, and no more than ten of a kind", () => {
    history.violations.push("a session is gone");
    for (let i = 0; i < 25; i++) acked();
    const told = problems();
    expect([told[0], told.length, told[11]]).toEqual(["violation: a session is gone", 12, "lost: 15 more"]);
  });
});
