import { beforeEach, describe, expect, it } from "vitest";
import { decode } from "../../src/codec/codec.js";
import { PacketType, type PublishPacket } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import type { Connection } from "../../src/connection/connection.js";
import type { Session } from "../../src/session/session.js";
import { DropCause } from "../../src/sys/counters.js";
import { deliverAll, sessionContext, sessionOf } from "../session/support.js";
import { endOfTurn, type FakeSocket, PING, PONG, packetsIn, publicationTo, TestConnections } from "./support.js";

const { Puback } = PacketType;

describe("what a connection sends", () => {
  let parts: TestConnections;
  let connection: Connection;
  let socket: FakeSocket;
  beforeEach(() => {
    parts = new TestConnections({ maxOutputBytes: 10_000 });
    ({ connection, socket } = parts.connect());
  });

  function ack(packetId: number): void {
    connection.acknowledge(Puback, packetId, ReasonCode.Success);
  }

  const ackOf = (packetId: number) => Buffer.from([0x40, 2, packetId >> 8, packetId & 0xff]).toString("hex");
  const payloads = () => packetsIn(socket.written).map((packet) => payloadOf(Buffer.from(packet, "hex")));

  /** The socket has taken what waited. */
  function drain(isTaking = true): void {
    socket.isTaking = isTaking;
    socket.drain();
    connection.onDrain();
  }

  it("leaves in one write at the end of the turn, in order", async () => {
    connection.pong();
    ack(1);
    connection.forward(publicationTo("t", "x"), false, undefined);
    connection.send({ type: PacketType.Suback, packetId: 2, properties: {}, reasonCodes: [0] });
    expect(socket.chunks).toEqual([]);
    await endOfTurn();
    expect(socket.chunks).toHaveLength(1);
    expect(packetsIn(socket.written).map((packet) => packet.slice(0, 1))).toEqual(["d", "4", "3", "9"]);
    expect(parts.counters.bytesSent).toBe(socket.written.length);
    await endOfTurn();
    expect(socket.chunks).toHaveLength(1);
  });

  it("leaves sooner when it is much, in pieces that are bounded, and in order", async () => {
    for (let i = 0; i < 2_000; i++) connection.forward(publicationTo("t", `${i} ${"x".repeat(100)}`), false, undefined);
    expect(socket.chunks.length).toBeGreaterThan(1);
    await endOfTurn();
    expect(Math.max(...socket.chunks.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
    expect(packetsIn(socket.written)).toHaveLength(2_000);
  });

  it("is never written while the socket has something left, and all of it afterwards, in order", async () => {
    socket.isTaking = false;
    ack(1);
    await endOfTurn();
    for (let packetId = 2; packetId <= 60_000; packetId++) ack(packetId);
    await endOfTurn();
    expect(packetsIn(socket.written)).toEqual([ackOf(1)]);
    for (let writes = 0; writes < 3; writes++) drain(false); // each write is left behind again
    drain();
    ack(60_001);
    await endOfTurn();
    expect(packetsIn(socket.written)).toEqual(Array.from({ length: 60_001 }, (_, i) => ackOf(i + 1)));
    expect(parts.counters.bytesSent).toBe(socket.written.length);
  });

  it("goes to each of many connections what is theirs", async () => {
    const all = Array.from({ length: 500 }, () => parts.connect());
    for (let round = 0; round < 20; round++) {
      for (const [i, each] of all.entries())
        each.connection.forward(publicationTo("t", `${i} ${round} ${"x".repeat(i * 3)}`), false, undefined);
      if (round % 5 === 0) await endOfTurn();
    }
    await endOfTurn();
    for (const [i, each] of all.entries()) {
      const texts = packetsIn(each.socket.written).map(
        (packet) =>
          Buffer.from(packet, "hex")
            .toString()
            .match(/\d+ \d+(?= )/)![0],
      );
      expect(texts).toEqual(Array.from({ length: 20 }, (_, round) => `${i} ${round}`));
    }
  });

  it("is no packet longer than the client takes: what is optional is left out, then the packet [MQTT-3.1.2-24] [MQTT-3.9.2-1]", async () => {
    const reasonString = "x".repeat(100);
    connection.limits = { ...connection.limits, maximumPacketBytes: 20 };
    connection.send({ type: PacketType.Suback, packetId: 1, properties: { reasonString }, reasonCodes: [0] });
    connection.send({ type: PacketType.Suback, packetId: 1, properties: {}, reasonCodes: Array(30).fill(0) });
    await endOfTurn();
    expect(packetsIn(socket.written)).toEqual(["90040001" + "0000"]);
  });

  it("has a reason code where the version has one", async () => {
    const { connection: older, socket: olderSocket } = parts.connect(4);
    for (const each of [connection, older]) each.acknowledge(Puback, 258, ReasonCode.NoMatchingSubscribers);
    await endOfTurn();
    expect([socket.written.toString("hex"), olderSocket.written.toString("hex")]).toEqual(["4003010210", "40020102"]);
  });

  describe("to a client that does not read", () => {
    beforeEach(async () => {
      socket.isTaking = false;
      connection.pong();
      await endOfTurn();
      socket.chunks.length = 0;
    });

    it("leaves out QoS 0 messages beyond the bound, counts them, and goes on when it reads", async () => {
      for (let i = 0; i < 100; i++) connection.forward(publicationTo("t", `${i} ${"x".repeat(1_000)}`), false, undefined);
      const dropped = parts.counters.publishDropped[DropCause.SlowConnection]!;
      expect(dropped).toBeGreaterThan(80);
      drain();
      connection.forward(publicationTo("t", "after"), false, undefined);
      await endOfTurn();
      expect(payloads()).toHaveLength(100 - dropped + 1);
      expect(payloads().at(-1)).toBe("after");
    });

    it("keeps QoS 1 messages in its session until it reads", async () => {
      const session: Session = sessionOf(sessionContext());
      session.link = connection;
      connection.session = session;
      deliverAll(session, ["1", "2"]);
      expect([connection.isWritable, session.queuedCount]).toEqual([false, 2]);
      drain();
      await endOfTurn();
      expect([connection.isWritable, session.queuedCount, session.inflightCount, packetsIn(socket.written).length]).toEqual([
        true,
        0,
        2,
        2,
      ]);
    });

    it("is no reason to read from it, beyond the same bound", async () => {
      parts.events.handle = (from) => {
        for (let i = 0; i < 200; i++) from.pong();
        return undefined;
      };
      for (let i = 0; i < 24; i++) connection.onData(PING);
      expect(socket.calls).toEqual([]);
      connection.onData(Buffer.concat([PING, PING]));
      expect(socket.calls).toEqual(["pause"]);
      connection.onData(PING); // was on its way
      expect(parts.events.packets).toHaveLength(27);
      drain();
      await endOfTurn();
      expect([socket.calls, socket.written.length]).toEqual([["pause", "resume"], 27 * 200 * PONG.length]);
    });

    it("does not read on before the output has gone, when a hold ends first", async () => {
      for (let i = 0; i < 6_000; i++) connection.pong();
      connection.onData(PING);
      connection.hold(Promise.resolve());
      await endOfTurn();
      expect(socket.isPaused).toBe(true);
      drain();
      expect(socket.isPaused).toBe(false);
    });
  });
});

function payloadOf(frame: Uint8Array): string {
  const { payload } = decode(frame, 0, frame.length, 5) as PublishPacket;
  return Buffer.from(payload).toString();
}
