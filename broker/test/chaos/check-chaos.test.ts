import { beforeEach, describe, expect, it } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import type { Published } from "../torture/history.js";
import { ChaosHistory, type CleanConnection } from "./chaos-history.js";
import { checkChaos } from "./check-chaos.js";

/** Recorded by hand: what brokers did together, right and wrong. Sessions that outlive connections: torture/check-history.test.ts. */
describe("the checker of what brokers together owe", () => {
  let history: ChaosHistory;
  let connection: CleanConnection;
  let numbers: number;
  beforeEach(() => {
    history = new ChaosHistory();
    connection = subscribed("t/#", "c");
    numbers = 0;
  });

  function subscribed(filter: string, name: string, group?: string): CleanConnection {
    const made = history.connection(name, filter, 2, group);
    made.heldAt = history.next();
    return made;
  }

  function sent(fields: Partial<Published> = {}): Published {
    const number = ++numbers;
    const id = `m${number}`;
    const message: Published = {
      ...{ id, publisher: "p", topic: "t/a", qos: 2 as Qos, retain: false, number, isEmpty: false, sentAt: history.next(), ...fields },
    };
    history.published.set(id, message);
    return message;
  }

  function acked(fields: Partial<Published> = {}): Published {
    const message = sent(fields);
    message.ackedAt = history.next();
    return message;
  }

  const receive = ({ id, qos }: { readonly id: string; readonly qos: Qos }, by = connection) =>
    by.receipts.push({ id, qos, at: history.next() });
  const end = (which = connection) => {
    which.endedAt = history.next();
  };
  const problems = (retained: Record<string, Record<string, string>> = {}) =>
    checkChaos(history, new Map(Object.entries(retained).map(([broker, atEnd]) => [broker, new Map(Object.entries(atEnd))])));

  it("finds nothing wrong where everything came once, in order", () => {
    for (let i = 0; i < 3; i++) receive(acked());
    sent(); // not acknowledged: may be lost
    acked({ topic: "elsewhere" });
    const refused = acked();
    refused.refusedAt = history.next();
    expect(problems()).toEqual([]);
  });

  it("wants everything that was acknowledged after SUBACK while the connection lives", () => {
    receive(acked());
    acked();
    expect(problems()).toEqual(["lost: m2 (QoS 2, to t/a) never came to c"]);
  });

  it("asks for nothing that was published before SUBACK", () => {
    const early = sent();
    subscribed("t/#", "late");
    early.ackedAt = history.next();
    receive(early);
    expect(problems()).toEqual([]);
  });

  it("lets the end of a connection take its last messages along, and none before a later one of the same publisher", () => {
    const [first, second] = [acked(), acked()];
    acked({ publisher: "q" });
    end();
    expect(problems()).toEqual([]);
    receive(second);
    expect(problems()).toEqual([`lost: ${first.id} (QoS 2, to t/a) never came to c`]);
  });

  it("finds what came twice at QoS 2 to one connection, and lets it come to the next", () => {
    const message = acked();
    receive(message);
    end();
    receive(message, subscribed("t/#", "c again"));
    expect(problems()).toEqual([]);
    receive(message);
    expect(problems()).toEqual(["duplicate: m1 came to c more than once at QoS 2"]);
  });

  it("lets what was never acknowledged come late, as it was left at another broker", () => {
    const left = sent();
    receive(acked());
    receive(left);
    expect(problems()).toEqual([]);
  });

  it("lets who subscribes between two copies at QoS 1 have what was sent first from the second", () => {
    const [first, second] = [sent({ qos: 1 }), sent({ qos: 1 })];
    receive(second);
    for (const message of [first, second]) message.sentAgainAt = [history.next()];
    for (const message of [first, second]) {
      receive(message);
      message.ackedAt = history.next();
    }
    expect(problems()).toEqual([]);
  });

  it("finds what came out of order, what was not subscribed to and what nobody published", () => {
    const [first, second] = [acked(), acked()];
    for (const message of [second, first, acked({ topic: "u" }), { id: "ghost", qos: 1 as const }]) receive(message);
    expect(problems()).toEqual([
      "order: m1 came to c after number 2",
      "not subscribed: m3 came to c",
      "not subscribed: ghost came to c, and nobody published it",
    ]);
  });

  it("wants each message for a group once, whoever the member is, unless a member has gone since", () => {
    const [one, two] = [subscribed("g", "g1", "g"), subscribed("g", "g2", "g")];
    receive(acked({ topic: "g" }), one);
    receive(acked({ topic: "g" }), two);
    acked({ topic: "g" });
    expect(problems()).toEqual(["lost: m3 (QoS 2, to g) never came to g"]);
    end(one);
    acked({ topic: "g" }); // to a member that has gone, for all its broker knows
    expect(problems()).toEqual([]);
    one.goneAt = history.next();
    acked({ topic: "g" });
    receive({ id: "m1", qos: 2 }, two);
    expect(problems()).toEqual([
      "duplicate: m1 came to g more than once at QoS 2: to g1, then to g2",
      "lost: m5 (QoS 2, to g) never came to g",
    ]);
  });

  it("wants each message for a group with lasting members once, except at QoS 2 what a clean member may have had as it went", () => {
    const lasting = history.subscriber("g1");
    lasting.periods.push({ filter: "g", qos: 2, group: "g", askedAt: history.next(), heldAt: history.next() });
    const clean = subscribed("g", "g2", "g");
    const both = acked({ topic: "g" });
    receive(acked({ topic: "g" }), clean);
    receive(both, clean);
    lasting.receipts.push({ id: both.id, qos: 2, at: history.next() });
    acked({ topic: "g" });
    acked({ topic: "g", qos: 1 });
    const twice = "duplicate: m1 came to g more than once at QoS 2: to g2, then to g1";
    const [m3, m4] = ["lost: m3 (QoS 2, to g) never came to g", "lost: m4 (QoS 1, to g) never came to g"];
    expect(problems()).toEqual([m3, m4, twice]);
    end(clean);
    expect(problems()).toEqual([m4, twice]);
    clean.goneAt = history.next();
    acked({ topic: "g" });
    expect(problems()).toEqual([m4, "lost: m5 (QoS 2, to g) never came to g", twice]);
  });

  it("wants the same retained on all brokers", () => {
    const [old, last] = [acked({ topic: "kept", retain: true }), acked({ topic: "kept", retain: true })];
    end();
    expect(problems({ a: { kept: last.id }, b: { kept: last.id } })).toEqual([]);
    expect(problems({ a: { kept: last.id }, b: { kept: old.id }, c: {} })).toEqual([
      "retained: b: m1 is retained at kept, and number 2 was acknowledged after it",
      "retained: c: nothing is retained at kept",
    ]);
  });

  it("finds an older connection that goes on being served", () => {
    history.lateSigns.push({ clientId: "x", lateMs: 100 }); // its broker stood still, and had to hear first
    expect(problems()).toEqual([]);
    history.lateSigns.push({ clientId: "x", lateMs: 5_000 });
    expect(problems()).toEqual(["two owners: an older connection of x was served 5000 ms after another broker had accepted it"]);
  });
});
