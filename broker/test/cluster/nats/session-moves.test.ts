import { expect, it } from "vitest";
import type { HostedSessions } from "../../../src/cluster/hosted-sessions.js";
import { ClusterCounters } from "../../../src/cluster/nats/cluster-counters.js";
import type { Peer } from "../../../src/cluster/nats/peer.js";
import type { RouteRecord } from "../../../src/cluster/nats/route-records.js";
import { SessionMoves } from "../../../src/cluster/nats/session-moves.js";
import { Switches } from "../../../src/cluster/nats/switches.js";
import { Deferred } from "../../../src/journal/deferred.js";
import { decodeOutline, encodeOutline, encodeSession, type SessionOutline } from "../../../src/persistence/session-records.js";
import type { Gate } from "../../../src/session/gate.js";

const SESSION = { clientId: "c", userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined };
const WHOLE = { session: SESSION, subscriptions: [], messages: { deliveries: [], received: [] } };

/** A broker and its peer, and what it does to that; with one session, unless it has none. */
function broker(outline: HostedSessions["outline"] = () => ({ ...WHOLE, nextSequence: 1 }), isPublishing = false, arrival?: Deferred) {
  const done: string[] = [];
  const waits = { places: new Deferred(), peers: new Deferred(), store: new Deferred(), all: new Deferred() };
  const sessions: Partial<HostedSessions> = {
    ...{ get: () => WHOLE, outline, isChanging: () => false, mayLack: () => false, open: () => {} },
    ...{ close: () => {}, leaveGroups: () => {}, letGo: (clientId) => void done.push(`let go ${clientId}`) },
    expect: (_session, _from, gate) => {
      gates.push(gate);
      return waits.places.promise;
    },
    ...{ isPublishing: () => isPublishing, commit: () => waits.store.promise },
  };
  const gates: Gate[] = [];
  const unsettled = new Set<string>();
  const switches = new Switches();
  const moves = new SessionMoves({
    ...{ self: "self", sessions: sessions as HostedSessions, switches, peers: () => ["peer"] },
    messages: () => ({
      get: () => ({ isDead: false }) as Peer,
      mark: (peer, token) => void done.push(`mark ${peer} ${token}`),
      putSession: (peer, clientId) => {
        done.push(`session ${peer} ${clientId}`);
        return arrival?.promise;
      },
    }),
    announce: async (record: RouteRecord) => done.push(record.type),
    durable: (first) => first.then(() => {}),
    allHave: () => waits.peers.promise,
    allOver: () => waits.all.promise,
    isUnsettled: (dead) => (dead === undefined ? unsettled.size > 0 : unsettled.has(dead)),
    counters: new ClusterCounters(),
    fetch: (clientIds) => void done.push(`fetch ${clientIds}`),
  });
  const turn = () => new Promise(setImmediate);
  return { moves, switches, done, waits, turn, gates, sessions, unsettled };
}

it("a session is handed over once peers have what its client has published here, lest that comes after what it publishes there", async () => {
  const { moves, switches, done, waits, turn } = broker();
  await moves.asked("c", "peer", 1_000);
  moves.announced("peer", { type: "switch", token: "t", from: "self", clientIds: ["c"] });
  switches.pass("t", "peer");
  await turn();
  expect(done).toEqual(["mark peer t"]);
  waits.peers.resolve();
  await turn();
  expect(done).toEqual(["mark peer t"]); // that they have it is not durable yet
  waits.store.resolve();
  await turn();
  expect(done).toEqual(["mark peer t", "session peer c"]);
});

it("a session whose client has QoS 2 on its way is handed over once nobody would send that again, were this broker to die, after what it publishes there", async () => {
  const { moves, switches, done, waits, turn } = broker(undefined, true);
  await moves.asked("c", "peer", 1_000);
  moves.announced("peer", { type: "switch", token: "t", from: "self", clientIds: ["c"] });
  switches.pass("t", "peer");
  for (const wait of [waits.peers, waits.store, waits.all]) {
    await turn();
    expect(done).toEqual(["mark peer t"]);
    wait.resolve();
  }
  await turn();
  expect(done).toEqual(["mark peer t", "session peer c"]);
});

it("a place for a session is announced once it is durable, and peers have what was taken before there was one", async () => {
  const { moves, done, waits, turn } = broker(() => undefined);
  void moves.arrive("c", "peer", encodeOutline({ ...WHOLE, nextSequence: 1 }));
  for (const resolve of [() => {}, waits.places.resolve, waits.peers.resolve]) {
    expect(done).toEqual([]);
    resolve();
    await turn();
    await turn();
  }
  expect(done).toEqual(["switch"]);
});

it("a session that was on its way from a broker that died is a peer's to have once it was taken over here", async () => {
  let outline: SessionOutline | undefined;
  const { moves } = broker(() => outline);
  moves.arrive("c", "dead", encodeOutline({ ...WHOLE, nextSequence: 1 })).catch(() => {});
  outline = { ...WHOLE, session: { ...SESSION, arrivingFrom: "dead", moves: 1 }, nextSequence: 1 };
  moves.left("dead");
  expect(moves.adopted("dead")).toEqual(["c"]);
  outline = { ...WHOLE, session: { ...SESSION, moves: 1 }, nextSequence: 1 };
  expect(moves.adopted("dead")).toEqual([]);
  expect(decodeOutline(await moves.asked("c", "peer", 0)).session.clientId).toBe("c");
});

