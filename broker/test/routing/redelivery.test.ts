import { beforeEach, describe, expect, it } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import type { Delivery } from "../../src/session/delivery.js";
import type { Subscription } from "../../src/session/subscription.js";
import { TestRouter } from "./support.js";

describe("what a member of a shared subscription leaves behind", () => {
  let parts: TestRouter;
  let leaving: Subscription;

  beforeEach(() => {
    parts = new TestRouter();
    leaving = parts.subscribe("leaving", "$share/g/t", { qos: 2 });
  });

  /** What the session that ends owes after these were published. */
  function owed(...qos: readonly Qos[]): readonly Delivery[] {
    for (const each of qos) parts.publish("t", { qos: each, payload: Buffer.from(`QoS ${each}`), retain: true });
    const { outbox } = parts.session("leaving");
    return [...outbox!.inflight.inOrder(), ...outbox!.queue];
  }

  function redeliver(deliveries: readonly Delivery[]): void {
    parts.router.unsubscribe(leaving);
    for (const delivery of deliveries) parts.router.redeliver(delivery);
  }

  it("goes to another: queued messages, and QoS 1 in flight; no QoS 2 in flight (4.8.2) [MQTT-4.8.2-5]", () => {
    parts.link("leaving").maxInflight = 2;
    const deliveries = owed(1, 2, 1, 2);
    parts.subscribe("other", "$share/g/t", { qos: 2, identifier: 6, retainAsPublished: true });
    redeliver(deliveries);
    expect(parts.link("other").published.map(({ qos, dup, retain, identifiers }) => [qos, dup, retain, identifiers])).toEqual([
      [1, false, true, [6]],
      [1, false, true, [6]],
      [2, false, true, [6]],
    ]);
  });

  it("goes out at the other's QoS, from that of the message [MQTT-3.8.4-8]", () => {
    parts.subscribe("leaving", "$share/g/t", { qos: 1 });
    parts.session("leaving").link = null;
    const deliveries = owed(2);
    parts.subscribe("other", "$share/g/t", { qos: 2 });
    redeliver(deliveries);
    parts.router.unsubscribe(parts.subscribe("other", "$share/g/t", { qos: 2 }));
    parts.subscribe("lesser", "$share/g/t", { qos: 0 });
    for (const delivery of deliveries) parts.router.redeliver(delivery);
    expect([parts.link("other").published[0]!.qos, parts.link("lesser").forwarded.length]).toEqual([2, 1]);
  });

  it("waits for one that is away, if nobody else is there", () => {
    const deliveries = owed(1);
    parts.subscribe("away", "$share/g/t");
    parts.session("away").link = null;
    redeliver(deliveries);
    expect(parts.session("away").queuedCount).toBe(1);
  });

  it("ends with the group, and goes to no other group", () => {
    const deliveries = owed(1);
    parts.subscribe("other", "$share/h/t");
    parts.subscribe("other", "t");
    redeliver(deliveries);
    expect(parts.counts("other")).toEqual([0]);
  });

  it("does not go out once it has expired [MQTT-3.3.2-5]", () => {
    parts.session("leaving").link = null;
    parts.publish("t", { expiresAtMs: parts.context.clock.nowMs + 1_000, properties: { messageExpiryIntervalSeconds: 1 } });
    const deliveries = [...parts.session("leaving").outbox!.queue];
    parts.subscribe("other", "$share/g/t");
    parts.context.clock.nowMs += 1_000;
    redeliver(deliveries);
    expect(parts.counts("other")).toEqual([0]);
  });
});
