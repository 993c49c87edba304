import { describe, expect, it } from "vitest";
import { Deadlines } from "../../src/transport/deadlines.js";
import type { Handshake } from "../../src/transport/handshake.js";
import type { WebSocketOptions } from "../../src/transport/listener.js";
import type { RawSocket } from "../../src/transport/raw-socket.js";
import type { Socket, SocketReceiver } from "../../src/transport/socket.js";
import { WebSocketHandshake } from "../../src/transport/websocket/websocket-handshake.js";
import { ManualClock } from "../support/manual-clock.js";
import { PipeSocket } from "./pipe-socket.js";
import { type FrameOptions, maskedFrame, type RequestOptions, serverFrames, upgradeRequest } from "./websocket-bytes.js";

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

const LIMIT_MS = 10_000;

class Client implements SocketReceiver {
  readonly pipe = new PipeSocket();
  readonly clock = new ManualClock();
  readonly failures: string[] = [];
  readonly messages: Buffer[] = [];
  readonly closes: (Error | undefined)[] = [];
  drains = 0;
  socket: Socket | undefined;

  constructor(options: Partial<WebSocketOptions> = {}) {
    this.pipe.receiver = new WebSocketHandshake(this.pipe, {
      options: { path: "/mqtt", maxMessageBytes: 1000, ...options },
      open: (socket) => {
        this.socket = socket;
        return this;
      },
      pending: new Deadlines<Handshake>(this.clock, LIMIT_MS, (handshake) => handshake.expire()),
      ending: new Deadlines<RawSocket>(this.clock, LIMIT_MS, (socket) => socket.destroy()),
      failed: (reason) => this.failures.push(reason),
    });
  }

  static upgraded(options: Partial<WebSocketOptions> = {}): Client & { socket: Socket } {
    const client = new Client(options);
    client.send(upgradeRequest());
    client.pipe.written.length = 0;
    return Object.assign(client, { socket: client.socket! });
  }

  /** Hands over a copy, because frames are unmasked in place. */
  send(...parts: readonly Uint8Array[]): void {
    for (const part of parts) this.pipe.receiver.onData(Buffer.from(part));
  }

  frames() {
    return serverFrames(this.pipe.bytes).frames;
  }

  closeStatus(): number | undefined {
    return this.frames()
      .find(({ opcode }) => opcode === CLOSE)
      ?.payload.readUInt16BE();
  }

  get received(): string {
    return Buffer.concat(this.messages).toString();
  }

  onData(bytes: Uint8Array): void {
    this.messages.push(Buffer.from(bytes));
  }

  onDrain(): void {
    this.drains++;
  }

  onClose(error: Error | undefined): void {
    this.closes.push(error);
  }
}

