import { afterEach, beforeEach, describe, expect, it, type TestContext } from "vitest";
import type { Clock } from "../../src/clock.js";
import { type Message, NEVER } from "../../src/message.js";
import type { RetainedStore } from "../../src/retained/retained-store.js";
import { SettableClock } from "../support/settable-clock.js";
import { matchesByDefinition, oneOf, seededRandom } from "../topics/support.js";

const CHECKS_PER_SEED = 4_000;
/** A store may fetch what it finds, over a connection, for each check. */
const CHECKS_TIMEOUT_MS = 180_000;
const FILTER_LEVELS = ["a", "b", "", "é日", "$", "$SYS", "+", "+"];
const TOPIC_LEVELS = ["a", "b", "", "é日", "$", "$SYS", "é"];

export interface OpenRetainedStore {
  readonly store: RetainedStore;
  readonly close?: () => Promise<void>;
}

/** What the broker relies on in every retained store. */
export function describeRetainedStore(
  name: string,
  open: (clock: Clock, context: TestContext) => OpenRetainedStore | Promise<OpenRetainedStore>,
): void {
  describe(name, () => {
    let clock: SettableClock;
    let opened: OpenRetainedStore;
    let store: RetainedStore;

    beforeEach(async (context) => {
      clock = new SettableClock();
      opened = await open(clock, context);
      store = opened.store;
    });

    afterEach(() => opened.close?.());

    function retained(topic: string, text = topic, lifetimeMs = NEVER): Message {
      const expiresAtMs = clock.nowMs + lifetimeMs;
      return { topic, payload: Buffer.from(text), qos: 1, retain: true, properties: {}, expiresAtMs, publisher: "c" };
    }

    const textOf = (message: Message | undefined) => message && Buffer.from(message.payload).toString();

    async function matched(filter: string): Promise<string[]> {
      const texts: string[] = [];
      await store.match(filter, (message) => texts.push(textOf(message)!));
      return texts.sort();
    }

    it("gives back what was put, with all that belongs to it [MQTT-3.3.1-5]", async () => {
      const message: Message = {
        topic: "a/é",
        payload: new Uint8Array([0, 255]),
        qos: 2,
        retain: true,
        properties: { contentType: "x", correlationData: new Uint8Array([1]), userProperties: [["k", "v"]] },
        expiresAtMs: clock.nowMs + 60_000,
        publisher: "client",
      };
      store.set(message);
      await store.commit();
      expect(await store.get("a/é")).toEqual(message);
      const visited: Message[] = [];
      await store.match("a/+", (found) => visited.push(found));
      expect(visited).toEqual([message]);
    });

    it("keeps the last message of a topic only [MQTT-3.3.1-5]", async () => {
      store.set(retained("a", "first"));
      store.set(retained("a", "second"));
      expect([textOf(await store.get("a")), store.size, await matched("#")]).toEqual(["second", 1, ["second"]]);
    });

    it("forgets a message that is deleted, and takes a second delete for none [MQTT-3.3.1-6]", async () => {
      store.set(retained("a/b"));
      store.set(retained("a"));
      store.delete("a/b");
      store.delete("a/b");
      store.delete("never/there");
      store.delete("a/b/c");
      expect([await store.get("a/b"), textOf(await store.get("a")), store.size]).toEqual([undefined, "a", 1]);
      store.delete("a");
      expect([store.size, store.bytes, await matched("#")]).toEqual([0, 0, []]);
    });

    it("keeps an empty payload as it is: that it deletes is the caller's to know", async () => {
      store.set(retained("a", ""));
      expect([textOf(await store.get("a")), store.size, store.bytes]).toEqual(["", 1, 1]);
    });

    it("counts topics and payloads in bytes, replaced ones once", () => {
      store.set(retained("abc", "12345"));
      store.set(retained("abc", "1"));
      store.set(retained("d/e", "12"));
      expect([store.size, store.bytes]).toEqual([2, 9]);
      expect([store.bytesOf("abc"), store.bytesOf("d/e"), store.bytesOf("d")]).toEqual([4, 5, undefined]);
    });

    it("distinguishes topics by every level, empty ones too", async () => {
      const topics = ["a", "/a", "a/", "/", "//", "a//b", "a/b", "A"];
      for (const topic of topics) store.set(retained(topic));
      for (const topic of topics) expect(textOf(await store.get(topic))).toBe(topic);
      expect(await matched("a")).toEqual(["a"]);
      expect(await matched("+")).toEqual(["A", "a"]);
      expect(await matched("+/+")).toEqual(["/", "/a", "a/", "a/b"]);
      expect(await matched("a/#")).toEqual(["a", "a/", "a//b", "a/b"]);
    });

    it("finds the parent by sport/# (4.7.1.2), and nothing that merely begins alike", async () => {
      for (const topic of ["sport", "sport/tennis", "sports"]) store.set(retained(topic));
      expect(await matched("sport/#")).toEqual(["sport", "sport/tennis"]);
    });

    it("keeps topics that start with $ out of wildcards at the start [MQTT-4.7.2-1]", async () => {
      for (const topic of ["$SYS/broker/uptime", "$SYS", "$", "a/$b", "a"]) store.set(retained(topic));
      expect(await matched("#")).toEqual(["a", "a/$b"]);
      expect(await matched("+")).toEqual(["a"]);
      expect(await matched("+/broker/uptime")).toEqual([]);
      expect(await matched("+/+")).toEqual(["a/$b"]);
      expect(await matched("$SYS/#")).toEqual(["$SYS", "$SYS/broker/uptime"]);
      expect(await matched("$SYS/+/uptime")).toEqual(["$SYS/broker/uptime"]);
    });

    it.each([1, 2, 3])(
      "agrees with the definition while messages come, go and expire (seed %i)",
      { timeout: CHECKS_TIMEOUT_MS },
      async (seed) => {
        const random = seededRandom(seed);
        const levels = (choices: readonly string[]) => Array.from({ length: 1 + Math.floor(random() * 4) }, () => oneOf(choices, random));
        const kept = new Map<string, Message>();

        for (let check = 0; check < CHECKS_PER_SEED; check++) {
          clock.nowMs += 10;
          const topic = levels(TOPIC_LEVELS).join("/") || "/";
          if (random() < (Math.floor(check / 200) % 2 === 0 ? 0.8 : 0.2)) {
            const message = retained(topic, `${topic} ${check}`, random() < 0.5 ? NEVER : Math.floor(random() * 5_000));
            store.set(message);
            kept.set(topic, message);
          } else {
            const victim = random() < 0.5 ? topic : ([...kept.keys()][0] ?? topic);
            store.delete(victim);
            kept.delete(victim);
          }
          if (random() < 0.05) store.sweep(20);

          const filter = levels(FILTER_LEVELS);
          if (random() < 0.4) filter[filter.length - 1] = "#";
          const live = [...kept.values()].filter(({ expiresAtMs }) => expiresAtMs > clock.nowMs);
          const expected = live
            .filter((message) => matchesByDefinition(filter, message.topic.split("/")))
            .map((message) => textOf(message)!);
          const found = await matched(filter.join("/"));
          if (found.join("\n") !== expected.sort().join("\n")) expect(found, filter.join("/")).toEqual(expected);
        }

        for (const topic of kept.keys()) store.delete(topic);
        expect([store.size, store.bytes]).toEqual([0, 0]);
      },
    );

    it("does not give out what has expired, by any way [MQTT-3.3.2-5]", async () => {
      store.set(retained("a/short", "short", 1_000));
      store.set(retained("a/long", "long", 2_000));
      clock.nowMs += 999;
      expect(await matched("a/+")).toEqual(["long", "short"]);
      clock.nowMs += 1;
      expect([await matched("a/+"), await matched("a/short"), await store.get("a/short")]).toEqual([["long"], [], undefined]);
    });

    it("lets a message without expiry take the place of one that expires, and the other way round", async () => {
      store.set(retained("a", "short", 1_000));
      store.set(retained("a", "for ever"));
      store.set(retained("b", "for ever"));
      store.set(retained("b", "short", 1_000));
      clock.nowMs += 5_000;
      store.sweep(100);
      expect([await matched("#"), store.size]).toEqual([["for ever"], 1]);
    });

    it("sweeps the expired away, a bounded number a call, and nothing else", async () => {
      for (let i = 0; i < 100; i++) store.set(retained(`a/${i}`, "text", i < 60 ? 1_000 : 9_000));
      store.set(retained("b"));
      expect(store.sweep(1_000)).toBe(0);
      clock.nowMs += 1_000;

      let swept = 0;
      for (let call = 0; call < 30; call++) {
        const removed = store.sweep(10);
        expect(removed).toBeLessThanOrEqual(10);
        swept += removed;
      }
      expect([swept, store.size, (await matched("a/+")).length]).toEqual([60, 41, 40]);
      clock.nowMs += 10_000;
      expect([store.sweep(1_000), store.size, store.bytes, store.sweep(1_000)]).toEqual([40, 1, 2, 0]);
    });

    it("lets the visitor change the store, and does not visit what it has deleted", async () => {
      for (let i = 0; i < 50; i++) store.set(retained(`a/${i}/b`));
      const visited: string[] = [];
      await store.match("a/#", ({ topic }) => {
        visited.push(topic);
        for (let i = 0; i < 50; i++) if (`a/${i}/b` !== topic) store.delete(`a/${i}/b`);
        store.set(retained(topic, "replaced"));
      });
      expect(visited).toHaveLength(1);
      expect(await matched("#")).toEqual(["replaced"]);
    });

    it("keeps and finds the deepest topic that fits in a packet", async () => {
      const topic = "/".repeat(65_535);
      store.set(retained(topic, "deep"));
      store.set(retained(topic.slice(1), "less deep"));
      expect(await matched("#")).toEqual(["deep", "less deep"]);
      expect(await matched("+/".repeat(32_767))).toEqual([]);
      expect([textOf(await store.get(topic)), await matched(topic)]).toEqual(["deep", ["deep"]]);
      store.delete(topic);
      store.delete(topic.slice(1));
      expect([store.size, await matched("#")]).toEqual([0, []]);
    });

    it("asks for nothing to wait for when nothing has changed since the last commit", async () => {
      store.set(retained("a"));
      await store.commit();
      expect(store.commit()).toBeUndefined();
    });
  });
}
