import { describe, expect, it } from "vitest";
import { SubscriptionTrie } from "../../src/topics/subscription-trie.js";
import { matchesByDefinition, oneOf, seededRandom } from "./support.js";

const CHECKS_PER_SEED = 25_000;
const FILTER_LEVELS = ["a", "b", "", "é日", "$", "$SYS", "+", "+"];
const TOPIC_LEVELS = ["a", "b", "", "é日", "$", "$SYS", "é"];
const CLIENTS = ["c1", "c2", "c3"];

const newTrie = () => new SubscriptionTrie<string>({ hashSeed: 7 });

function matched(trie: SubscriptionTrie<string>, topic: string): string[] {
  const found: string[] = [];
  const visits = trie.match(topic, (subscription) => found.push(subscription));
  expect(visits).toBe(found.length);
  return found.sort();
}

describe("SubscriptionTrie", () => {
  it.each([
    ["sport/tennis/player1/#", "sport/tennis/player1", true, "4.7.1.2"],
    ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true, "4.7.1.2"],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true, "4.7.1.2"],
    ["sport/tennis/player1/#", "sport/tennis/player10", false, "4.7.1.2"],
    ["sport/#", "sport", true, "4.7.1.2, # includes the parent level"],
    ["sport/#", "sports", false, "4.7.1.2"],
    ["#", "sport/tennis", true, "4.7.1.2"],
    ["sport/tennis/+", "sport/tennis/player1", true, "4.7.1.3"],
    ["sport/tennis/+", "sport/tennis/player1/ranking", false, "4.7.1.3"],
    ["sport/+", "sport", false, "4.7.1.3"],
    ["sport/+", "sport/", true, "4.7.1.3, an empty level is a level"],
    ["sport/+/player1", "sport/tennis/player1", true, "4.7.1.3"],
    ["+", "finance", true, "4.7.1.3"],
    ["+", "/finance", false, "4.7.1.3"],
    ["+/+", "/finance", true, "4.7.1.3"],
    ["/+", "/finance", true, "4.7.1.3"],
    ["+/+/#", "/", true, "4.7.3"],
    ["#", "$SYS/monitor/Clients", false, "MQTT-4.7.2-1"],
    ["+/monitor/Clients", "$SYS/monitor/Clients", false, "MQTT-4.7.2-1"],
    ["+", "$", false, "MQTT-4.7.2-1"],
    ["$SYS/#", "$SYS/monitor/Clients", true, "4.7.2"],
    ["$SYS/#", "$SYS", true, "4.7.2"],
    ["$SYS/monitor/+", "$SYS/monitor/Clients", true, "4.7.2"],
    ["a/+", "a/$b", true, "4.7.2, only the first character counts"],
    ["ACCOUNTS", "Accounts", false, "4.7.3, case sensitive"],
    ["/finance", "finance", false, "4.7.3"],
    ["\u00e9/+", "e\u0301/x", false, "MQTT-4.7.3-4, no normalisation"],
  ])("filter %s and topic %s match: %s [%s]", (filter, topic, expected) => {
    const trie = newTrie();
    trie.subscribe(filter, "client", "subscription");
    expect(matched(trie, topic)).toEqual(expected ? ["subscription"] : []);
  });

  it.each([1, 2, 3, 4])("agrees with the definition while subscriptions come and go (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const trie = new SubscriptionTrie<string>({ hashSeed: seed * 0x9e3779b1 });
    const subscriptions = new Map<string, Map<string, string>>();
    const levels = new Map<string, string[]>();
    const levelsOf = (filter: string) => levels.get(filter) ?? levels.set(filter, filter.split("/")).get(filter)!;

    for (let check = 0; check < CHECKS_PER_SEED; check++) {
      // Grows for a while, then shrinks, so that both well filled and nearly empty tries are asked.
      const growing = Math.floor(check / 40) % 2 === 0;
      const [oldest] = subscriptions;
      const [filter, client] =
        oldest !== undefined && !growing && random() < 0.9
          ? [oldest[0], [...oldest[1].keys()][0]!]
          : [randomFilter(random), oneOf(CLIENTS, random)];
      const ofFilter = subscriptions.get(filter) ?? new Map<string, string>();
      if (random() < (growing ? 0.8 : 0.1)) {
        const subscription = `${filter} ${client} ${check}`;
        if (trie.subscribe(filter, client, subscription) !== ofFilter.get(client)) expect.fail(`wrong former subscription: ${filter}`);
        subscriptions.set(filter, ofFilter.set(client, subscription));
      } else {
        if (trie.unsubscribe(filter, client) !== ofFilter.get(client)) expect.fail(`wrong subscription removed: ${filter}`);
        ofFilter.delete(client);
        if (ofFilter.size === 0) subscriptions.delete(filter);
      }

      const topic = randomTopic(random);
      const topicLevels = topic.split("/");
      const expected: string[] = [];
      for (const [other, byClient] of subscriptions) {
        if (matchesByDefinition(levelsOf(other), topicLevels)) expected.push(...byClient.values());
      }
      const found: string[] = [];
      trie.match(topic, (subscription) => found.push(subscription));
      if (found.sort().join("\n") !== expected.sort().join("\n")) expect(found, `topic ${topic}`).toEqual(expected);
    }

    expect(trie.filterCount).toBe(subscriptions.size);
    for (const [filter, byClient] of subscriptions) for (const client of byClient.keys()) trie.unsubscribe(filter, client);
    expect([trie.size, trie.filterCount, trie.nodeCount]).toEqual([0, 0, 0]);
  });

  it("replaces a client's subscription to the same filter and returns the former [MQTT-3.8.4-3]", () => {
    const trie = newTrie();
    for (const filter of ["a/b", "a/+", "a/#"]) {
      expect(trie.subscribe(filter, "client", "first")).toBeUndefined();
      expect(trie.subscribe(filter, "client", "second")).toBe("first");
    }
    expect(trie.size).toBe(3);
    expect(matched(trie, "a/b")).toEqual(["second", "second", "second"]);
  });

  it("visits each of overlapping subscriptions of one client [MQTT-3.3.4-2]", () => {
    const trie = newTrie();
    for (const filter of ["a/b", "a/+", "a/#", "#", "+/b", "a/c"]) trie.subscribe(filter, "client", filter);
    expect(matched(trie, "a/b")).toEqual(["a/b", "a/+", "a/#", "#", "+/b"].sort());
  });

  it("keeps a thousand subscribers of one filter apart, and forgets half of them", () => {
    const trie = newTrie();
    const names = Array.from({ length: 1_000 }, (_, i) => `client${i}`);
    for (const name of names) trie.subscribe("fan/out", name, name);
    for (const name of names.slice(0, 500)) expect(trie.unsubscribe("fan/out", name)).toBe(name);
    expect(trie.unsubscribe("fan/out", "client0")).toBeUndefined();
    expect(matched(trie, "fan/out")).toEqual(names.slice(500).sort());
    expect([trie.size, trie.filterCount]).toEqual([500, 1]);
  });

  it("removes the nodes that only a removed filter needed, and no others", () => {
    const trie = newTrie();
    trie.subscribe("a/+/c", "client", "short");
    const before = trie.nodeCount;
    trie.subscribe("a/+/c/d/#", "client", "long");
    trie.subscribe("a/x/+", "client", "side");
    expect(trie.nodeCount).toBe(before + 3);
    trie.unsubscribe("a/+/c/d/#", "client");
    trie.unsubscribe("a/x/+", "client");
    expect(trie.nodeCount).toBe(before);
    expect(matched(trie, "a/b/c")).toEqual(["short"]);
    expect(trie.unsubscribe("a/+", "client")).toBeUndefined();
    trie.unsubscribe("a/+/c", "client");
    expect([trie.size, trie.nodeCount]).toEqual([0, 0]);
  });

  it("keeps # through the emptying of everything else", () => {
    const trie = newTrie();
    trie.subscribe("#", "client", "all");
    for (let i = 0; i < 500; i++) trie.subscribe(`deep/${i}/+`, "client", "one");
    for (let i = 0; i < 500; i++) trie.unsubscribe(`deep/${i}/+`, "client");
    expect(trie.nodeCount).toBe(0);
    expect(matched(trie, "deep/1/x")).toEqual(["all"]);
    trie.subscribe("deep/+", "client", "again");
    expect(matched(trie, "deep/1")).toEqual(["again", "all"]);
  });

  it("walks the deepest filters that fit in a packet without running out of stack", () => {
    const trie = newTrie();
    const filter = "+/".repeat(32_767);
    trie.subscribe(filter, "client", "deep");
    expect(matched(trie, "/".repeat(32_767))).toEqual(["deep"]);
    trie.unsubscribe(filter, "client");
    expect(trie.nodeCount).toBe(0);
  });

  it("has another generation after each change of what a match may find, and only then", () => {
    const trie = new SubscriptionTrie<object>({ hashSeed: 7 });
    const [first, second] = [{}, {}];
    const changes = (change: () => void) => {
      const before = trie.generation;
      change();
      return trie.generation !== before;
    };
    for (const filter of ["a/b", "a/+", "#"]) {
      expect(changes(() => trie.subscribe(filter, "client", first))).toBe(true);
      expect(changes(() => trie.subscribe(filter, "client", second))).toBe(true);
      expect(changes(() => trie.subscribe(filter, "client", second))).toBe(false);
      expect(changes(() => trie.subscribe(filter, "other", second))).toBe(true);
      expect(changes(() => trie.match("a/b", () => {}))).toBe(false);
      expect(changes(() => trie.unsubscribe(filter, "nobody"))).toBe(false);
      expect(changes(() => trie.unsubscribe(filter, "client"))).toBe(true);
      expect(changes(() => trie.unsubscribe(filter, "other"))).toBe(true);
      expect(changes(() => trie.unsubscribe(filter, "other"))).toBe(false);
    }
  });

  it("has another generation when a visitor changes it", () => {
    const trie = newTrie();
    for (const client of CLIENTS) trie.subscribe("a/+", client, client);
    const before = trie.generation;
    trie.match("a/b", (client) => trie.unsubscribe("a/+", client));
    expect(trie.generation).not.toBe(before);
  });

  it("hands the context on to the visitor", () => {
    const trie = newTrie();
    trie.subscribe("a", "client", "s");
    const seen: string[] = [];
    trie.match("a", (subscription, into: string[]) => into.push(subscription), seen);
    expect(seen).toEqual(["s"]);
  });
});

function randomFilter(random: () => number): string {
  const levels = randomLevels(FILTER_LEVELS, random);
  if (random() < 0.3) levels[levels.length - 1] = "#";
  const filter = levels.join("/");
  return filter === "" ? "/" : filter;
}

function randomTopic(random: () => number): string {
  const topic = randomLevels(TOPIC_LEVELS, random).join("/");
  return topic === "" ? "/" : topic;
}

function randomLevels(choices: readonly string[], random: () => number): string[] {
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => oneOf(choices, random));
}
