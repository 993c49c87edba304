import { afterEach, beforeEach, describe, expect, it, type TestContext, vi } from "vitest";
import type { Backplane, BackplaneEvents, PeerDelivery } from "../../src/cluster/backplane.js";
import { type Message, NEVER } from "../../src/message.js";
import type { SharedFilter } from "../../src/topics/topic-filter.js";

const ODD_TEXTS = ["", " ", "a b", "a.b", "*", ">", "a/>", "$SYS/x", "é日\u{1f600}", "/".repeat(65_535), "x".repeat(65_535), "__proto__"];

/** A broker as the backplane sees it: notes what peers make it do. */
class StandIn implements BackplaneEvents {
  readonly backplane: Backplane;
  readonly received: Message[] = [];
  /** For whom each of them is. */
  readonly deliveries: PeerDelivery[] = [];
  readonly owned = new Set<string>();
  readonly takenOver: string[] = [];
  /** What a takeover waits for. */
  handover: Promise<void> | undefined;

  constructor(backplane: Backplane) {
    this.backplane = backplane;
  }

  onMessage(message: Message, to: PeerDelivery): void {
    this.received.push(message);
    this.deliveries.push(to);
  }

  onFenced(): void {
    this.owned.clear();
  }

  onCutOff(): void {
    this.owned.clear();
  }

  /** Publishes as a router does that has members of these groups. */
  async publish(message: Message, groups: readonly SharedFilter[] = []): Promise<readonly SharedFilter[]> {
    if (!this.backplane.wants(message.topic)) return groups;
    const kept = groups.filter((group) => this.backplane.keeps(group));
    await this.backplane.publish(message, kept);
    return kept;
  }

  onTakenOver(clientId: string): Promise<void> | undefined {
    this.takenOver.push(clientId);
    this.owned.delete(clientId);
    return this.handover;
  }

  async claim(clientId: string): Promise<void> {
    await this.backplane.claim(clientId);
    this.owned.add(clientId);
  }

  get topics(): string[] {
    return this.received.map(({ topic }) => topic);
  }
}

function messageTo(topic: string): Message {
  return { topic, payload: Buffer.from(topic), qos: 1, retain: false, properties: {}, expiresAtMs: NEVER, publisher: "p" };
}

/** What the broker relies on in every backplane, with peers or without. */
export function describeBackplane(name: string, create: (context: TestContext) => Backplane | Promise<Backplane>): void {
  describe(name, () => {
    let broker: StandIn;

    beforeEach(async (context) => {
      broker = new StandIn(await create(context));
      await broker.backplane.start(broker);
    });

    afterEach(() => broker.backplane.stop());

    it("gives a client that nobody else has, again if it comes again, and takes nothing over for that", async () => {
      await broker.claim("client");
      await broker.claim("client");
      broker.backplane.release("client");
      broker.backplane.release("client");
      broker.backplane.release("unknown");
      await broker.claim("client");
      expect(broker.takenOver).toEqual([]);
    });

    it("has nothing to wait for when no peer subscribes, and does not hand messages back", async () => {
      await broker.backplane.subscribed("#");
      await broker.backplane.subscribed("#", "share");
      expect([broker.backplane.wants("a"), broker.backplane.publish(messageTo("a"), [])]).toEqual([false, undefined]);
      broker.backplane.unsubscribed("#");
      expect([broker.backplane.wants("a"), broker.backplane.publish(messageTo("a"), [])]).toEqual([false, undefined]);
      expect(broker.received).toEqual([]);
    });

    it("takes every client identifier, filter and share name that MQTT allows", async () => {
      for (const text of ODD_TEXTS) {
        await broker.claim(text);
        await broker.backplane.subscribed(text);
        await broker.backplane.subscribed(text, text.replaceAll("/", ""));
        await broker.backplane.publish(messageTo(text), []);
        broker.backplane.unsubscribed(text, text.replaceAll("/", ""));
        broker.backplane.unsubscribed(text);
        broker.backplane.release(text);
      }
      expect([broker.received, broker.takenOver]).toEqual([[], []]);
    });
  });
}

/** Makes two that find each other. */
export type PairOf = (context: TestContext) => readonly [Backplane, Backplane] | Promise<readonly [Backplane, Backplane]>;

