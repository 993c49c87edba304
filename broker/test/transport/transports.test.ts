import { describe, expect, it, type TestContext } from "vitest";
import type { ListenerOptions } from "../../src/transport/listener.js";
import type { Socket } from "../../src/transport/socket.js";
import { certificatesMadeOnce } from "../support/certificates.js";
import { ManualClock } from "../support/manual-clock.js";
import { PROXIED_CLIENT, V1_LINE, v2Header } from "./proxy-bytes.js";
import { connect } from "./test-connection.js";
import { type Behaviour, onlyAccepted, startListener, until } from "./test-listener.js";

const certificates = certificatesMadeOnce();

interface Carrier {
  readonly name: string;
  readonly tls?: true;
  readonly webSocket?: true;
  readonly proxyHeader?: Uint8Array;
}

const CARRIERS: readonly Carrier[] = [
  { name: "tcp" },
  { name: "tls", tls: true },
  { name: "ws", webSocket: true },
  { name: "wss", tls: true, webSocket: true },
];
const TRANSPORTS = CARRIERS.flatMap((carrier): Carrier[] => [
  carrier,
  { ...carrier, name: `${carrier.name} behind PROXY v1`, proxyHeader: V1_LINE },
  { ...carrier, name: `${carrier.name} behind PROXY v2`, proxyHeader: v2Header() },
]);

/** More than the kernel keeps for a loopback connection, which grows to some 6 MiB. */
const LARGE_BYTES = 24 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** The most that a runtime reads at once: 64 KiB on Node, 512 KiB on Bun. */
const READ_BYTES = 512 * 1024;

