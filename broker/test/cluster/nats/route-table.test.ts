import { beforeEach, describe, expect, it } from "vitest";
import { routeText, sharedOf } from "../../../src/cluster/nats/route-records.js";
import { RouteTable } from "../../../src/cluster/nats/route-table.js";
import { matchesByDefinition, oneOf, seededRandom } from "../../topics/support.js";

interface Named {
  readonly id: string;
}

const [A, B, C]: readonly Named[] = ["a", "b", "c"].map((id) => ({ id }));
const PEERS = [A!, B!, C!];
const LEVELS = ["x", "y", "", "+", "$SYS"];

describe("the table of peers' routes", () => {
  let table: RouteTable<Named>;
  beforeEach(() => {
    table = new RouteTable({ hashSeed: 1 });
  });

  const peersOf = (topic: string) =>
    table
      .interest(topic)
      .peers.map(({ id }) => id)
      .sort();

  it("names each peer once, however many of its routes match", () => {
    for (const filter of ["t", "+", "#"]) table.add(A!, filter);
    table.add(B!, "other");
    expect([peersOf("t"), peersOf("other"), peersOf("a/b"), peersOf("$SYS")]).toEqual([["a"], ["a", "b"], ["a"], []]);
  });

  it("takes what it has already, and what it has not, for no change", () => {
    for (let i = 0; i < 2; i++) for (const route of ["t", routeText("t", "g")]) table.add(A!, route);
    expect([table.size, table.interest("t").groups.map(({ peers }) => peers)]).toEqual([2, [[A]]]);
    for (let i = 0; i < 2; i++) for (const route of ["t", routeText("t", "g"), "unknown"]) table.remove(A!, route);
    table.remove(B!, "t");
    expect([table.size, table.interest("t").isEmpty]).toEqual([0, true]);
  });

  it("tells a shared subscription from one to a filter of the same text, as 3.1.1 may have", () => {
    table.add(A!, "$share/g/t");
    table.add(B!, routeText("t", "g"));
    const { peers, groups } = table.interest("t");
    expect([peers, groups.map(({ shared, peers: members }) => [shared, members])]).toEqual([[], [[{ shareName: "g", filter: "t" }, [B]]]]);
    expect(peersOf("$share/g/t")).toEqual(["a"]);
    expect(sharedOf(routeText("/a//b", ""))).toEqual({ shareName: "", filter: "/a//b" });
  });

  it("gives a peer that was forgotten nothing from then on, and takes its routes out bit by bit", () => {
    for (let i = 0; i < 100; i++) table.add(A!, `t/${i}`);
    table.add(A!, routeText("t/1", "g"));
    table.add(B!, "t/1");
    table.add(B!, routeText("t/1", "g"));
    expect(peersOf("t/1")).toEqual(["a", "b"]);
    table.forget(A!);
    expect([peersOf("t/1"), table.interest("t/1").groups[0]!.peers, table.interest("t/2").isEmpty]).toEqual([["b"], [B], true]);
    expect([table.countOf(A!), table.sweep(50), table.countOf(A!)]).toEqual([101, true, 51]);
    expect([table.sweep(60), table.size, peersOf("t/1")]).toEqual([false, 2, ["b"]]);
  });

  it.each([1, 2, 3])("agrees with the definition while routes come and go (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const routes = new Map(PEERS.map((peer) => [peer, new Set<string>()]));
    const text = (choices: readonly string[]) =>
      Array.from({ length: 1 + Math.floor(random() * 3) }, () => oneOf(choices, random)).join("/");
    for (let check = 0; check < 3_000; check++) {
      const peer = oneOf(PEERS, random);
      const filter = text(LEVELS);
      if (random() < 0.5) {
        table.add(peer, filter);
        routes.get(peer)!.add(filter);
      } else {
        table.remove(peer, filter);
        routes.get(peer)!.delete(filter);
      }
      const topic = text(LEVELS.filter((level) => level !== "+"));
      const expected = PEERS.filter((one) =>
        [...routes.get(one)!].some((own) => matchesByDefinition(own.split("/"), topic.split("/"))),
      ).map(({ id }) => id);
      expect(peersOf(topic)).toEqual(expected);
    }
  });
});
