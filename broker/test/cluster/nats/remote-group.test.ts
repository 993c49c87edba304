import { describe, expect, it } from "vitest";
import { RemoteGroup } from "../../../src/cluster/nats/remote-group.js";
import type { ShareStrategy } from "../../../src/topics/shared-group.js";
import { seededRandom } from "../../topics/support.js";

function groupOf(...peers: string[]): RemoteGroup<string> {
  const group = new RemoteGroup<string>({ shareName: "g", filter: "t" });
  for (const peer of peers) group.join(peer);
  return group;
}

/** Who gets so many messages: "" for a member here. */
function deal(group: RemoteGroup<string>, strategy: ShareStrategy, count: number, isHere: boolean, random = seededRandom(1)): string[] {
  return Array.from({ length: count }, () => (isHere && group.keeps(strategy, random) ? "" : (group.pick(strategy, random) ?? "nobody")));
}

describe("a shared group on several brokers", () => {
  it("goes round, this broker among the others", () => {
    expect(deal(groupOf("a", "b"), "round-robin", 6, true)).toEqual(["", "a", "b", "", "a", "b"]);
    expect(deal(groupOf("a", "b"), "round-robin", 4, false)).toEqual(["a", "b", "a", "b"]);
  });

  it("leaves nobody out and repeats nobody when a broker leaves in between", () => {
    const group = groupOf("a", "b", "c");
    expect(deal(group, "round-robin", 2, true)).toEqual(["", "a"]);
    group.leave("a");
    group.leave("a");
    expect(deal(group, "round-robin", 4, true)).toEqual(["b", "c", "", "b"]);
  });

  it("gives every broker the same chance at random", () => {
    const dealt = deal(groupOf("a", "b"), "random", 3_000, true);
    for (const who of ["", "a", "b"]) {
      const share = dealt.filter((other) => other === who).length;
      expect(share).toBeGreaterThan(900);
      expect(share).toBeLessThan(1_100);
    }
  });

  it.each([0.1, 0.5, 0.9])("stays with one, until that leaves (chance %d)", (chance) => {
    const group = groupOf("a", "b");
    const first = deal(group, "sticky", 1, true, () => chance)[0]!;
    expect(new Set(deal(group, "sticky", 50, true))).toEqual(new Set([first]));
    if (first === "") return;
    group.leave(first);
    expect(deal(group, "sticky", 50, true)).not.toContain(first);
  });

  it("keeps messages here as long as there is a member, if the one with least to do is to get them", () => {
    expect(deal(groupOf("a"), "least-inflight", 3, true)).toEqual(["", "", ""]);
    expect(deal(groupOf("a", "b"), "least-inflight", 4, false)).toEqual(["a", "b", "a", "b"]);
  });

  it("keeps all when there is nobody else, and picks nobody where there is nobody", () => {
    for (const strategy of ["round-robin", "random", "sticky", "least-inflight"] as const) {
      expect(deal(groupOf(), strategy, 2, true)).toEqual(["", ""]);
      expect(deal(groupOf(), strategy, 1, false)).toEqual(["nobody"]);
    }
  });
});
