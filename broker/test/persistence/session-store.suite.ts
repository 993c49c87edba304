import { afterEach, beforeEach, describe, expect, it, type TestContext } from "vitest";
import type { SessionStore, StoredSession, StoredSessionEntry } from "../../src/persistence/session-store.js";
import { NEVER_EXPIRES } from "../../src/session/session.js";
import type { SubscriptionOptions } from "../../src/session/subscription.js";
import { messageOf, optionsOf } from "../session/support.js";
import { oneOf, seededRandom } from "../topics/support.js";

const ODD_TEXTS = ["", " ", "a/b", "é日\u{1f600}", "x".repeat(65_535), "__proto__", "constructor", "\ufeff", "a'b\"c", "\u0001"];

export interface OpenSessionStore {
  readonly store: SessionStore;
  /** The store as a broker finds it that starts after this one has gone; for stores that outlive the process. */
  readonly reopen?: () => Promise<SessionStore>;
  readonly close?: () => Promise<void>;
}

/** What the broker relies on in every store of sessions. */
export function describeSessionStore(name: string, open: (context: TestContext) => OpenSessionStore | Promise<OpenSessionStore>): void {
  describe(name, () => {
    let opened: OpenSessionStore;
    let store: SessionStore;

    beforeEach(async (context) => {
      opened = await open(context);
      store = opened.store;
    });

    afterEach(() => opened.close?.());

    const sessionOf = (clientId: string, fields: Partial<StoredSession> = {}): StoredSession => ({
      clientId,
      userName: undefined,
      expirySeconds: 60,
      disconnectedAtMs: undefined,
      will: undefined,
      ...fields,
    });

    /** What a broker that starts finds, by client identifier. */
    async function found(): Promise<Map<string, StoredSessionEntry>> {
      await store.commit();
      const entries = new Map<string, StoredSessionEntry>();
      for await (const entry of (await opened.reopen?.())?.all() ?? store.all()) entries.set(entry.session.clientId, entry);
      return entries;
    }

    it("has nothing at first", async () => {
      expect((await found()).size).toBe(0);
    });

    it("gives back a session with all that belongs to it", async () => {
      const message = messageOf("bye", {
        payload: new Uint8Array([0, 255]),
        qos: 2,
        retain: true,
        properties: { contentType: "x", correlationData: new Uint8Array([1]), userProperties: [["k", "v"]] },
        expiresAtMs: 1_700_000_000_123,
      });
      const session = sessionOf("c", {
        userName: "u",
        expirySeconds: NEVER_EXPIRES,
        disconnectedAtMs: 1_700_000_000_001,
        will: { message, delaySeconds: 30, dueAtMs: 1_700_000_000_456 },
      });
      store.save(session);
      expect(await found()).toEqual(new Map([["c", { session, subscriptions: [] }]]));
    });

    it("gives back subscriptions with all their options [MQTT-3.8.4-3]", async () => {
      store.save(sessionOf("c"));
      const subscriptions: SubscriptionOptions[] = [
        optionsOf("a/+", { qos: 0, retainHandling: 2 }),
        optionsOf("#", { qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 1, identifier: 268_435_455 }),
        optionsOf("$share/g/a/#"),
      ];
      for (const options of subscriptions) store.subscribe("c", options);
      const byFilter = (options: readonly SubscriptionOptions[]) => new Map(options.map((each) => [each.topicFilter, each]));
      expect(byFilter((await found()).get("c")!.subscriptions)).toEqual(byFilter(subscriptions));
    });

    it("replaces a subscription to the same filter, and takes out only what is given up [MQTT-3.8.4-3]", async () => {
      store.save(sessionOf("c"));
      for (const options of [optionsOf("a"), optionsOf("b"), optionsOf("a", { qos: 2 })]) store.subscribe("c", options);
      store.unsubscribe("c", "b");
      store.unsubscribe("c", "never there");
      expect((await found()).get("c")!.subscriptions).toEqual([optionsOf("a", { qos: 2 })]);
    });

    it("keeps the subscriptions when a session is written again, and forgets them with it", async () => {
      store.save(sessionOf("c"));
      store.subscribe("c", optionsOf("a"));
      store.save(sessionOf("c", { expirySeconds: 5 }));
      expect((await found()).get("c")).toEqual({ session: sessionOf("c", { expirySeconds: 5 }), subscriptions: [optionsOf("a")] });
      store.remove("c");
      store.remove("c");
      expect((await found()).size).toBe(0);
      store.save(sessionOf("c"));
      expect((await found()).get("c")!.subscriptions).toEqual([]);
    });

    it("keeps no subscription of a session it does not have", async () => {
      store.subscribe("c", optionsOf("a"));
      store.unsubscribe("c", "a");
      expect((await found()).size).toBe(0);
      store.save(sessionOf("c"));
      expect((await found()).get("c")!.subscriptions).toEqual([]);
    });

    it("takes every client identifier and filter that MQTT allows, and keeps them apart", async () => {
      for (const text of ODD_TEXTS) {
        store.save(sessionOf(text));
        for (const filter of ODD_TEXTS.slice(1)) store.subscribe(text, optionsOf(filter));
        store.unsubscribe(text, text);
      }
      const entries = await found();
      expect(new Set(entries.keys())).toEqual(new Set(ODD_TEXTS));
      for (const text of ODD_TEXTS) {
        const filters = entries.get(text)!.subscriptions.map(({ topicFilter }) => topicFilter);
        expect(new Set(filters)).toEqual(new Set(ODD_TEXTS.slice(1).filter((filter) => filter !== text)));
      }
    });

    it.each([1, 2])("finds what a map would, whatever was done before (seed %i)", async (seed) => {
      const random = seededRandom(seed);
      const ids = ["a", "b", "c"];
      const expected = new Map<string, { session: StoredSession; subscriptions: Map<string, SubscriptionOptions> }>();
      for (let step = 0; step < 600; step++) {
        const id = oneOf(ids, random);
        const filter = oneOf(["f", "g/#", "+"], random);
        const choice = random();
        if (choice < 0.3) {
          const session = sessionOf(id, { expirySeconds: step });
          store.save(session);
          expected.set(id, { subscriptions: new Map(), ...expected.get(id), session });
        } else if (choice < 0.4) {
          store.remove(id);
          expected.delete(id);
        } else if (choice < 0.8) {
          const options = optionsOf(filter, { qos: 2, identifier: step + 1 });
          store.subscribe(id, options);
          expected.get(id)?.subscriptions.set(filter, options);
        } else {
          store.unsubscribe(id, filter);
          expected.get(id)?.subscriptions.delete(filter);
        }
        if (step % 50 === 49) expect(comparable(await found())).toEqual(comparable(expected));
      }
    });

    it("lets a session be written while all are gone through", async () => {
      for (const clientId of ["a", "b", "c"]) store.save(sessionOf(clientId));
      await store.commit();
      const seen: string[] = [];
      for await (const { session } of store.all()) {
        seen.push(session.clientId);
        store.save({ ...session, expirySeconds: 1 });
      }
      expect(seen.sort()).toEqual(["a", "b", "c"]);
      expect([...(await found()).values()].map(({ session }) => session.expirySeconds)).toEqual([1, 1, 1]);
    });

    it("asks for nothing to wait for when nothing has changed since the last commit", async () => {
      store.save(sessionOf("c"));
      await store.commit();
      expect(store.commit()).toBeUndefined();
    });
  });
}

function comparable(
  entries: ReadonlyMap<string, { session: StoredSession; subscriptions: Iterable<SubscriptionOptions> | Map<string, SubscriptionOptions> }>,
): unknown {
  return [...entries]
    .map(([id, { session, subscriptions }]) => {
      const options = subscriptions instanceof Map ? [...subscriptions.values()] : [...subscriptions];
      return [id, session, options.sort((a, b) => (a.topicFilter < b.topicFilter ? -1 : 1))] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