describe("a WebSocket request", () => {
  it("is accepted as RFC 6455 shows it, for the sub-protocol mqtt [MQTT-6.0.0-3] [MQTT-6.0.0-4], 3.1.1 [MQTT-6.0.0-3] [MQTT-6.0.0-4]", () => {
    const client = new Client();
    client.send(upgradeRequest());
    const response = client.pipe.bytes.toString();
    expect(response).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(response).toContain("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    expect(response).toContain("\r\nSec-WebSocket-Protocol: mqtt\r\n");
    expect(response.endsWith("\r\n\r\n")).toBe(true);
    expect(client.socket).toBeDefined();
    expect(client.failures).toEqual([]);
  });

  it.each([
    ["mqttv3.1", "mqttv3.1"],
    ["mqttv3.1, mqtt", "mqtt"],
    ["chat,mqtt", "mqtt"],
  ])("that offers %s gets %s [MQTT-6.0.0-4]", (offered, chosen) => {
    const client = new Client();
    client.send(upgradeRequest({ headers: { "Sec-WebSocket-Protocol": offered } }));
    expect(client.pipe.bytes.toString()).toContain(`\r\nSec-WebSocket-Protocol: ${chosen}\r\n`);
  });

  it.each<[string, RequestOptions]>([
    ["with a query", { requestLine: "GET /mqtt?token=1 HTTP/1.1" }],
    ["in other cases and orders", { headers: { Upgrade: "WebSocket", Connection: "upgrade,close" } }],
    ["of a browser", { headers: { Origin: "https://app.example", "Sec-WebSocket-Extensions": "permessage-deflate" } }],
  ])("is accepted %s, without extensions", (_, request) => {
    const client = new Client({ allowedOrigins: ["https://app.example"] });
    client.send(upgradeRequest(request));
    expect(client.pipe.bytes.toString()).toMatch(/^HTTP\/1\.1 101 /);
    expect(client.pipe.bytes.toString()).not.toContain("Extensions");
  });

  it.each<[number, string, RequestOptions]>([
    [404, "path is not /mqtt", { requestLine: "GET / HTTP/1.1" }],
    [405, "method is POST", { requestLine: "POST /mqtt HTTP/1.1" }],
    [426, "does not ask for a WebSocket", { headers: { Upgrade: undefined } }],
    [426, "does not ask for a WebSocket", { headers: { Connection: "keep-alive" } }],
    [426, "version is not 13", { headers: { "Sec-WebSocket-Version": "8" } }],
    [400, "has no Host", { headers: { Host: undefined } }],
    [400, "Sec-WebSocket-Key is not 16 bytes", { headers: { "Sec-WebSocket-Key": undefined } }],
    [400, "Sec-WebSocket-Key is not 16 bytes", { headers: { "Sec-WebSocket-Key": "c2hvcnQ=" } }],
    [400, "sub-protocol mqtt is not offered", { headers: { "Sec-WebSocket-Protocol": undefined } }],
    [400, "sub-protocol mqtt is not offered", { headers: { "Sec-WebSocket-Protocol": "mqttv5, MQTT" } }],
    [403, "origin is not allowed", { headers: { Origin: "https://evil.example" } }],
    [400, "not an HTTP/1.1 request", { requestLine: "GET /mqtt HTTP/1.0" }],
    [400, "not an HTTP/1.1 request", { requestLine: "GET /mqtt" }],
    [400, "not an HTTP/1.1 request", { requestLine: "\x10\x0c\0\x04MQTT" }],
    [400, "not an HTTP/1.1 request", { headers: { "Bad Name": "x" } }],
    [431, "too long", { headers: { Cookie: "x".repeat(8192) } }],
  ])("is refused with %i: %s [MQTT-6.0.0-3]", (status, reason, request) => {
    const client = new Client({ allowedOrigins: ["https://app.example"] });
    client.send(upgradeRequest(request));
    const response = client.pipe.bytes.toString();
    expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(response).toContain(reason);
    expect(client.failures).toEqual([expect.stringContaining(reason)]);
    expect(client.pipe.hasEnded).toBe(true);
    expect(client.socket).toBeUndefined();
  });

  it("that never ends is refused at 8 KiB", () => {
    const client = new Client();
    client.send(Buffer.alloc(8192, "x"));
    expect(client.failures).toEqual([]);
    client.send(Buffer.from("x"));
    expect(client.pipe.bytes.toString()).toMatch(/^HTTP\/1\.1 431 /);
    client.send(upgradeRequest());
    expect(client.failures).toHaveLength(1);
  });

  it("has to come in time", () => {
    const client = new Client();
    client.send(upgradeRequest().subarray(0, 50));
    client.clock.advance(LIMIT_MS - 1);
    expect(client.pipe.isDestroyed).toBe(false);
    client.clock.advance(LIMIT_MS);
    expect(client.pipe.isDestroyed).toBe(true);
    client.pipe.receiver.onClose(undefined);
    expect(client.failures).toEqual(["WebSocket request did not come in time"]);
  });

  it("may be broken off", () => {
    const client = new Client();
    client.send(upgradeRequest().subarray(0, 50));
    client.pipe.receiver.onClose(undefined);
    expect(client.failures).toEqual(["closed before its WebSocket request was complete"]);
  });

  it("and the frames behind it may be split anywhere [MQTT-6.0.0-2], 3.1.1 [MQTT-6.0.0-2]", () => {
    const frames = [
      maskedFrame({ payload: Buffer.from("first ") }),
      maskedFrame({ opcode: PING }),
      maskedFrame({ payload: Buffer.from("second") }),
    ];
    const stream = Buffer.concat([upgradeRequest(), ...frames]);
    for (let split = 0; split <= stream.length; split++) {
      const client = new Client();
      client.send(stream.subarray(0, split), stream.subarray(split));
      expect(client.received).toBe("first second");
    }
    const byteByByte = new Client();
    byteByByte.send(...Array.from(stream, (byte) => Uint8Array.of(byte)));
    expect(byteByByte.received).toBe("first second");
  });
});

describe("WebSocket frames of a client", () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])("carry %i bytes, byte by byte or at once", (length) => {
    const payload = Buffer.from(Array.from({ length }, (_, i) => i % 251));
    const frame = maskedFrame({ payload });
    for (const partLength of [frame.length, 1000, ...(length < 1000 ? [1] : [])]) {
      const client = Client.upgraded({ maxMessageBytes: 200_000 });
      for (let at = 0; at < frame.length; at += partLength) client.send(frame.subarray(at, at + partLength));
      expect(Buffer.concat(client.messages).equals(payload)).toBe(true);
    }
  });

  it("may be parts of a message, with control frames between them", () => {
    const client = Client.upgraded();
    client.send(
      maskedFrame({ payload: Buffer.from("one "), isFinal: false }),
      maskedFrame({ opcode: PING, payload: Buffer.from("still there?") }),
      maskedFrame({ opcode: CONTINUATION, payload: Buffer.from("two "), isFinal: false }),
      maskedFrame({ opcode: PONG }),
      maskedFrame({ opcode: CONTINUATION, payload: Buffer.from("three ") }),
      maskedFrame({ payload: Buffer.from("four") }),
    );
    expect(client.received).toBe("one two three four");
    expect(client.frames()).toEqual([{ opcode: PONG, payload: Buffer.from("still there?") }]);
  });

  it.each<[number, string, FrameOptions[]]>([
    [1003, "is text [MQTT-6.0.0-1], 3.1.1 [MQTT-6.0.0-1]", [{ opcode: TEXT, payload: Buffer.from("{}") }]],
    [1002, "is not masked", [{ mask: undefined }]],
    [1002, "has a reserved bit set", [{ reservedBits: 4 }]],
    [1002, "has the reserved opcode 3", [{ opcode: 3 }]],
    [1002, "has the reserved opcode 11", [{ opcode: 11 }]],
    [1002, "continues nothing", [{ opcode: CONTINUATION }]],
    [1002, "begins a message inside of another", [{ isFinal: false }, { opcode: BINARY }]],
    [1002, "is a ping in parts", [{ opcode: PING, isFinal: false }]],
    [1002, "is a ping that is too long", [{ opcode: PING, payload: Buffer.alloc(126) }]],
    [1009, "is longer than the limit", [{ payload: Buffer.alloc(1001) }]],
    [
      1009,
      "makes a message longer than the limit",
      [
        { payload: Buffer.alloc(600), isFinal: false },
        { opcode: CONTINUATION, payload: Buffer.alloc(401) },
      ],
    ],
  ])("close with %i what %s", (status, _, frames) => {
    const client = Client.upgraded();
    client.send(...frames.map(maskedFrame));
    expect(client.closeStatus()).toBe(status);
    expect(client.pipe.hasEnded).toBe(true);

    client.send(maskedFrame({ payload: Buffer.from("late") }));
    expect(client.received).not.toContain("late");
    client.pipe.receiver.onClose(undefined);
    expect(client.closes).toEqual([expect.any(Error)]);
  });

  it.each([
    ["125 in two bytes", [0x82, 0xfe, 0, 125]],
    ["65,535 in eight", [0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff]],
  ])("close with 1002 what pads its length: %s", (_, header) => {
    const client = Client.upgraded({ maxMessageBytes: 100_000 });
    client.send(Buffer.from([...header, 1, 2, 3, 4]));
    expect(client.closeStatus()).toBe(1002);
  });

  it("close with 1009 what announces more bytes than there are", () => {
    const client = Client.upgraded({ maxMessageBytes: 100_000 });
    client.send(Buffer.from([0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]));
    expect(client.closeStatus()).toBe(1009);
  });

  it.each([
    [[], 1000],
    [[3, 0xe8], 1000],
    [[3, 0xe9, 0x62, 0x79, 0x65], 1001],
    [[0x0f, 0xa0], 4000],
    [[3], 1002],
    [[3, 0xed], 1002],
    [[0, 7], 1002],
  ])("close the connection with status bytes %j, answered with %i", (payload, status) => {
    const client = Client.upgraded();
    client.send(maskedFrame({ opcode: CLOSE, payload: Uint8Array.from(payload) }), maskedFrame({ payload: Buffer.from("late") }));
    expect(client.closeStatus()).toBe(status);
    expect(client.pipe.hasEnded).toBe(true);
    client.pipe.receiver.onClose(undefined);
    expect(client.closes).toEqual([undefined]);
    expect(client.received).toBe("");
  });

  it("are not looked at any more once the receiver has ended the connection", () => {
    const client = Client.upgraded();
    client.onData = () => client.socket.end();
    client.send(Buffer.concat([maskedFrame({ payload: Buffer.from("x") }), maskedFrame({ opcode: TEXT })]));
    expect(client.closeStatus()).toBe(1000);
  });
});

