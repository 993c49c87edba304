import { expect, it } from "vitest";
import type { Core } from "../../src/handlers/core.js";
import { Hosting } from "../../src/handlers/hosting.js";
import { TakenNumbers } from "../../src/persistence/taken-numbers.js";
import { Delivery } from "../../src/session/delivery.js";
import type { Gate } from "../../src/session/gate.js";
import { TestRegistry } from "../session/registry.js";
import { deliverAll, messageOf, publicationOf, RecordingLink } from "../session/support.js";

const CLOSED: Gate = { admits: () => false };

it("a session that came on from elsewhere while its dead broker's were settled is changing over no more", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined };
  await hosting.adopt([{ session, subscriptions: [], messages: { deliveries: [], received: [] } }], "dead", CLOSED);
  await hosting.expect({ session: { ...session, moves: 1 }, subscriptions: [], nextSequence: 1 }, "peer", CLOSED);
  hosting.takeIn("c", undefined);
  hosting.open("c");
  expect(hosting.isChanging("c")).toBe(true);
  hosting.settled("dead", CLOSED);
  expect(hosting.isChanging("c")).toBe(false);
});

it("a place for a session that comes from another broker than was thought keeps what has come, behind all that the other has", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined };
  await hosting.expect({ session, subscriptions: [], nextSequence: 11 }, "first", CLOSED);
  deliverAll(registry.get("c")!, ["here 1", "here 2"]);
  await hosting.expect({ session: { ...session, moves: 1 }, subscriptions: [], nextSequence: 1_000_014 }, "second", CLOSED);
  deliverAll(registry.get("c")!, ["here 3"]);
  const [one, two] = [1_000_011, 1_000_012].map((sequence, index) => {
    return new Delivery(sequence, messageOf(`there ${index + 1}`), 1, false, undefined, undefined);
  });
  hosting.takeIn("c", { session: { ...session, moves: 1 }, subscriptions: [], messages: { deliveries: [one!, two!], received: [] } });
  const texts = (deliveries: readonly Delivery[]) => deliveries.map(({ message }) => Buffer.from(message.payload).toString());
  const stored = [...context.messages.load("c").deliveries].sort((a, b) => a.sequence - b.sequence);
  const expected = ["there 1", "there 2", "here 1", "here 2", "here 3"];
  expect([texts(hosting.get("c")!.messages.deliveries), texts(stored)]).toEqual([expected, expected]);
});

it.each(["taken over from a broker that died", "come from another broker than was thought"])(
  "a session whose place was put together with what has %s may have had later messages than it lacks",
  async (how) => {
    const { registry, context } = new TestRegistry();
    const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
    const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: context.clock.nowMs, will: undefined };
    const whole = { session, subscriptions: [], messages: { deliveries: [], received: [] } };
    const [second, third] = [2, 3].map((number) => ({ origin: "a", number, floor: 0 }));
    await hosting.expect({ ...whole, nextSequence: 1 }, "old", CLOSED);
    registry.get("c")!.takes(third!);
    if (how.startsWith("taken")) await hosting.adopt([whole], "old", CLOSED);
    else {
      await hosting.expect({ ...whole, nextSequence: 1 }, "heir", CLOSED);
      hosting.takeIn("c", whole);
    }
    const found = registry.get("c")!;
    expect([found.arrivingFrom, found.hasLater(second!)]).toEqual([undefined, false]);
    context.clock.nowMs += 1_000_000;
    expect(found.hasLater(second!)).toBe(true);
  },
);

it("a session to which what had come to a dead broker's place for it is put may lack what came between, and nothing from before", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: context.clock.nowMs, will: undefined };
  const had = (number: number) => ({ deliveries: [], received: [], taken: new Map([["a", new TakenNumbers(0, [number])]]) });
  await hosting.adopt([{ session, subscriptions: [], messages: had(3) }], "first", CLOSED);
  const place = { ...session, moves: 1, arrivingFrom: "first" };
  await hosting.adopt([{ session: place, subscriptions: [], messages: had(5) }], "second", CLOSED);
  const hasLater = (number: number) => registry.get("c")!.hasLater({ origin: "a", number, floor: 0 });
  expect([hasLater(2), hasLater(4), hosting.mayLack("c")]).toEqual([true, false, true]);
  context.clock.nowMs += 1_000_000;
  expect(hosting.mayLack("c")).toBe(false);
});

it("what had come to a dead broker's place for a session that is under way from here to another broker waits for that, and is a place then", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined };
  const messages = (text: string) => ({
    deliveries: [new Delivery(1, messageOf(text), 1, false, undefined, undefined)],
    received: [],
  });
  await hosting.adopt([{ session, subscriptions: [], messages: messages("here") }], "first", CLOSED);
  hosting.leaveGroups("c");
  let [underWay, arrived]: [Promise<void> | undefined, () => void] = [undefined, () => {}];
  underWay = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const place = { session: { ...session, moves: 1, arrivingFrom: "self" }, subscriptions: [], messages: messages("there") };
  const adopted = hosting.adopt([place], "second", CLOSED, undefined, () => underWay);
  await new Promise(setImmediate);
  expect(registry.get("c")!.queuedCount).toBe(1);
  hosting.letGo("c");
  underWay = undefined;
  arrived();
  await adopted;
  expect([registry.get("c")!.arrivingFrom, registry.get("c")!.queuedCount]).toEqual(["self", 1]);
  expect(hosting.settled("second", CLOSED)).toEqual(["c"]);
});

