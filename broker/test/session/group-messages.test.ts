import { beforeEach, describe, expect, it } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import { DeliveryState } from "../../src/session/delivery.js";
import type { Session } from "../../src/session/session.js";
import { TestRegistry } from "./registry.js";
import { deliverAll, messageOf, optionsOf, publicationOf, sessionContext } from "./support.js";

/** What a clean session owes of shared groups, in a cluster. */
describe("in a cluster, of a session that ends with its connection, the store", () => {
  let parts: TestRegistry;
  let session: Session;
  const open = (keepsGroupMessages: boolean, expirySeconds = 0) => {
    parts = new TestRegistry(sessionContext({ keepsGroupMessages }));
    const { session: opened, link } = parts.open("c", { expirySeconds });
    session = opened;
    link.maxInflight = 1;
    parts.registry.subscribe(session, optionsOf("$share/g/t"));
  };
  beforeEach(() => open(true));

  const deliverShared = (text: string, qos: Qos = 1) =>
    session.deliver(publicationOf(messageOf(text, { qos })), qos, false, undefined, session.subscriptions!.get("$share/g/t")!);
  const stored = () =>
    parts.context.messages.load("c").deliveries.map(({ message, state }) => [Buffer.from(message.payload).toString(), state]);

  it("has what came for its shared groups, and nothing else", () => {
    deliverShared("in flight");
    deliverAll(session, ["own"]);
    deliverShared("queued");
    expect(stored()).toEqual([
      ["in flight", DeliveryState.Sent],
      ["queued", DeliveryState.Queued],
    ]);
    expect([...parts.sessions.all()]).toEqual([]);
    open(false);
    deliverShared("alone");
    expect(stored()).toEqual([]);
  });

  it("has it until it is acknowledged", () => {
    for (const text of ["1", "2"]) deliverShared(text);
    session.acknowledged(1);
    session.sendQueued();
    expect(stored()).toEqual([["2", DeliveryState.Sent]]);
    session.acknowledged(2);
    deliverShared("3", 2);
    session.receivedByClient(3, 0);
    session.completed(3);
    expect(stored()).toEqual([]);
  });

  it("has nothing of it once the session has ended, and other members get it", () => {
    for (const text of ["1", "2"]) deliverShared(text);
    parts.leave(session);
    expect([stored(), parts.redelivered.length]).toEqual([[], 2]);
  });

  it("keeps it of one that was to outlive its connection, when it goes on as one that does not", () => {
    open(true, 60);
    deliverShared("shared");
    deliverAll(session, ["own"]);
    parts.leave(session);
    parts.open("c", { expirySeconds: 0 });
    expect([stored(), [...parts.sessions.all()]]).toEqual([[["shared", DeliveryState.Sent]], []]);
  });
});
