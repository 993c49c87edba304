import { describe, expect, it } from "vitest";
import { HalfOpen, type Newcomer } from "../../src/limits/half-open.js";

class Connection implements Newcomer {
  isClosed = false;
  readonly socket = {
    destroy: () => {
      this.isClosed = true;
    },
  };
}

function halfOpen(max: number, count: number) {
  const bound = new HalfOpen();
  bound.configure(max);
  const connections = Array.from({ length: count }, () => new Connection());
  for (const connection of connections) bound.opened(connection);
  return { bound, connections };
}

const closed = (connections: readonly Connection[]) => connections.flatMap(({ isClosed }, index) => (isClosed ? [index] : []));

describe("HalfOpen", () => {
  it("has room up to its bound, and then closes who has been silent for longest", () => {
    const { bound, connections } = halfOpen(5, 4);
    expect(bound.makeRoom(false)).toEqual({ isFree: true, turnedOut: 0 });
    bound.opened(new Connection());
    expect(bound.makeRoom(false)).toEqual({ isFree: true, turnedOut: 1 });
    expect(closed(connections)).toEqual([0]);
    expect(bound.size).toBe(4);
  });

  it("spares who has sent its CONNECT, and has no room if only such are left", () => {
    const { bound, connections } = halfOpen(3, 3);
    bound.connects(connections[0]!);
    bound.makeRoom(false);
    expect(closed(connections)).toEqual([1]);
    const late = new Connection();
    bound.opened(late);
    for (const connection of [connections[2]!, late]) bound.connects(connection);
    expect(bound.makeRoom(false)).toEqual({ isFree: false, turnedOut: 0 });
    bound.settled(late);
    expect(bound.makeRoom(false)).toEqual({ isFree: true, turnedOut: 0 });
  });

  it("forgets who is settled, as often as it is told", () => {
    const { bound, connections } = halfOpen(10, 3);
    bound.connects(connections[1]!);
    for (const connection of [...connections, ...connections]) bound.settled(connection);
    expect(bound.size).toBe(0);
  });

  it("turns out several at once where there are many", () => {
    const { bound, connections } = halfOpen(640, 640);
    expect(bound.makeRoom(false)).toEqual({ isFree: true, turnedOut: 10 });
    expect(closed(connections)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("keeps a sixteenth while memory is short", () => {
    const { bound } = halfOpen(160, 100);
    expect(bound.makeRoom(true)).toEqual({ isFree: true, turnedOut: 91 });
    expect(bound.size).toBe(9);
  });

  it("has no bound if it is given none", () => {
    const { bound } = halfOpen(Number.POSITIVE_INFINITY, 1_000);
    expect(bound.makeRoom(true)).toEqual({ isFree: true, turnedOut: 0 });
  });
});