it("that a session may lack something goes with it, to another broker and to the heir of its own", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: context.clock.nowMs, will: undefined };
  const had = (number: number) => ({ deliveries: [], received: [], taken: new Map([["a", new TakenNumbers(0, [number])]]) });
  const lacking = { session: { ...session, mayLack: true }, subscriptions: [], messages: had(3) };
  const isLate = (clientId: string) => registry.get(clientId)!.hasLater({ origin: "a", number: 2, floor: 0 });
  await hosting.adopt([lacking], "dead", CLOSED);
  await hosting.expect({ session: { ...lacking.session, clientId: "d" }, subscriptions: [], nextSequence: 1 }, "peer", CLOSED);
  hosting.takeIn("d", { ...lacking, session: { ...lacking.session, clientId: "d" } });
  expect([isLate("c"), isLate("d")]).toEqual([false, false]);
  expect([hosting.get("c")?.session.mayLack, hosting.get("d")?.session.mayLack]).toEqual([true, true]);
  context.clock.nowMs += 1_000_000;
  expect([isLate("c"), isLate("d"), hosting.get("c")?.session.mayLack]).toEqual([true, true, undefined]);
});

it("a session that a dead broker had whole has had what came before what it has had", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: context.clock.nowMs, will: undefined };
  const taken = new Map([["a", new TakenNumbers(0, [3])]]);
  await hosting.adopt([{ session, subscriptions: [], messages: { deliveries: [], received: [], taken } }], "dead", CLOSED);
  expect(registry.get("c")!.hasLater({ origin: "a", number: 2, floor: 0 })).toBe(true);
});

it("a place for a session that comes from two brokers in turn holds back acknowledgements for the switches that have begun, and no other", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined };
  const changed = Promise.resolve();
  const begun: Gate = { admits: () => true, changingOver: () => changed };
  const never: Gate = { admits: () => false, changingOver: () => undefined };
  await hosting.expect({ session, subscriptions: [], nextSequence: 1 }, "first", never);
  await hosting.expect({ session: { ...session, moves: 1 }, subscriptions: [], nextSequence: 1 }, "second", begun);
  expect(registry.get("c")!.gate!.changingOver!("peer")).toBe(changed);
});

it("a place that a dead broker had made for a session is known to be inherited, and one that was made here is not", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: context.clock.nowMs, will: undefined };
  await hosting.expect({ session: { ...session, clientId: "d" }, subscriptions: [], nextSequence: 1 }, "peer", CLOSED);
  const arriving = {
    session: { ...session, moves: 1, arrivingFrom: "peer" },
    subscriptions: [],
    messages: { deliveries: [], received: [] },
  };
  await hosting.adopt([arriving], "dead", CLOSED);
  expect(["c", "d", "unknown"].map((clientId) => hosting.isInherited(clientId))).toEqual([true, false, false]);
});

it("a place for a session that comes from its broker's heir has what nobody else has, as that broker's messages have changed over before", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: context.clock.nowMs, will: undefined };
  const outline = { session, subscriptions: [], nextSequence: 1 };
  for (const [from, isInherited] of [
    ["dead", false],
    ["dead", false],
    ["heir", true],
  ] as const) {
    await hosting.expect(outline, from, CLOSED);
    expect(hosting.isInherited("c")).toBe(isInherited);
  }
});

it("a session that is put together sends nothing before all of it is there, and that in order", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const session = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: context.clock.nowMs, will: undefined };
  const deliver = (number: number) => {
    const found = registry.get("c")!;
    found.deliver(publicationOf(messageOf(`${number}`)), 1, false, undefined, undefined, found.placeOf({ origin: "a", number }));
  };
  await hosting.expect({ session, subscriptions: [], nextSequence: 2 }, "dead", { admits: () => true });
  deliver(3);
  const deliveries = [new Delivery(1, messageOf("1"), 1, false, undefined, undefined)];
  await hosting.adopt([{ session, subscriptions: [], messages: { deliveries, received: [] } }], "dead", CLOSED);
  const link = new RecordingLink();
  registry.open("c", undefined, false, 60).session.link = link;
  registry.get("c")!.sendQueued();
  for (const number of [2, 4]) deliver(number);
  expect(link.texts).toEqual([]);
  hosting.settled("dead", CLOSED);
  deliver(5);
  expect(link.texts).toEqual(["1", "2", "3", "4", "5"]);
});

it("a session that is open here stays so when what had come to a dead broker's place for it is put to it: nobody had been told of the place", async () => {
  const { registry, context } = new TestRegistry();
  const hosting = new Hosting({ registry, clock: context.clock } as unknown as Core);
  const { session } = registry.open("c", undefined, false, 60);
  const stored = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: context.clock.nowMs, will: undefined };
  const place = { session: { ...stored, moves: 1, arrivingFrom: "here" }, subscriptions: [], messages: { deliveries: [], received: [] } };
  await hosting.adopt([place], "dead", CLOSED);
  expect([session.gate, session.estates?.has("dead")]).toEqual([null, true]);
  session.gate = { admits: (broker) => broker === "peer" };
  await hosting.adopt([place], "second", { admits: (broker) => broker === "other" });
  expect(["peer", "other", "third"].map((broker) => session.gate!.admits(broker))).toEqual([true, true, false]);
  await hosting.adopt([{ ...place, session: { ...stored, clientId: "d" } }], "dead", CLOSED);
  expect(registry.get("d")!.gate).toBe(CLOSED);
});
