import { beforeEach, describe, expect, it } from "vitest";
import { SubscriptionTrie } from "../../src/topics/subscription-trie.js";

const FILTERS = ["a/b", "a/+", "a/#", "+/b", "#"];
const CLIENTS = Array.from({ length: 20 }, (_, i) => `client${i}`);
const ALL = FILTERS.flatMap((filter) => CLIENTS.map((client) => `${filter} ${client}`)).sort();

describe("SubscriptionTrie.match(), while its visitor changes the trie", () => {
  let trie: SubscriptionTrie<string>;

  beforeEach(() => {
    trie = new SubscriptionTrie({ hashSeed: 7 });
    for (const filter of FILTERS) for (const client of CLIENTS) trie.subscribe(filter, client, `${filter} ${client}`);
  });

  const matched = () => {
    const found: string[] = [];
    trie.match("a/b", (subscription) => found.push(subscription));
    return found.sort();
  };

  it("does not visit what has been removed, and misses nothing else", () => {
    const seen: string[] = [];
    trie.match("a/b", (subscription) => {
      seen.push(subscription);
      // Each visitor removes its right-hand neighbour's subscriptions, so every second client is never met.
      const neighbour = CLIENTS[(Number(subscription.split("client")[1]) + 1) % CLIENTS.length]!;
      for (const filter of FILTERS) if (!seen.includes(`${filter} ${neighbour}`)) trie.unsubscribe(filter, neighbour);
    });
    const even = ALL.filter((subscription) => Number(subscription.split("client")[1]) % 2 === 0);
    expect(seen.sort()).toEqual(even);
    expect(matched()).toEqual(even);
  });

  it("goes on when each subscription removes itself, and leaves nothing behind", () => {
    const seen: string[] = [];
    trie.match("a/b", (subscription) => {
      seen.push(subscription);
      const [filter, client] = subscription.split(" ");
      trie.unsubscribe(filter!, client!);
    });
    expect(seen.sort()).toEqual(ALL);
    expect([trie.size, trie.filterCount, trie.nodeCount]).toEqual([0, 0, 0]);
  });

  it("does not visit what is new, on old filters or new ones", () => {
    let visits = 0;
    trie.match("a/b", () => {
      visits++;
      for (const filter of [...FILTERS, "a/b/#", "+/+"]) trie.subscribe(filter, `new${visits}`, "new");
    });
    expect(visits).toBe(ALL.length);
    expect(matched().length).toBe(ALL.length + visits * (FILTERS.length + 2));
  });

  it("visits a client that leaves and comes back at most once", () => {
    const seen: string[] = [];
    trie.match("a/b", (subscription) => {
      seen.push(subscription);
      const [filter, client] = subscription.split(" ");
      trie.unsubscribe(filter!, client!);
      trie.subscribe(filter!, client!, subscription);
    });
    expect(seen.sort()).toEqual(ALL);
    expect(matched()).toEqual(ALL);
  });

  it("visits what has been replaced with its latest value", () => {
    const seen = new Set<string>();
    trie.match("a/b", (subscription) => {
      if (seen.size === 0)
        for (const filter of FILTERS) for (const client of CLIENTS) trie.subscribe(filter, client, `new ${filter} ${client}`);
      seen.add(subscription);
    });
    expect([...seen].filter((subscription) => !subscription.startsWith("new ")).length).toBe(1);
    expect(seen.size).toBe(ALL.length);
  });

  it("lets the visitor match, to any depth, each match complete", () => {
    const depths = [0, 0, 0];
    const visit = (_: string, depth: number) => {
      depths[depth]!++;
      if (depth < 2 && depths[depth]! <= 2) trie.match("a/b", visit, depth + 1);
    };
    trie.match("a/b", visit, 0);
    expect(depths).toEqual([ALL.length, 2 * ALL.length, 2 * ALL.length]);
  });

  it("keeps removals in an inner match safe for the outer one", () => {
    const seen: string[] = [];
    trie.match("a/b", (outer) => {
      if (seen.length === 0) {
        trie.match("a/b", (inner) => {
          const [filter, client] = inner.split(" ");
          if (inner !== outer) trie.unsubscribe(filter!, client!);
        });
      }
      seen.push(outer);
    });
    expect(seen.length).toBe(1);
    expect(matched()).toEqual(seen);
  });

  it("is whole again after a visitor has thrown", () => {
    expect(() =>
      trie.match("a/b", (subscription) => {
        const [filter, client] = subscription.split(" ");
        trie.unsubscribe(filter!, client!);
        throw new Error("visitor failed");
      }),
    ).toThrow("visitor failed");
    expect(matched().length).toBe(ALL.length - 1);
    for (const filter of FILTERS) for (const client of CLIENTS) trie.unsubscribe(filter, client);
    expect([trie.size, trie.nodeCount]).toEqual([0, 0]);
  });

  it("serves who stayed after many came and went during it", () => {
    const comeAndGo = () => {
      for (let i = 0; i < 1000; i++) {
        trie.subscribe("a/b", `guest${i}`, "guest");
        trie.unsubscribe("a/b", `guest${i}`);
      }
    };
    const before = trie.match("a/b", () => {});
    trie.match("a/b", comeAndGoOnce(comeAndGo));
    expect(trie.match("a/b", () => {})).toBe(before);
  });
});

function comeAndGoOnce(comeAndGo: () => void): () => void {
  let gone = false;
  return () => {
    if (!gone) comeAndGo();
    gone = true;
  };
}
