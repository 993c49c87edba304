import { expect, it } from "vitest";
import type { Core } from "../../src/handlers/core.js";
import { Hosting } from "../../src/handlers/hosting.js";
import { Delivery } from "../../src/session/delivery.js";
import type { Gate } from "../../src/session/gate.js";
import { TestRegistry } from "../session/registry.js";
import { deliverAll, messageOf } from "../session/support.js";

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
