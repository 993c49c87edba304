import { beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../src/connection/connection.js";
import { ratesOf } from "../../src/connection/rate-limit.js";
import { type FakeSocket, PING, publishBytes, TestConnections } from "./support.js";

const NONE = Number.POSITIVE_INFINITY;

describe("the rates of a listener", () => {
  let parts: TestConnections;
  let connection: Connection;
  let socket: FakeSocket;
  beforeEach(() => {
    parts = new TestConnections();
    ({ connection, socket } = parts.connect(4));
    parts.events.handle = () => {
      parts.counters.publishReceived[0]!++;
      return undefined;
    };
  });

  const PACKET = publishBytes("x".repeat(95), 4); // 100 bytes

  /** Sends whenever it is read from, in chunks of so many messages, for so long; returns how many messages have been taken. */
  function flood(seconds: number, perChunk = 1): number {
    const chunk = Buffer.concat(Array.from({ length: perChunk }, () => PACKET));
    const before = parts.events.packets.length;
    for (let ms = 0; ms < seconds * 1_000; ms += 10) {
      for (let i = 0; i < 50 && !socket.isPaused; i++) connection.onData(Buffer.from(chunk));
      parts.passMs(10);
    }
    return parts.events.packets.length - before;
  }

  it("cost a connection nothing where there are none", () => {
    expect([ratesOf(NONE, NONE, 1), flood(1)]).toEqual([null, 5_000]);
    expect([connection.rate, socket.calls, parts.throttle.size]).toEqual([null, [], 0]);
  });

  it.each([
    ["one message at a time", 100, 1, 1],
    ["many messages at a time", 100, 1, 40],
    ["more messages at a time than a second has", 100, 1, 1_000],
    ["a few a second", 3, 1, 1],
    ["with a larger burst", 100, 10, 7],
  ])("hold on average, to the message: %s (%i a second, burst of %i s)", (_, messages, burstSeconds, perChunk) => {
    parts.listener.rates = ratesOf(messages, NONE, burstSeconds);
    flood(60, perChunk); // what had been saved up is gone
    const owed = flood(100, perChunk) - 100 * messages;
    expect(Math.abs(owed)).toBeLessThanOrEqual(perChunk + messages / 10); // a chunk, and what a step of 100 ms lets through
  });

  it("hold for bytes as well, of whatever packets", () => {
    parts.listener.rates = ratesOf(NONE, 2_000, 1);
    flood(10);
    expect(Math.abs(flood(100) - 2_000)).toBeLessThanOrEqual(3);
    const before = parts.counters.bytesReceived;
    for (let ms = 0; ms < 10_000; ms += 10) {
      if (!socket.isPaused) connection.onData(Buffer.from(PING));
      parts.passMs(10);
    }
    expect(parts.counters.bytesReceived - before).toBeLessThanOrEqual(20_200);
  });

  it("let through at once what has been saved up, then pause the socket, and lose nothing", () => {
    parts.listener.rates = ratesOf(10, NONE, 2);
    connection.onData(Buffer.concat(Array.from({ length: 20 }, () => PACKET)));
    expect(socket.calls).toEqual([]);
    connection.onData(Buffer.concat([PACKET, PACKET]));
    expect([socket.calls, parts.events.packets.length, parts.counters.ratePauses]).toEqual([["pause"], 22, 1]);
    parts.passMs(100);
    expect(socket.calls).toEqual(["pause"]);
    parts.passMs(200);
    expect([socket.calls, parts.throttle.size]).toEqual([["pause", "resume"], 0]);
    expect(parts.events.left).toEqual([]);
  });

  it("wait for what was on its way when the socket was paused too", () => {
    parts.listener.rates = ratesOf(10, NONE, 1);
    connection.onData(Buffer.concat(Array.from({ length: 11 }, () => PACKET)));
    connection.onData(Buffer.concat(Array.from({ length: 10 }, () => PACKET)));
    parts.passMs(1_000);
    expect([socket.calls, parts.counters.ratePauses]).toEqual([["pause"], 1]);
    parts.passMs(200);
    expect(socket.calls).toEqual(["pause", "resume"]);
  });

  it("hold at once when they are changed, and let go when they are taken away", () => {
    flood(1);
    parts.listener.rates = ratesOf(10, NONE, 1);
    connection.onData(Buffer.concat(Array.from({ length: 11 }, () => PACKET)));
    expect(socket.calls).toEqual(["pause"]);
    parts.listener.rates = null;
    parts.passMs(1_000);
    expect(flood(1)).toBe(5_000);
  });

  it("leave no timer behind when the connection closes", () => {
    parts.listener.rates = ratesOf(1, NONE, 1);
    connection.onData(Buffer.concat([PACKET, PACKET, PACKET]));
    expect(parts.throttle.size).toBe(1);
    connection.onClose(undefined);
    expect(parts.throttle.size).toBe(0);
    parts.passMs(10_000);
    expect(socket.calls).toEqual(["pause"]);
  });

  it("survive a clock that is set back", () => {
    parts.listener.rates = ratesOf(10, NONE, 1);
    connection.onData(Buffer.from(PACKET));
    parts.clock.nowMs -= 3_600_000;
    connection.onData(Buffer.concat(Array.from({ length: 10 }, () => PACKET)));
    parts.passMs(1_000);
    expect(socket.calls).toEqual(["pause", "resume"]);
  });
});
