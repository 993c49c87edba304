import { beforeEach, describe, expect, it } from "vitest";
import { ReasonCode } from "../../src/codec/reason-code.js";
import type { Connection } from "../../src/connection/connection.js";
import { Pause } from "../../src/connection/pause.js";
import { DropCause } from "../../src/sys/counters.js";
import { deferred, endOfTurn, type FakeSocket, PING, publicationTo, publishBytes, TestConnections } from "./support.js";

const { QuotaExceeded, KeepAliveTimeout } = ReasonCode;

describe("a connection that takes nothing of what waits for it", () => {
  let parts: TestConnections;
  let connection: Connection;
  let socket: FakeSocket;
  beforeEach(() => {
    parts = new TestConnections({ maxOutputBytes: 1_000, slowConsumerMs: 60_000 });
    ({ connection, socket } = parts.connect());
  });

  const reasons = () => parts.events.left.map(([, code]) => code);

  async function block(): Promise<void> {
    socket.isTaking = false;
    connection.pong();
    await endOfTurn();
  }

  it("is closed after the time that it may take, with Quota Exceeded, and counted", async () => {
    await block();
    parts.wait(59);
    expect(reasons()).toEqual([]);
    parts.wait(1);
    expect([reasons(), parts.counters.slowConsumers]).toEqual([[QuotaExceeded], 1]);
    expect(socket.calls).toEqual([]);
    parts.wait(5);
    expect(socket.calls).toEqual(["destroy"]); // it does not read its DISCONNECT either
  });

  it("is given the time anew whenever it takes something", async () => {
    await block();
    for (let i = 0; i < 5; i++) {
      parts.wait(59);
      socket.drain();
      connection.pong();
      connection.onDrain(); // and is blocked again, by what came behind
    }
    expect(reasons()).toEqual([]);
    parts.wait(60);
    expect(reasons()).toEqual([QuotaExceeded]);
  });

  it("is not watched any more when it has taken all", async () => {
    await block();
    socket.drain();
    socket.isTaking = true;
    connection.onDrain();
    parts.wait(600);
    expect([reasons(), parts.wheel.size]).toEqual([[], 0]);
  });

  it("is found by this or by its keep alive, whichever comes first", async () => {
    connection.watchKeepAlive(10);
    await block();
    parts.wait(15);
    expect(reasons()).toEqual([KeepAliveTimeout]);

    ({ connection, socket } = parts.connect());
    connection.watchKeepAlive(100);
    await block();
    parts.wait(60);
    expect(reasons()).toEqual([KeepAliveTimeout, QuotaExceeded]);
  });

  it("misses QoS 0 messages from its bound on, long ones that others share included", async () => {
    await block();
    const dropped = () => parts.counters.publishDropped[DropCause.SlowConnection];
    const long = publicationTo("t", "x".repeat(20_000));
    connection.forward(long, false, undefined);
    expect([dropped(), connection.isFull]).toEqual([0, true]);
    connection.forward(long, false, undefined);
    connection.forward(publicationTo("t", "short"), false, undefined);
    expect(dropped()).toBe(2);
    expect(connection.output!.size).toBeLessThan(21_000);
  });

  it("is not writable any more after a few long messages of one turn", () => {
    socket.isTaking = false;
    let sent = 0;
    for (; connection.isWritable && sent < 100; sent++)
      connection.publish(publicationTo("t", "x".repeat(20_000)), 1, false, false, 1, undefined);
    expect(sent).toBe(3);
  });

  it("gets a long message in pieces, each of which shows that it reads", async () => {
    const payload = "0123456789".repeat(100_000);
    socket.isTaking = false;
    connection.publish(publicationTo("t", payload), 0, false, false, 0, undefined);
    await endOfTurn();
    for (let i = 0; i < 4; i++) {
      parts.wait(59);
      socket.drain();
      connection.onDrain();
    }
    socket.isTaking = true;
    socket.drain();
    connection.onDrain();
    expect([reasons(), socket.written.includes(payload), parts.counters.bytesSent]).toEqual([[], true, socket.written.length]);
    expect(Math.max(...socket.chunks.map(({ length }) => length))).toBeLessThanOrEqual(262_144);
  });
});

describe("a connection that is not read from", () => {
  it("is not taken for silent, neither then nor right afterwards", () => {
    const parts = new TestConnections();
    const { connection, socket } = parts.connect();
    connection.watchKeepAlive(10);
    parts.wait(10);
    connection.pause(Pause.Full);
    parts.wait(100);
    connection.resume(Pause.Full);
    parts.wait(14);
    expect([parts.events.left, socket.calls]).toEqual([[], ["pause", "resume"]]);
    parts.wait(16);
    expect(parts.events.left.map(([, code]) => code)).toEqual([KeepAliveTimeout]);
  });

  it("is not taken for silent while a packet of its is decided on", async () => {
    const parts = new TestConnections();
    const { connection } = parts.connect();
    const held = deferred();
    parts.events.handle = () => held.promise;
    connection.watchKeepAlive(10);
    connection.onData(PING);
    parts.wait(100);
    held.resolve();
    await endOfTurn();
    expect(parts.events.left).toEqual([]);
  });

  it("is read from again only when every cause has gone", () => {
    const { connection, socket } = new TestConnections().connect();
    expect([connection.pause(Pause.Full), connection.pause(Pause.Rate), connection.pause(Pause.Rate)]).toEqual([true, true, false]);
    connection.resume(Pause.Full);
    expect(socket.calls).toEqual(["pause"]);
    connection.resume(Pause.Rate);
    expect(socket.calls).toEqual(["pause", "resume"]);
  });

  it("ends in a moment if its queue has overflowed, once", async () => {
    const parts = new TestConnections();
    const { connection } = parts.connect();
    connection.overflowed();
    connection.overflowed();
    expect(parts.events.left).toEqual([]); // what is under way goes on
    await endOfTurn();
    expect([parts.events.left.map(([, code]) => code), parts.counters.queueOverflows]).toEqual([[QuotaExceeded], 1]);
  });
});

describe("a connection whose acknowledgements wait for the store", () => {
  it("is read from no more from a bound on, until they have left", async () => {
    const parts = new TestConnections();
    const { connection, socket } = parts.connect(4);
    connection.session = { clientId: "c" } as never;
    const commit = deferred();
    parts.events.handle = (from) => {
      from.inboundState().acks.add(from, commit.promise, 4, 1, ReasonCode.Success);
      return undefined;
    };
    for (let i = 0; i < 4_095; i++) connection.onData(publishBytes("", 4));
    expect(socket.calls).toEqual([]);
    connection.onData(publishBytes("", 4));
    expect([socket.calls, parts.counters.ackPauses]).toEqual([["pause"], 1]);
    commit.resolve();
    await endOfTurn();
    expect([socket.calls, parts.counters.packetsSent[4]]).toEqual([["pause", "resume"], 4_096]);
  });
});
