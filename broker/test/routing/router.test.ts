import { beforeEach, describe, expect, it } from "vitest";
import { TestRouter } from "./support.js";

describe("Router", () => {
  let parts: TestRouter;
  beforeEach(() => {
    parts = new TestRouter();
  });

  it("delivers to each session whose filter matches, at the lower of both QoS [MQTT-3.8.4-8], 3.1.1 [MQTT-3.8.4-6]", () => {
    for (const qos of [0, 1, 2] as const) parts.subscribe(`at ${qos}`, "a/+", { qos, identifier: 1 + qos });
    parts.subscribe("elsewhere", "b");
    for (const qos of [0, 1, 2] as const) parts.publish("a/b", { qos });
    expect(parts.link("at 0").forwarded.map(({ identifiers }) => identifiers)).toEqual([[1], [1], [1]]);
    expect(parts.link("at 1").published.map(({ qos, identifiers }) => [qos, identifiers])).toEqual([
      [1, [2]],
      [1, [2]],
    ]);
    expect(parts.link("at 2").published.map(({ qos }) => qos)).toEqual([1, 2]);
    expect([parts.link("at 2").forwarded.length, parts.counts("elsewhere")]).toEqual([1, [0]]);
  });

  it("delivers one copy for overlapping subscriptions [MQTT-3.3.4-2] [MQTT-3.3.4-4]", () => {
    parts.subscribe("c", "a/#", { qos: 1, identifier: 1 });
    parts.subscribe("c", "a/b", { qos: 2, identifier: 2 });
    parts.publish("a/b", { qos: 2 });
    const [sent, ...more] = parts.link("c").published;
    expect([sent!.qos, new Set(sent!.identifiers), more]).toEqual([2, new Set([1, 2]), []]);
  });

  it("sets RETAIN for live messages only where it is asked for [MQTT-3.3.1-12] [MQTT-3.3.1-13], 3.1.1 [MQTT-3.3.1-9]", () => {
    parts.subscribe("plain", "a");
    parts.subscribe("as published", "a", { retainAsPublished: true });
    for (const retain of [true, false]) parts.publish("a", { retain });
    const flags = (clientId: string) => parts.link(clientId).published.map(({ retain }) => retain);
    expect([flags("plain"), flags("as published")]).toEqual([
      [false, false],
      [true, false],
    ]);
  });

  it("keeps messages from their own publisher where No Local says so, and only there [MQTT-3.8.3-3]", () => {
    parts.subscribe("quiet", "a", { noLocal: true });
    parts.subscribe("loud", "a");
    parts.publish("a", {}, "quiet");
    parts.publish("a", {}, "loud");
    parts.publish("a");
    expect(parts.counts("quiet", "loud")).toEqual([2, 3]);
  });

  it("has a session keep QoS 1 and 2 for a client that is away, and drops QoS 0", () => {
    parts.subscribe("c", "a", { qos: 2 });
    parts.session("c").link = null;
    for (const qos of [0, 1, 2] as const) parts.publish("a", { qos });
    expect(parts.session("c").queuedCount).toBe(2);
  });

  it("says whether anybody wanted the message, and counts those that nobody did", () => {
    parts.subscribe("c", "a");
    parts.subscribe("c", "$share/g/b");
    const told = ["a", "b", "c", "c"].map((topic) => {
      parts.publish(topic);
      return parts.router.hasMatched;
    });
    expect([told, parts.context.counters.publishUnmatched]).toEqual([[true, true, false, false], 2]);
  });

  it("counts subscriptions, shared ones among them, each member once", () => {
    const counts = () => [parts.router.subscriptionCount, parts.router.sharedSubscriptionCount, parts.router.filterCount];
    const held = [
      parts.subscribe("c", "a"),
      parts.subscribe("d", "a"),
      parts.subscribe("c", "$share/g/a"),
      parts.subscribe("d", "$share/g/a"),
    ];
    parts.subscribe("c", "a", { qos: 2 });
    parts.subscribe("c", "$share/g/a", { qos: 2 });
    expect(counts()).toEqual([4, 2, 1]);
    for (const subscription of held) parts.router.unsubscribe(subscription);
    for (const subscription of held) parts.router.unsubscribe(subscription);
    expect(counts()).toEqual([0, 0, 0]);
  });

  describe("with routes remembered by topic", () => {
    it("finds every change of subscriptions with the next message [MQTT-3.8.4-3] [MQTT-3.10.4-2]", () => {
      const seen: number[] = [];
      const publish = () => {
        const before = parts.counts("c", "d");
        parts.publish("a/b");
        parts.publish("a/b");
        seen.push(...parts.counts("c", "d").map((count, i) => (count - before[i]!) / 2));
      };
      publish();
      const exact = parts.subscribe("c", "a/b");
      publish();
      const wild = parts.subscribe("d", "a/#");
      publish();
      parts.router.unsubscribe(exact);
      publish();
      const shared = parts.subscribe("c", "$share/g/+/b");
      publish();
      parts.router.unsubscribe(wild);
      parts.router.unsubscribe(shared);
      publish();
      expect(seen).toEqual([...[0, 0], ...[1, 0], ...[1, 1], ...[0, 1], ...[1, 1], ...[0, 0]]);
    });

    it("finds new options of a subscription that is made again [MQTT-3.8.4-3]", () => {
      parts.subscribe("c", "a", { qos: 2, identifier: 1 });
      parts.publish("a", { qos: 2 });
      parts.subscribe("c", "a", { qos: 1, identifier: 2 });
      parts.publish("a", { qos: 2 });
      expect(parts.link("c").published.map(({ qos, identifiers }) => [qos, identifiers])).toEqual([
        [2, [1]],
        [1, [2]],
      ]);
    });

    it("lets go of those that no message will use again, and looks them up anew", () => {
      const gone = parts.subscribe("c", "a");
      const { topic } = parts.publication("a");
      parts.publish("a");
      parts.router.unsubscribe(gone);
      parts.router.dropStaleRoutes(16_384);
      expect(topic.routes).toBeUndefined();

      parts.subscribe("d", "a");
      parts.publish("a");
      expect(parts.counts("c", "d")).toEqual([1, 1]);
    });

    it("holds one object for all topics without subscribers", () => {
      const topics = ["a", "b"].map((name) => parts.publication(name).topic);
      for (const { name } of topics) parts.publish(name);
      expect(topics[0]!.routes).toBeDefined();
      expect(topics[1]!.routes).toBe(topics[0]!.routes);
    });

    it("looks them up once for as long as no subscription changes", () => {
      parts.subscribe("c", "a");
      const { topic } = parts.publication("a");
      parts.publish("a");
      const found = topic.routes;
      parts.publish("a");
      expect([found !== undefined, topic.routes === found]).toEqual([true, true]);
      parts.subscribe("c", "b");
      parts.publish("a");
      expect(topic.routes).not.toBe(found);
    });

    it("finds them after all have been forgotten because they were too many", () => {
      for (let i = 0; i < 1_200; i++) parts.subscribe(`c${i}`, "+", { qos: 0 });
      const topics = Array.from({ length: 900 }, (_, i) => `t${i}`); // more than a million routes
      for (const topic of topics) parts.publish(topic, { qos: 0 });
      for (const topic of topics.slice(0, 10)) parts.publish(topic, { qos: 0 });
      expect(parts.counts("c0", "c1199")).toEqual([910, 910]);
    });
  });

  describe("with retained messages", () => {
    const text = (topic: string) => {
      const message = parts.retained.get(topic);
      return message && Buffer.from(message.payload).toString();
    };

    it("keeps the last of a topic, and deletes it with an empty one, at any QoS [MQTT-3.3.1-5] [MQTT-3.3.1-6], 3.1.1 [MQTT-3.3.1-5] [MQTT-3.3.1-10] [MQTT-3.3.1-11]", () => {
      for (const qos of [0, 1, 2] as const) {
        parts.publish("a", { retain: true, qos });
        parts.publish("a", { retain: false, payload: Buffer.from("not kept") });
        expect(text("a")).toBe("a");
        parts.publish("a", { retain: true, qos, payload: new Uint8Array(0) });
        expect([text("a"), parts.retained.size]).toEqual([undefined, 0]);
      }
    });

    it("keeps what a peer's client published too, and delivers it [MQTT-3.3.1-5]", () => {
      parts.subscribe("c", "a");
      parts.router.publishFromPeer(parts.publication("a", { retain: true }).message(), { toSubscribers: true, groups: [] });
      expect([text("a"), parts.counts("c")]).toEqual(["a", [1]]);
    });
  });

  describe("with shared subscriptions", () => {
    it("delivers one copy to each group, beside those of ordinary subscriptions (4.8.2)", () => {
      for (const clientId of ["a", "b"]) {
        parts.subscribe(clientId, "$share/one/t");
        parts.subscribe(clientId, "$share/two/t");
        parts.subscribe(clientId, "t");
      }
      parts.publish("t");
      expect(parts.counts("a", "b").reduce((sum, count) => sum + count)).toBe(4);
    });

    it("delivers at the member's own QoS, options and identifier [MQTT-4.8.2-3]", () => {
      parts.subscribe("a", "$share/g/t", { qos: 1, identifier: 4, retainAsPublished: true });
      parts.publish("t", { qos: 2, retain: true });
      expect(parts.link("a").published).toMatchObject([{ qos: 1, identifiers: [4], retain: true }]);
    });

    it("goes to a member that is online while there is one (4.8.2)", () => {
      for (const clientId of ["a", "b"]) parts.subscribe(clientId, "$share/g/t");
      parts.session("a").link = null;
      for (let i = 0; i < 4; i++) parts.publish("t");
      expect([parts.counts("b"), parts.session("a").queuedCount]).toEqual([[4], 0]);
      parts.session("b").link = null;
      parts.publish("t");
      expect(parts.session("a").queuedCount + parts.session("b").queuedCount).toBe(1);
    });

    it("counts queued and in-flight messages where the least loaded member is asked for", () => {
      parts = new TestRouter("least-inflight");
      for (const clientId of ["a", "b"]) parts.subscribe(clientId, "$share/g/t");
      parts.link("a").maxInflight = 1;
      for (let i = 0; i < 3; i++) parts.publish("only/a");
      parts.subscribe("a", "only/a");
      for (let i = 0; i < 3; i++) parts.publish("only/a");
      parts.publish("t");
      parts.publish("t");
      expect([parts.counts("b"), parts.session("a").queuedCount]).toEqual([[2], 2]);
    });
  });
});