/** What the broker relies on in a backplane that has peers; `create` makes two that find each other. */
export function describePeers(name: string, create: PairOf): void {
  describe(`${name} with a peer`, () => {
    let here: StandIn;
    let there: StandIn;

    beforeEach(async (context) => {
      const [one, other] = await create(context);
      [here, there] = [new StandIn(one), new StandIn(other)];
      await Promise.all([here.backplane.start(here), there.backplane.start(there)]);
    });

    afterEach(() => Promise.all([here.backplane.stop(), there.backplane.stop()]));

    it("hands a message to a peer whose subscription matches, once, however many match, with all that belongs to it", async () => {
      for (const filter of ["a/b", "a/+", "#"]) await there.backplane.subscribed(filter);
      await there.backplane.subscribed("a/b", "share");
      const message: Message = {
        topic: "a/b",
        payload: new Uint8Array([0, 255]),
        qos: 2,
        retain: true,
        properties: { contentType: "x", correlationData: new Uint8Array([1]), userProperties: [["k", "v"]] },
        expiresAtMs: 1_700_000_000_123,
        publisher: "client",
      };
      await here.backplane.publish(message, []);
      await here.backplane.publish(messageTo("last"), []);
      expect(there.received).toHaveLength(2);
      expect(there.received[0]).toEqual(message);
      expect(here.received).toEqual([]);
    });

    it("wants a topic from the moment that the peer's SUBACK may leave", async () => {
      await there.backplane.subscribed("a/+");
      expect(here.backplane.wants("a/b")).toBe(true);
    });

    it("keeps the order of what one broker publishes", async () => {
      await there.backplane.subscribed("+");
      const topics = Array.from({ length: 500 }, (_, i) => `${i}`);
      await Promise.all(topics.map((topic) => here.backplane.publish(messageTo(topic), [])));
      expect(there.topics).toEqual(topics);
    });

    it("has nothing to wait for once the peer's last matching subscription has gone, shared ones counted apart", async () => {
      await there.backplane.subscribed("a");
      await there.backplane.subscribed("a", "share");
      there.backplane.unsubscribed("a");
      await here.backplane.publish(messageTo("a"), []);
      expect(there.topics).toEqual(["a"]);
      there.backplane.unsubscribed("a", "share");
      await vi.waitFor(() => expect(here.backplane.publish(messageTo("a"), [])).toBeUndefined());
      expect(here.backplane.wants("a")).toBe(false);
    });

    it("takes a client from the peer that has it, and waits until the peer has handed it over", async () => {
      await there.claim("client");
      const order: string[] = [];
      let handOver = () => {};
      there.handover = new Promise((resolve) => {
        handOver = resolve;
      });
      const claimed = here.claim("client").then(() => order.push("claimed"));
      await vi.waitFor(() => expect(there.takenOver).toEqual(["client"]));
      order.push("handed over");
      handOver();
      await claimed;
      expect([order, [...here.owned], here.takenOver]).toEqual([["handed over", "claimed"], ["client"], []]);
    });

    it("takes nothing over that the peer has released", async () => {
      await there.claim("client");
      there.backplane.release("client");
      await here.claim("client");
      expect(there.takenOver.length).toBeLessThanOrEqual(1); // a release may still be on its way
      expect(here.owned.has("client")).toBe(true);
    });

    it("ends every race for a client with one owner", async () => {
      for (let round = 0; round < 50; round++) {
        await Promise.allSettled([here.claim("client"), there.claim("client")]); // a claim that another follows may fail
        await vi.waitFor(() => expect(here.owned.size + there.owned.size).toBe(1));
      }
    });

    it("gives what a peer had to the others when it stops, and calls it no more", async () => {
      await there.backplane.subscribed("#");
      await there.claim("client");
      await there.backplane.stop();
      await here.claim("client");
      await vi.waitFor(() => expect(here.backplane.publish(messageTo("a"), [])).toBeUndefined());
      expect([there.received, there.takenOver, [...here.owned]]).toEqual([[], [], ["client"]]);
    });

    describe("with shared groups", () => {
      const group: SharedFilter = { shareName: "g", filter: "t" };

      /** Who got each of the messages that were published with the groups of their publisher. */
      async function countEach(
        publisher: StandIn,
        count: number,
        groups: readonly SharedFilter[],
      ): Promise<[kept: number, handed: number]> {
        const other = publisher === here ? there : here;
        const before = other.received.length;
        let kept = 0;
        for (let i = 0; i < count; i++) kept += (await publisher.publish(messageTo("t"), groups)).length;
        return [kept, other.received.length - before];
      }

      it("gives every message to a member on one of the brokers, in turn, whoever publishes", async () => {
        await Promise.all([here.backplane.subscribed("t", "g"), there.backplane.subscribed("t", "g")]);
        expect(await countEach(here, 10, [group])).toEqual([5, 5]);
        expect(await countEach(there, 10, [group])).toEqual([5, 5]);
        expect(there.deliveries).toContainEqual({ toSubscribers: false, groups: [group] });
      });

      it("gives it to the peer's member if there are none here", async () => {
        await there.backplane.subscribed("t", "g");
        expect(await countEach(here, 3, [])).toEqual([0, 3]);
        expect(there.deliveries).toEqual(Array(3).fill({ toSubscribers: false, groups: [group] }));
      });

      it("hands over one message for ordinary subscribers and for groups, and names the groups", async () => {
        await there.backplane.subscribed("t");
        await there.backplane.subscribed("t", "g");
        await there.backplane.subscribed("+", "h");
        await here.backplane.publish(messageTo("t"), [group]);
        expect(there.deliveries).toEqual([{ toSubscribers: true, groups: [{ shareName: "h", filter: "+" }] }]);
      });

      it("keeps all when the peer's last member has gone, or the peer itself", async () => {
        await Promise.all([here.backplane.subscribed("t", "g"), there.backplane.subscribed("t", "g")]);
        there.backplane.unsubscribed("t", "g");
        await vi.waitFor(async () => expect(await countEach(here, 4, [group])).toEqual([4, 0]));
        await there.backplane.subscribed("t", "g");
        await there.backplane.stop();
        await vi.waitFor(async () => expect(await countEach(here, 4, [group])).toEqual([4, 0]));
      });

      it("hands a message on that a member here has left behind, if a peer has a member", async () => {
        expect(here.backplane.handOn(messageTo("t"), group)).toBe(false);
        await there.backplane.subscribed("t", "g");
        expect(here.backplane.handOn(messageTo("t"), group)).toBe(true);
        await vi.waitFor(() => expect(there.deliveries).toEqual([{ toSubscribers: false, groups: [group] }]));
      });
    });
  });
}
