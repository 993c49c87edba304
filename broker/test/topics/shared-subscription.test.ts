import { describe, expect, it } from "vitest";
import { SharedGroup, type ShareStrategy } from "../../src/topics/shared-group.js";
import { SharedSubscriptions } from "../../src/topics/shared-subscription.js";
import { SubscriptionTrie } from "../../src/topics/subscription-trie.js";
import { seededRandom } from "./support.js";

interface Member {
  readonly name: string;
  online: boolean;
  inflight: number;
}

const options = (strategy: ShareStrategy) => ({
  strategy,
  isOnline: (member: Member) => member.online,
  inflightCount: (member: Member) => member.inflight,
  random: seededRandom(11),
});

function groupOf(strategy: ShareStrategy, count: number): { group: SharedGroup<Member>; members: Member[] } {
  const group = new SharedGroup(options(strategy));
  const members = Array.from({ length: count }, (_, i) => ({ name: `m${i}`, online: true, inflight: 0 }));
  for (const member of members) group.join(member.name, member);
  return { group, members };
}

const picks = (group: SharedGroup<Member>, count: number) => Array.from({ length: count }, () => group.pick()!.name);

function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

describe.each(["round-robin", "random", "sticky", "least-inflight"] as const)("SharedGroup, %s", (strategy) => {
  it("has nobody to pick when it is empty", () => {
    expect(groupOf(strategy, 0).group.pick()).toBeUndefined();
  });

  it("passes over members that are offline while another is online", () => {
    const { group, members } = groupOf(strategy, 50);
    for (const member of members) member.online = member.name === "m31";
    expect(new Set(picks(group, 200))).toEqual(new Set(["m31"]));
  });

  it("gives nothing to who is passed over, and says whether anyone is left", () => {
    const passedOver = new Set<string>();
    const group = new SharedGroup<Member>({ ...options(strategy), isPassedOver: ({ name }) => passedOver.has(name) });
    for (const name of ["a", "b", "c"]) group.join(name, { name, online: false, inflight: 0 });
    for (const name of ["a", "c"]) passedOver.add(name);
    expect([group.hasAnyone, new Set(picks(group, 20))]).toEqual([true, new Set(["b"])]);
    passedOver.add("b");
    expect([group.hasAnyone, group.pick()]).toEqual([false, undefined]);
    expect(groupOf(strategy, 1).group.hasAnyone).toBe(true);
  });

  it("picks one of the members when all are offline, for its session to keep the message", () => {
    const { group, members } = groupOf(strategy, 3);
    for (const member of members) member.online = false;
    expect(members).toContain(group.pick());
  });

  it("never picks a member that has left, and picks the others for what it left behind", () => {
    const { group, members } = groupOf(strategy, 3);
    const first = group.pick()!;
    expect(group.leave(first.name)).toBe(first);
    expect(group.leave(first.name)).toBeUndefined();
    expect(group.size).toBe(2);
    expect(picks(group, 50)).not.toContain(first.name);
    for (const member of members) group.leave(member.name);
    expect(group.pick()).toBeUndefined();
  });

  it("has exactly the members that have joined and not left, whatever the turns between", () => {
    const random = seededRandom(7);
    const { group } = groupOf(strategy, 0);
    const expected = new Map<string, Member>();
    for (let step = 0; step < 5_000; step++) {
      const name = `m${Math.floor(random() * 6)}`;
      const member = { name, online: true, inflight: 0 };
      if (random() < 0.3) group.pick();
      else if (random() < 0.5) {
        expect(group.join(name, member)).toBe(expected.get(name));
        expected.set(name, member);
      } else {
        expect(group.leave(name)).toBe(expected.get(name));
        expected.delete(name);
      }
      expect(group.size).toBe(expected.size);
    }
  });

  it("replaces a member that joins again", () => {
    const { group, members } = groupOf(strategy, 1);
    const again = { name: "m0", online: true, inflight: 0 };
    expect(group.join("m0", again)).toBe(members[0]);
    expect([group.size, group.pick()]).toEqual([1, again]);
    expect(group.pick()).toBe(again);
  });
});

