import { beforeEach, describe, expect, it } from "vitest";
import { ReasonCode } from "../../src/codec/reason-code.js";
import type { Connection } from "../../src/connection/connection.js";
import { Phase } from "../../src/connection/phase.js";
import { CONNECT, deferred, endOfTurn, type FakeSocket, PING, packetsIn, publishBytes, TestConnections } from "./support.js";

const { MalformedPacket, ProtocolError, PacketTooLarge, UnspecifiedError } = ReasonCode;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("what a connection reads", () => {
  let parts: TestConnections;
  beforeEach(() => {
    parts = new TestConnections();
  });

  /** Gives bytes as a socket does: they are worth nothing after the call. */
  function receive(connection: Connection, bytes: Uint8Array): void {
    const lent = Buffer.from(bytes);
    connection.onData(lent);
    lent.fill(0);
  }

  const STREAM = [PING, publishBytes("x".repeat(60)), publishBytes(""), publishBytes("y".repeat(200)), PING];

  it("is the same packets, wherever the stream is cut", () => {
    const bytes = Buffer.concat(STREAM);
    for (let cut = 0; cut <= bytes.length; cut++) {
      for (const second of [cut, Math.min(bytes.length, cut + 1), Math.min(bytes.length, cut + 40)]) {
        parts = new TestConnections();
        const { connection } = parts.connect();
        for (const part of [bytes.subarray(0, cut), bytes.subarray(cut, second), bytes.subarray(second)]) {
          if (part.length > 0) receive(connection, part);
        }
        expect(parts.events.packets).toEqual(STREAM.map(hex));
      }
    }
    expect(parts.counters.bytesReceived).toBe(bytes.length);
  });

  it("is the same packets, byte by byte", () => {
    const { connection } = parts.connect();
    for (const byte of Buffer.concat(STREAM)) receive(connection, Uint8Array.of(byte));
    expect(parts.events.packets).toEqual(STREAM.map(hex));
  });

  it("is refused if it does not begin with CONNECT, from its first byte on, without an answer [MQTT-3.1.0-1]", async () => {
    for (const first of [PING, Buffer.from([0x11]), Buffer.from("GET / HTTP/1.1")]) {
      parts = new TestConnections();
      const { connection, socket } = parts.accept();
      receive(connection, first.subarray(0, 1));
      await endOfTurn();
      expect([parts.events.left.map(([was, code]) => [was, code]), socket.chunks, socket.calls]).toEqual([
        [[false, ProtocolError]],
        [],
        ["end"],
      ]);
    }
  });

  it("is a CONNECT in pieces too", () => {
    const { connection } = parts.accept();
    for (const byte of CONNECT) receive(connection, Uint8Array.of(byte));
    expect([parts.events.packets, parts.events.left]).toEqual([[hex(CONNECT)], []]);
  });

  it.each([
    ["whole", 0],
    ["with its header alone", 3],
    ["byte by byte", 1],
  ])("is refused when a packet is larger than the listener takes, %s, before the rest has come [MQTT-3.2.2-15]", (_, size) => {
    Object.assign(parts.listener, { offer: { ...parts.listener.offer, maxPacketBytes: 300 } });
    const fits = publishBytes("x".repeat(293)); // 300 bytes
    const { connection } = parts.connect();
    receive(connection, fits);
    expect([fits.length, parts.events.packets.length]).toEqual([300, 1]);
    const large = publishBytes("x".repeat(400));
    const part = size === 0 ? large : large.subarray(0, 3);
    if (size === 1) for (const byte of part) receive(connection, Uint8Array.of(byte));
    else receive(connection, part);
    expect(parts.events.left.map(([, code]) => code)).toEqual([PacketTooLarge]);
  });

  it("ends the connection when it is malformed, with the reason, and looks at nothing more [MQTT-4.13.1-1]", async () => {
    const { connection, socket } = parts.connect();
    receive(connection, Buffer.concat([PING, Buffer.from("30ffffffff7f", "hex"), PING]));
    receive(connection, PING);
    await endOfTurn();
    expect([parts.events.packets, parts.events.left.map(([was, code]) => [was, code])]).toEqual([[hex(PING)], [[true, MalformedPacket]]]);
    expect([packetsIn(socket.written).map((packet) => packet.slice(0, 2)), socket.calls]).toEqual([["e0"], ["end"]]);
  });

  it("ends the connection when a handler fails, and tells the client no more than that", async () => {
    const { connection, socket } = parts.connect();
    parts.events.handle = () => {
      throw new Error("secret");
    };
    receive(connection, PING);
    await endOfTurn();
    expect(parts.events.left.map(([, code]) => code)).toEqual([ReasonCode.ImplementationSpecificError]);
    expect(socket.written.toString("latin1")).not.toContain("secret");
  });

  describe("while a packet is held", () => {
    it("waits, in order, and is looked at afterwards; the socket is paused meanwhile", async () => {
      const { connection, socket } = parts.connect();
      const held = deferred();
      parts.events.handle = () => (parts.events.packets.length === 1 ? held.promise : undefined);
      receive(connection, Buffer.concat([STREAM[0]!, STREAM[1]!, STREAM[2]!.subarray(0, 2)]));
      receive(connection, Buffer.concat([STREAM[2]!.subarray(2), STREAM[3]!])); // was on its way when the socket was paused
      expect([parts.events.packets, socket.calls]).toEqual([[hex(PING)], ["pause"]]);
      held.resolve();
      await endOfTurn();
      expect([parts.events.packets, socket.calls]).toEqual([STREAM.slice(0, 4).map(hex), ["pause", "resume"]]);
      receive(connection, PING);
      expect(parts.events.packets).toEqual(STREAM.map(hex));
    });

    it("waits for each that is held, one after the other", async () => {
      const { connection, socket } = parts.connect();
      const holds = STREAM.map(deferred);
      parts.events.handle = () => holds[parts.events.packets.length - 1]!.promise;
      receive(connection, Buffer.concat(STREAM));
      const seen: number[] = [];
      for (const hold of holds) {
        seen.push(parts.events.packets.length);
        hold.resolve();
        await endOfTurn();
      }
      expect([seen, parts.events.packets, socket.isPaused]).toEqual([[1, 2, 3, 4, 5], STREAM.map(hex), false]);
    });

    it("is dropped when the hold fails, which ends the connection", async () => {
      const { connection } = parts.connect();
      parts.events.handle = () => Promise.reject(new Error("no"));
      receive(connection, Buffer.concat(STREAM));
      await endOfTurn();
      receive(connection, PING);
      expect([parts.events.packets.length, parts.events.left.map(([, code]) => code)]).toEqual([
        1,
        [ReasonCode.ImplementationSpecificError],
      ]);
    });

    it("is dropped when the client goes", async () => {
      const { connection } = parts.connect();
      const held = deferred();
      parts.events.handle = () => held.promise;
      receive(connection, Buffer.concat(STREAM));
      connection.onClose(undefined);
      held.resolve();
      await endOfTurn();
      expect([parts.events.packets.length, parts.events.left.map(([, code]) => code), parts.events.closed]).toEqual([
        1,
        [UnspecifiedError],
        1,
      ]);
    });
  });
});

