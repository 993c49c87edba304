import { beforeEach, describe, expect, it } from "vitest";
import { SubscriptionTrie } from "../../src/topics/subscription-trie.js";
import { oneOf, seededRandom } from "./support.js";

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

describe("SubscriptionTrie.match(), while its visitor changes filters with one subscriber each", () => {
  const newTrie = () => {
    const trie = new SubscriptionTrie<string>({ hashSeed: 7 });
    for (const filter of FILTERS) trie.subscribe(filter, "client", filter);
    return trie;
  };

  it("does not visit what has been removed, nor a new filter in its place", () => {
    const trie = newTrie();
    const seen: string[] = [];
    trie.match("a/b", (subscription) => {
      seen.push(subscription);
      for (const filter of FILTERS) trie.unsubscribe(filter, "client");
      for (const filter of ["+/+", "a/b/#", ...FILTERS]) trie.subscribe(filter, "other", "new");
    });
    expect(seen).toHaveLength(1);
    expect(trie.match("a/b", () => {})).toBe(FILTERS.length + 2);
  });

  it("visits what has been replaced with its latest value", () => {
    const trie = newTrie();
    const seen: string[] = [];
    trie.match("a/b", (subscription) => {
      if (seen.length === 0) for (const filter of FILTERS) trie.subscribe(filter, "client", "new");
      seen.push(subscription);
    });
    expect(seen.slice(1)).toEqual(["new", "new", "new", "new"]);
  });

  it("visits the one who was there, not those who joined or took its place", () => {
    const trie = newTrie();
    const seen: string[] = [];
    trie.match("a/b", (subscription) => {
      if (seen.length === 0) {
        for (const filter of FILTERS) trie.subscribe(filter, "second", "joined");
        for (const filter of FILTERS) if (filter !== subscription) trie.unsubscribe(filter, "client");
      }
      seen.push(subscription);
    });
    expect(seen).toHaveLength(1);
    expect(seen).not.toContain("joined");
    expect(trie.match("a/b", () => {})).toBe(FILTERS.length + 1);
  });
});

interface Seat {
  readonly place: string;
  version: number;
}

describe("SubscriptionTrie.match(), while visitors subscribe, unsubscribe and match at random", () => {
  const CLIENTS_OF_A_FILTER = ["c1", "c2", "c3"];

  it.each([1, 2, 3])("visits whoever was there and still is, once, and nobody else (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const trie = new SubscriptionTrie<{ seat: Seat; version: number }>({ hashSeed: seed });
    const seats = new Map<string, Seat>();

    const change = () => {
      const [filter, client] = [oneOf(FILTERS, random), oneOf(CLIENTS_OF_A_FILTER, random)];
      const place = `${filter} ${client}`;
      if (random() < 0.5) {
        trie.unsubscribe(filter, client);
        seats.delete(place);
        return;
      }
      const seat = seats.get(place) ?? { place, version: 0 };
      seats.set(place, seat);
      trie.subscribe(filter, client, { seat, version: ++seat.version });
    };

    const match = (depth: number) => {
      const before = new Set(seats.values());
      const visited = new Set<Seat>();
      trie.match("a/b", ({ seat, version }) => {
        if (!before.has(seat) || visited.has(seat)) expect.fail(`visited ${seat.place}, which was not there or had been visited`);
        if (seats.get(seat.place) !== seat || seat.version !== version) expect.fail(`visited ${seat.place} as it was before`);
        visited.add(seat);
        while (random() < 0.4) change();
        if (depth < 3 && random() < 0.2) match(depth + 1);
      });
      for (const seat of before) if (seats.get(seat.place) === seat && !visited.has(seat)) expect.fail(`missed ${seat.place}`);
    };

    for (let round = 0; round < 4_000; round++) {
      change();
      match(0);
      if (trie.size !== seats.size) expect(trie.size).toBe(seats.size);
    }
    for (const filter of FILTERS) for (const client of CLIENTS_OF_A_FILTER) trie.unsubscribe(filter, client);
    expect([trie.size, trie.filterCount, trie.nodeCount]).toEqual([0, 0, 0]);
  });
});