it.each(["peer has it", "peer has left", "life of this broker is over"])(
  "a session is under way from when it leaves until its %s",
  async (what) => {
    const arrival = new Deferred();
    const { moves, switches, waits, turn, done } = broker(undefined, false, arrival);
    await moves.asked("c", "peer", 1_000);
    moves.announced("peer", { type: "switch", token: "t", from: "self", clientIds: ["c"] });
    switches.pass("t", "peer");
    expect(moves.underWay("c")).toBeUndefined();
    for (const wait of [waits.peers, waits.store]) wait.resolve();
    await turn();
    const underWay = moves.underWay("c");
    expect(underWay).toBeDefined();
    if (what === "peer has it") arrival.resolve();
    else if (what === "peer has left") moves.left("peer");
    else moves.stop(new Error("taken for dead"));
    await underWay;
    expect([moves.underWay("c"), done.includes("let go c")]).toEqual([undefined, what === "peer has it"]);
  },
);

it.each(["changes over", "dies, though nobody has taken over from it yet"])(
  "what comes to a place for a session is let in as each broker changes over, and waits until the last one %s",
  async (how) => {
    const { moves, switches, gates, waits, turn, done } = broker(() => undefined);
    void moves.arrive("c", "peer", encodeOutline({ ...WHOLE, nextSequence: 1 }));
    for (const wait of [waits.places, waits.peers]) wait.resolve();
    await turn();
    await turn();
    const [gate] = gates;
    expect([gate!.admits(undefined), gate!.admits("peer"), gate!.changingOver!(undefined)]).toEqual([false, false, undefined]);
    moves.announced("self", { type: "switch", token: "self/1", from: "peer", clientIds: ["c"] });
    void gate!.changingOver!(undefined)!.then(() => done.push("changed over"));
    await turn();
    expect([gate!.admits(undefined), gate!.admits("peer"), gate!.changingOver!("peer")]).toEqual([true, false, undefined]);
    expect(done).toEqual(["switch", "mark peer self/1"]);
    if (how === "changes over") switches.pass("self/1", "peer");
    else switches.left("peer");
    await turn();
    expect([gate!.admits("peer"), done.at(-1)]).toEqual([how === "changes over", "changed over"]);
  },
);

it.each([true, false])(
  "a place for a session that goes elsewhere is kept if it was inherited, as nobody else has what is in it (inherited: %s)",
  async (isInherited) => {
    const { moves, done, sessions } = broker(() => undefined);
    Object.assign(sessions, { isInherited: () => isInherited, letGo: () => done.push("let go"), commit: () => undefined });
    const arrival = moves.arrive("c", "peer", encodeOutline({ ...WHOLE, nextSequence: 1 }));
    moves.came("c", "peer", Uint8Array.of(0));
    await expect(arrival).rejects.toThrow("another broker has the session");
    expect(done).toEqual([isInherited ? "fetch c" : "let go"]);
  },
);

it("a session that was on its way to a broker that has died goes to no other before it is known what had come for it there", async () => {
  const { moves, unsettled } = broker();
  await moves.asked("c", "dead", 1_000);
  moves.announced("dead", { type: "switch", token: "t", from: "self", clientIds: ["c"] });
  unsettled.add("dead");
  await expect(moves.asked("c", "peer", 0)).rejects.toThrow("is still changing over");
  unsettled.delete("dead");
  expect((await moves.asked("c", "peer", 0)).length).toBe(0); // the peer that it went to lives
});

it("a session that has come is a peer's to have once it is durable here, also if all others were asked meanwhile and have nothing newer", async () => {
  let outline: SessionOutline | undefined;
  const { moves, waits, sessions } = broker(() => outline);
  const older = encodeOutline({ ...WHOLE, nextSequence: 1 });
  Object.assign(sessions, { takeIn: () => waits.store.promise });
  const arrivals = [moves.arrive("c", "peer", older)];
  outline = { ...WHOLE, session: { ...SESSION, moves: 1 }, nextSequence: 1 };
  void moves.came("c", "peer", encodeSession(WHOLE));
  arrivals.push(moves.arrive("c", "peer", older));
  moves.nobodyHas("c");
  await expect(moves.asked("c", "other", 0)).rejects.toThrow("is still changing over");
  waits.store.resolve();
  await Promise.all(arrivals);
  expect(decodeOutline(await moves.asked("c", "other", 0)).session.moves).toBe(1);
});

it("a session that may lack what a dead broker had on its way stays until somebody has that", async () => {
  const { moves, unsettled, sessions } = broker();
  unsettled.add("dead");
  expect((await moves.asked("c", "first", 0)).length).toBeGreaterThan(0);
  Object.assign(sessions, { mayLack: (clientId: string) => clientId === "d" });
  await expect(moves.asked("d", "peer", 0)).rejects.toThrow("is still changing over");
  unsettled.clear();
  expect((await moves.asked("d", "peer", 0)).length).toBeGreaterThan(0);
});
