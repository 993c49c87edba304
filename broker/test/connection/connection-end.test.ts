import { beforeEach, describe, expect, it } from "vitest";
import { decode } from "../../src/codec/codec.js";
import { type DisconnectPacket, PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import type { Connection } from "../../src/connection/connection.js";
import { Phase } from "../../src/connection/phase.js";
import { sessionContext, sessionOf } from "../session/support.js";
import { deferred, endOfTurn, type FakeSocket, PING, packetsIn, publishBytes, TestConnections } from "./support.js";

const { ServerShuttingDown, UnspecifiedError, NormalDisconnection, QuotaExceeded, ProtocolError } = ReasonCode;

describe("a connection that ends", () => {
  let parts: TestConnections;
  beforeEach(() => {
    parts = new TestConnections();
  });

  function block({ connection, socket }: { readonly connection: Connection; readonly socket: FakeSocket }): Promise<void> {
    socket.isTaking = false;
    connection.pong();
    return endOfTurn();
  }

  it("is told why in 5.0, and closed without a word before", async () => {
    for (const version of [3, 4, 5] as const) {
      const { connection, socket } = parts.connect(version);
      connection.disconnect(ServerShuttingDown, "down", "other.example");
      await endOfTurn();
      expect(socket.calls).toEqual(["end"]);
      if (version < 5) expect(socket.chunks).toEqual([]);
      else {
        const packet = decode(socket.written, 0, socket.written.length, 5) as DisconnectPacket;
        expect(packet).toEqual({
          ...{ type: PacketType.Disconnect, reasonCode: ServerShuttingDown },
          properties: { reasonString: "down", serverReference: "other.example" },
        });
      }
    }
    expect(parts.events.left.map(([was, code]) => [was, code])).toEqual(Array(3).fill([true, ServerShuttingDown]));
  });

  it("is refused by CONNACK while it authenticates, where the version has a code for it [MQTT-3.14.0-1]", async () => {
    const answers: string[] = [];
    for (const [version, reasonCode] of [
      [5, QuotaExceeded],
      [4, ReasonCode.NotAuthorized],
      [4, ProtocolError],
    ] as const) {
      const { connection, socket } = parts.accept();
      Object.assign(connection, { version, phase: Phase.Authenticating });
      connection.close(reasonCode, "no");
      await endOfTurn();
      expect(socket.calls).toEqual(["end"]);
      answers.push(socket.written.toString("hex"));
    }
    expect([answers[0]!.slice(0, 2), answers[0]!.slice(6, 8), ...answers.slice(1)]).toEqual(["20", "97", "20020005", ""]);
  });

  it("leaves once and closes once, whatever happens how often", async () => {
    const { connection, socket } = parts.connect();
    connection.closeQuietly("disconnected");
    connection.close(ServerShuttingDown, "down");
    connection.closeQuietly("again");
    connection.fail(new Error("late"));
    connection.onData(PING);
    connection.onClose(undefined);
    connection.onClose(undefined);
    connection.onDrain();
    await endOfTurn();
    expect([parts.events.left, parts.events.closed]).toEqual([[[true, NormalDisconnection, "disconnected"]], 1]);
    expect([socket.calls, socket.chunks, parts.events.packets, parts.wheel.size]).toEqual([["end"], [], [], 0]);
  });

  it("leaves when the client goes, and tells why if that is known", () => {
    for (const error of [undefined, new Error("ECONNRESET")]) parts.connect().connection.onClose(error);
    parts.accept().connection.onClose(undefined);
    expect([parts.events.left, parts.events.closed]).toEqual([
      [
        [true, UnspecifiedError, "closed by the client"],
        [true, UnspecifiedError, "ECONNRESET"],
        [false, UnspecifiedError, "closed by the client"],
      ],
      3,
    ]);
  });

  it("sends what it has before it closes, DISCONNECT last", async () => {
    const { connection, socket } = parts.connect();
    connection.pong();
    connection.close(ServerShuttingDown, "down");
    await endOfTurn();
    expect([packetsIn(socket.written).map((packet) => packet.slice(0, 2)), socket.calls]).toEqual([["d0", "e0"], ["end"]]);
  });

  it("waits until a full socket has taken that", async () => {
    const opened = parts.connect();
    await block(opened);
    const { connection, socket } = opened;
    connection.pong();
    connection.close(ServerShuttingDown, "down");
    await endOfTurn();
    expect([socket.chunks.length, socket.calls]).toEqual([1, []]);
    socket.drain();
    connection.onDrain(); // and has not taken the rest at once
    expect([socket.chunks.length, socket.calls]).toEqual([2, []]);
    socket.isTaking = true;
    socket.drain();
    connection.onDrain();
    expect([packetsIn(socket.written).map((packet) => packet.slice(0, 2)), socket.calls]).toEqual([["d0", "d0", "e0"], ["end"]]);
  });

  it("is cut off if the client does not let it end", async () => {
    const opened = parts.connect();
    await block(opened);
    opened.connection.close(ServerShuttingDown, "down");
    parts.wait(4);
    expect(opened.socket.calls).toEqual([]);
    parts.wait(3);
    expect(opened.socket.calls).toEqual(["destroy"]);
  });

  it.each([4, 5] as const)("sends what was forwarded to it in the same turn before it closes, in version %i", async (version) => {
    const { connection, socket } = parts.connect(version);
    const own = publishBytes("own", version);
    parts.events.handle = (from, bytes, start, end) => {
      if (parts.events.packets.length > 1) throw new Error("handler");
      parts.turn.forward(from, bytes, start, end);
      return undefined;
    };
    connection.onData(Buffer.concat([own, PING]));
    await endOfTurn();
    expect([packetsIn(socket.written)[0], socket.calls]).toEqual([own.toString("hex"), ["end"]]);
  });

  it("acknowledges nothing behind its DISCONNECT, when its messages are safe only then [MQTT-3.14.4-1]", async () => {
    const opened = parts.connect();
    await block(opened);
    const { connection, socket } = opened;
    connection.session = sessionOf(sessionContext());
    const commit = deferred();
    connection.inboundState().acks.add(connection, commit.promise, PacketType.Puback, 1, ReasonCode.Success);
    connection.close(ServerShuttingDown, "down");
    commit.resolve();
    await endOfTurn();
    socket.isTaking = true;
    socket.drain();
    connection.onDrain();
    expect(packetsIn(socket.written).map((packet) => packet.slice(0, 2))).toEqual(["d0", "e0"]);
  });

  it("gives its buffers back: the next one gets by with them", async () => {
    const { connection, socket } = parts.connect();
    connection.pong();
    await endOfTurn();
    connection.closeQuietly("bye");
    connection.onClose(undefined);
    const before = parts.turn.pool.take();
    parts.turn.pool.give(before);
    const next = parts.connect();
    next.connection.pong();
    expect([next.connection.outputBytes() === before.bytes, socket.written.length]).toEqual([true, 2]);
  });
});
