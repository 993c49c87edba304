import { expect, it } from "vitest";
import type { Core } from "../../src/handlers/core.js";
import { Hosting } from "../../src/handlers/hosting.js";
import type { Gate } from "../../src/session/gate.js";
import { TestRegistry } from "../session/registry.js";

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