describe.each(TRANSPORTS)("a socket over $name", ({ tls, webSocket, proxyHeader }) => {
  async function open(context: TestContext, behaviour: Behaviour = {}) {
    const clock = new ManualClock();
    const { ca, server } = certificates(context);
    const options: Partial<ListenerOptions> = {
      ...(tls && { tls: { ...server, clientCertificate: "none", minVersion: "TLSv1.2" } }),
      ...(webSocket && { webSocket: { path: "/mqtt", maxMessageBytes: LARGE_BYTES } }),
      ...(proxyHeader && { proxyProtocol: { timeoutMs: 60_000 } }),
    };
    const listener = await startListener(options, behaviour, clock);
    const client = await connect({
      port: listener.port,
      ...(tls && { tls: { ca: ca.cert, servername: "localhost", rejectUnauthorized: true } }),
      ...(webSocket && { webSocket }),
      ...(proxyHeader && { proxyHeader }),
    });
    return { listener, client, clock, accepted: await onlyAccepted(listener) };
  }

  it("knows its peer", async (context) => {
    const { client, accepted } = await open(context);
    const peer = accepted.socket.peer();
    const { localPort, remotePort } = client.stream;
    const direct = { address: "127.0.0.1", port: localPort, localAddress: "127.0.0.1", localPort: remotePort };
    expect(peer).toMatchObject(proxyHeader ? PROXIED_CLIENT : direct);
    expect(peer.tls?.version).toBe(tls && "TLSv1.3");
    expect(peer.tls?.serverName).toBe(tls && "localhost");
    expect(peer.tls?.certificate).toBeUndefined();
  });

  it("carries bytes both ways", async (context) => {
    const { client } = await open(context, { onData: (socket, bytes) => void socket.write(Buffer.from(bytes)) });
    client.send(Buffer.from("first"));
    expect((await client.read(5)).toString()).toBe("first");
    client.send(Buffer.from(" second"));
    expect((await client.read(12)).toString()).toBe("first second");
  });

  it("returns all that a client sends, in order, though the client reads late", async (context) => {
    const echo = new Echo();
    const { client } = await open(context, echo);
    client.stream.pause();
    for (let at = 0; at < LARGE_BYTES; at += CHUNK_BYTES) client.send(pattern(at, CHUNK_BYTES));
    await until(() => echo.isBlocked);
    client.stream.resume();

    const returned = await client.read(LARGE_BYTES);
    expect(returned.equals(pattern(0, LARGE_BYTES))).toBe(true);
    expect(echo.heldBytes).toBeLessThanOrEqual(2 * READ_BYTES);
  });

  it("refuses more to write when the client does not read, and says once when it does", async (context) => {
    const { client, accepted } = await open(context);
    client.stream.pause();
    const { written, refused } = await fill(accepted.socket, () => accepted.drains);
    expect(refused).toBe(true);

    const drains = accepted.drains;
    client.stream.resume();
    await until(() => accepted.drains > drains);
    expect((await client.read(written)).equals(pattern(0, written))).toBe(true);
    expect(accepted.drains).toBe(drains + 1);
  });

  it("makes the client wait while it is paused", async (context) => {
    const { client, accepted } = await open(context);
    accepted.socket.pause();
    for (let at = 0; at < LARGE_BYTES; at += CHUNK_BYTES) client.send(pattern(at, CHUNK_BYTES));
    await settled(() => client.stream.bytesWritten);
    expect(client.stream.writableLength).toBeGreaterThan(0);
    expect(accepted.receivedBytes).toBeLessThanOrEqual(READ_BYTES);

    accepted.socket.resume();
    await until(() => accepted.receivedBytes === LARGE_BYTES);
    expect(Buffer.concat(accepted.received).equals(pattern(0, LARGE_BYTES))).toBe(true);
  });

  it("end() sends what was written before it closes", async (context) => {
    const { client, accepted } = await open(context);
    client.stream.pause();
    const { written } = await fill(accepted.socket, () => accepted.drains);
    accepted.socket.end();
    client.stream.resume();
    await until(() => client.isClosed && accepted.closes.length > 0);
    expect(client.receivedBytes).toBe(written);
    expect(client.hasEnded).toBe(true);
    expect(accepted.closes).toEqual([undefined]);
  });

  it("end() drops what the client still sends", async (context) => {
    const { client, accepted } = await open(context, { onData: (socket) => socket.end() });
    client.send(Buffer.from("last words"));
    for (let at = 0; at < LARGE_BYTES; at += CHUNK_BYTES) client.send(Buffer.alloc(CHUNK_BYTES));
    await until(() => client.isClosed && accepted.closes.length > 0);
    expect(accepted.receivedBytes).toBeLessThanOrEqual(READ_BYTES);
    expect(accepted.closes).toEqual([undefined]);
  });

  it("end() gives a client that does not read a short grace", async (context) => {
    const { client, accepted, clock } = await open(context);
    client.stream.pause();
    await fill(accepted.socket, () => accepted.drains);
    accepted.socket.end();
    clock.advance(1_900);
    expect(accepted.closes).toEqual([]);
    clock.advance(1_000);
    await until(() => accepted.closes.length > 0);
    client.stream.resume();
    await until(() => client.isClosed);
    expect(accepted.closes).toHaveLength(1);
  });

  it("destroy() closes at once and tells so afterwards, once", async (context) => {
    const { client, accepted } = await open(context);
    accepted.socket.destroy();
    expect(accepted.closes).toEqual([]);
    accepted.socket.destroy();
    accepted.socket.end();
    await until(() => client.isClosed && accepted.closes.length > 0);
    expect(accepted.closes).toEqual([undefined]);
  });

  it("takes and ignores what is written after it closed", async (context) => {
    const { client, accepted } = await open(context);
    accepted.socket.destroy();
    await until(() => client.isClosed && accepted.closes.length > 0);
    expect(accepted.socket.write(Buffer.from("late"))).toBe(true);
    accepted.socket.pause();
    accepted.socket.resume();
    accepted.socket.end();
    expect(accepted.socket.peer().address).toEqual(expect.any(String));
    expect(accepted.closes).toEqual([undefined]);
  });

  it("closes when the client does", async (context) => {
    const { client, accepted } = await open(context);
    client.send(Buffer.from("bye"));
    client.stream.end();
    await until(() => client.isClosed && accepted.closes.length > 0);
    expect(Buffer.concat(accepted.received).toString()).toBe("bye");
    expect(accepted.closes).toEqual([undefined]);
  });

  it("gives a client that closes but does not read a short grace", async (context) => {
    const { client, accepted, clock } = await open(context);
    client.stream.pause();
    const { written } = await fill(accepted.socket, () => accepted.drains);
    client.stream.end();
    let beats = 0;
    while (accepted.closes.length === 0) {
      clock.advance(100);
      beats++;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(beats).toBeGreaterThan(10);
    expect(accepted.closes).toHaveLength(1);
    expect(client.receivedBytes).toBeLessThan(written);
  });

  it("survives a client that resets the connection, in the middle of a write too", async (context) => {
    const { client, accepted } = await open(context);
    client.stream.pause();
    await fill(accepted.socket, () => accepted.drains);
    client.tcp.resetAndDestroy();
    await until(() => accepted.closes.length > 0);
    accepted.socket.write(Buffer.from("late"));
    expect(accepted.closes).toHaveLength(1);
  });

  it("may be ended while it is being accepted", async (context) => {
    const { client, accepted } = await open(context, { onAccept: (socket) => socket.end() });
    await until(() => client.isClosed && accepted.closes.length > 0);
    expect(accepted.closes).toEqual([undefined]);
  });
});

/** Sends back what comes, and reads no further while it cannot. */
class Echo implements Behaviour {
  #held: Buffer[] = [];
  isBlocked = false;
  heldBytes = 0;

  onData(socket: Socket, bytes: Uint8Array): void {
    this.#held.push(Buffer.from(bytes));
    this.heldBytes = Math.max(this.heldBytes, total(this.#held));
    this.#send(socket);
  }

  onDrain(socket: Socket): void {
    this.isBlocked = false;
    socket.resume();
    this.#send(socket);
  }

  #send(socket: Socket): void {
    if (this.isBlocked || this.#held.length === 0) return;
    const bytes = Buffer.concat(this.#held);
    this.#held = [];
    this.isBlocked = !socket.write(bytes);
    if (this.isBlocked) socket.pause();
    else bytes.fill(0); // it may be changed at once
  }
}

/** Writes until the socket refuses and nothing goes any more. Node's TLS refuses every write, and says soon after that it has gone. */
async function fill(socket: Socket, drains: () => number): Promise<{ written: number; refused: boolean }> {
  let written = 0;
  while (written < LARGE_BYTES) {
    const before = drains();
    const taken = socket.write(pattern(written, CHUNK_BYTES));
    written += CHUNK_BYTES;
    if (!taken && !(await changes(drains, before))) return { written, refused: true };
  }
  return { written, refused: false };
}

/** Returns once `value` no longer changes. */
async function settled(value: () => number): Promise<void> {
  while (await changes(value)) {}
}

/** Whether `value` becomes another than before while everything that is under way on this machine arrives. */
async function changes(value: () => number, before = value()): Promise<boolean> {
  for (let turn = 0; turn < 20 && value() === before; turn++) await new Promise((resolve) => setTimeout(resolve, 3));
  return value() !== before;
}

/** Bytes of an endless sequence whose period is prime. */
function pattern(start: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (start + i) % 251;
  return bytes;
}

function total(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}