describe("how long a connection may be silent", () => {
  let parts: TestConnections;
  let connection: Connection;
  let socket: FakeSocket;
  beforeEach(() => {
    parts = new TestConnections();
    ({ connection, socket } = parts.accept());
  });

  it("is the CONNECT limit before CONNECT, whatever it sends of it (3.1.4)", () => {
    parts.wait(9);
    connection.onData(CONNECT.subarray(0, 3));
    expect(parts.events.left).toEqual([]);
    parts.wait(2);
    expect([parts.events.left.length, socket.calls]).toEqual([1, ["end"]]);
  });

  it("is one and a half times its Keep Alive after that, and ends with 0x8D [MQTT-3.1.2-22]", async () => {
    connection.version = 5;
    connection.phase = Phase.Connected;
    connection.watchKeepAlive(10);
    parts.wait(14);
    connection.onData(PING);
    parts.wait(14);
    connection.onData(PING.subarray(0, 1)); // any byte shows that the client is there
    parts.wait(14);
    expect(parts.events.left).toEqual([]);
    parts.wait(3);
    await endOfTurn();
    expect([parts.events.left.map(([, code]) => code), packetsIn(socket.written)[0]!.slice(0, 2)]).toEqual([
      [ReasonCode.KeepAliveTimeout],
      "e0",
    ]);
  });

  it("is for ever with a Keep Alive of 0 [MQTT-3.1.2-22]", () => {
    connection.phase = Phase.Connected;
    connection.watchKeepAlive(0);
    parts.wait(10_000);
    expect([parts.events.left, parts.wheel.size]).toEqual([[], 0]);
  });
});