describe("WebSocket frames of the server", () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])("carry %i bytes in one binary message, one a write", (length) => {
    const client = Client.upgraded();
    const payload = Buffer.alloc(length, "x");
    expect(client.socket.write(payload)).toBe(true);
    payload.fill("y");
    expect(client.frames()).toEqual([{ opcode: BINARY, payload: Buffer.alloc(length, "x") }]);
    expect(client.pipe.written).toHaveLength(1);
  });

  it("wait while the client does not read, and pings do not pile up meanwhile", () => {
    const client = Client.upgraded();
    client.pipe.takes = false;
    expect(client.socket.write(Buffer.from("first"))).toBe(false);
    for (let i = 0; i < 100; i++) client.send(maskedFrame({ opcode: PING, payload: Buffer.from(`ping ${i}`) }));
    expect(client.frames()).toHaveLength(1);

    client.pipe.takes = true;
    client.pipe.receiver.onDrain();
    expect(client.drains).toBe(1);
    expect(client.frames().slice(1)).toEqual([{ opcode: PONG, payload: Buffer.from("ping 99") }]);
  });

  it("say when they have gone, if a pong was in their way", () => {
    const client = Client.upgraded();
    client.pipe.takes = false;
    client.send(maskedFrame({ opcode: PING }));
    expect(client.socket.write(Buffer.from("message"))).toBe(false);
    client.pipe.receiver.onDrain();
    expect(client.drains).toBe(0);
    client.pipe.receiver.onDrain();
    expect(client.drains).toBe(1);
    expect(client.frames().map(({ opcode }) => opcode)).toEqual([PONG, BINARY]);
  });

  it("tell nothing of a pong that has gone", () => {
    const client = Client.upgraded();
    client.pipe.takes = false;
    client.send(maskedFrame({ opcode: PING }));
    client.pipe.receiver.onDrain();
    expect(client.drains).toBe(0);
  });

  it("end with a close frame behind what was written", () => {
    const client = Client.upgraded();
    client.pipe.takes = false;
    client.socket.write(Buffer.from("last"));
    client.socket.end();
    expect(client.pipe.hasEnded).toBe(false);
    client.pipe.receiver.onDrain();
    client.pipe.receiver.onDrain();
    expect(client.frames().map(({ opcode }) => opcode)).toEqual([BINARY, CLOSE]);
    expect(client.closeStatus()).toBe(1000);
    expect(client.pipe.hasEnded).toBe(true);
    expect(client.drains).toBe(0);
  });

  it("are given up with the connection if the client does not read the last ones in time", () => {
    const client = Client.upgraded();
    client.pipe.takes = false;
    client.socket.write(Buffer.from("last"));
    client.socket.pause();
    client.socket.end();
    expect(client.pipe.isPaused).toBe(false);
    client.clock.advance(2 * LIMIT_MS);
    expect(client.pipe.isDestroyed).toBe(true);
  });
});