describe("SharedGroup, strategies", () => {
  it("round robin gives each its turn", () => {
    expect(picks(groupOf("round-robin", 3).group, 7)).toEqual(["m0", "m1", "m2", "m0", "m1", "m2", "m0"]);
  });

  it.each([0, 1, 2, 3, 4, 5])("round robin loses and repeats no turn when member %i of 6 leaves in mid-round", (leaver) => {
    const { group } = groupOf("round-robin", 6);
    const served = picks(group, 3);
    group.leave(`m${leaver}`);
    const rest = ["m3", "m4", "m5"].filter((name) => name !== `m${leaver}`);
    expect(picks(group, rest.length).sort()).toEqual(rest);
    const second = served.filter((name) => name !== `m${leaver}`);
    expect(picks(group, second.length).sort()).toEqual(second);
  });

  it("random gives each member that is online the same chance", () => {
    const { group, members } = groupOf("random", 10);
    for (const member of members) member.online = ["m0", "m1", "m2", "m7"].includes(member.name);
    const counts = tally(picks(group, 40_000));
    expect([...counts.keys()].sort()).toEqual(["m0", "m1", "m2", "m7"]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it("sticky stays with one member until it goes offline or leaves, then with another", () => {
    const { group, members } = groupOf("sticky", 5);
    const first = group.pick()!;
    expect(new Set(picks(group, 50))).toEqual(new Set([first.name]));

    first.online = false;
    const second = group.pick()!;
    expect(second).not.toBe(first);
    first.online = true;
    expect(new Set(picks(group, 50))).toEqual(new Set([second.name]));

    for (const member of members) member.online = false;
    expect(new Set(picks(group, 50))).toEqual(new Set([second.name]));
    for (const member of members) member.online = true;
    group.leave(second.name);
    expect(new Set(picks(group, 50)).size).toBe(1);
  });

  it("least in-flight picks who has least, and shares out among equals", () => {
    const { group, members } = groupOf("least-inflight", 4);
    members[2]!.inflight = 50;
    const names: string[] = [];
    for (let i = 0; i < 30; i++) {
      const picked = group.pick()!;
      picked.inflight++;
      names.push(picked.name);
    }
    expect(tally(names)).toEqual(new Map(Object.entries({ m0: 10, m1: 10, m3: 10 })));
    for (const member of members) member.inflight = 3;
    expect(picks(group, 4).sort()).toEqual(["m0", "m1", "m2", "m3"]);
  });
});

describe("SharedSubscriptions", () => {
  const shared = (shareName: string, filter: string) => ({ shareName, filter });
  const member = (name: string): Member => ({ name, online: true, inflight: 0 });

  function newShares() {
    const trie = new SubscriptionTrie<Member | SharedGroup<Member>>({ hashSeed: 7 });
    const shares = new SharedSubscriptions<Member>(trie, options("round-robin"));
    const receivers = (topic: string) => {
      const names: string[] = [];
      trie.match(topic, (found) => names.push((found instanceof SharedGroup ? found.pick()! : found).name));
      return names.sort();
    };
    return { trie, shares, receivers };
  }

  it("gives a message to one member of each group, and to each ordinary subscriber (4.8.2)", () => {
    const { trie, shares, receivers } = newShares();
    for (const name of ["a1", "a2", "a3"]) shares.subscribe(shared("a", "t/+"), name, member(name));
    for (const name of ["b1", "b2"]) shares.subscribe(shared("b", "t/+"), name, member(name));
    trie.subscribe("t/+", "plain", member("plain"));
    expect([receivers("t/1"), receivers("t/1"), receivers("t/1")]).toEqual([
      ["a1", "b1", "plain"],
      ["a2", "b2", "plain"],
      ["a3", "b1", "plain"],
    ]);
  });

  it("keeps the same share name with different filters apart (4.8.2)", () => {
    const { shares, receivers } = newShares();
    shares.subscribe(shared("g", "t/+"), "x", member("x"));
    shares.subscribe(shared("g", "t/1"), "y", member("y"));
    expect(shares.size).toBe(2);
    expect(receivers("t/1")).toEqual(["x", "y"]);
    expect(shares.group(shared("g", "t/1"))?.size).toBe(1);
  });

  it("takes the group out of the trie with its last member", () => {
    const { trie, shares, receivers } = newShares();
    const x = member("x");
    shares.subscribe(shared("g", "t/#"), "x", x);
    shares.subscribe(shared("g", "t/#"), "y", member("y"));
    expect(trie.size).toBe(1);
    expect(shares.unsubscribe(shared("g", "t/#"), "nobody")).toBeUndefined();
    expect(shares.unsubscribe(shared("g", "t/#"), "x")).toBe(x);
    expect(receivers("t")).toEqual(["y"]);
    shares.unsubscribe(shared("g", "t/#"), "y");
    expect([shares.size, trie.size, trie.nodeCount]).toEqual([0, 0, 0]);
    expect(shares.unsubscribe(shared("g", "t/#"), "y")).toBeUndefined();
  });

  it("changes what a match finds with the first member and the last, not with those between", () => {
    const { trie, shares } = newShares();
    const generations = new Set<number>();
    const noted = () => generations.add(trie.generation).size;
    shares.subscribe(shared("g", "t"), "x", member("x"));
    noted();
    shares.subscribe(shared("g", "t"), "y", member("y"));
    shares.unsubscribe(shared("g", "t"), "x");
    expect(noted()).toBe(1);
    shares.unsubscribe(shared("g", "t"), "y");
    expect(noted()).toBe(2);
  });

  it("cannot be pushed out of the trie by a client that is named like a share", () => {
    const { trie, shares, receivers } = newShares();
    shares.subscribe(shared("g", "t"), "x", member("x"));
    for (const name of ["g", "$share/g", "$share/g/t", "/g"]) trie.subscribe("t", name, member(name));
    expect(receivers("t")).toHaveLength(5);
  });
});
