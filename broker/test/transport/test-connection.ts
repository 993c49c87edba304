import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { onTestFinished } from "vitest";
import { until } from "./test-listener.js";
import { maskedFrame, serverFrames, upgradeRequest } from "./websocket-bytes.js";

export interface ConnectionOptions {
  readonly port: number;
  readonly host?: string;
  /** Sent first. */
  readonly proxyHeader?: Uint8Array;
  /** Options of `tls.connect()`. */
  readonly tls?: object;
  readonly webSocket?: boolean;
  /** Goes on writing after the server's FIN. */
  readonly allowHalfOpen?: boolean;
}

/** The client's side of a connection: bytes in, bytes out, whatever carries them. */
export class TestConnection {
  readonly tcp: Socket;
  /** The same, or TLS on it; without WebSocket. */
  readonly stream: Socket;
  readonly #webSocket: boolean;
  #unread: Buffer = Buffer.alloc(0);
  readonly received: Buffer[] = [];
  receivedBytes = 0;
  hasEnded = false;
  isClosed = false;
  /** Status of the server's close frame. */
  closeStatus: number | undefined;

  constructor(tcp: Socket, stream: Socket, webSocket: boolean) {
    this.tcp = tcp;
    this.stream = stream;
    this.#webSocket = webSocket;
    stream.on("data", (bytes: Buffer) => this.#onData(bytes));
    stream.on("end", () => (this.hasEnded = true));
    stream.on("close", () => (this.isClosed = true));
  }

  /** One message, if it is a WebSocket. */
  send(bytes: Uint8Array): void {
    this.stream.write(this.#webSocket ? maskedFrame({ payload: bytes }) : bytes);
  }

  async read(length: number): Promise<Buffer> {
    await until(() => this.receivedBytes >= length);
    return Buffer.concat(this.received);
  }

  #onData(bytes: Buffer): void {
    if (!this.#webSocket) {
      this.#keep(bytes);
      return;
    }
    const { frames, rest } = serverFrames(Buffer.concat([this.#unread, bytes]));
    this.#unread = rest;
    for (const { opcode, payload } of frames) {
      if (opcode === 2) this.#keep(payload);
      if (opcode === 8) this.closeStatus = payload.readUInt16BE();
    }
  }

  #keep(bytes: Buffer): void {
    this.received.push(bytes);
    this.receivedBytes += bytes.length;
  }
}

/** Connects, and does the handshakes that the options ask for. The connection is gone when the test ends. */
export async function connect(options: ConnectionOptions): Promise<TestConnection> {
  const tcp = connectTcp({ port: options.port, host: options.host ?? "127.0.0.1", allowHalfOpen: options.allowHalfOpen ?? false });
  onTestFinished(() => void tcp.destroy());
  tcp.on("error", () => {});
  await happened(tcp, "connect");
  if (options.proxyHeader !== undefined) tcp.write(options.proxyHeader);

  let stream: Socket = tcp;
  if (options.tls !== undefined) {
    stream = connectTls({ socket: tcp, rejectUnauthorized: false, ...options.tls });
    stream.on("error", () => {});
    await happened(stream, "secureConnect");
  }
  if (options.webSocket) await upgrade(stream);
  return new TestConnection(tcp, stream, options.webSocket === true);
}

async function upgrade(stream: Socket): Promise<void> {
  stream.write(upgradeRequest());
  let response = "";
  while (!response.includes("\r\n\r\n")) response += (await nextData(stream)).toString("latin1");
  if (!response.startsWith("HTTP/1.1 101 ")) throw new Error(`no WebSocket: ${response}`);
}

function nextData(stream: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    stream.once("data", resolve);
    stream.once("close", () => reject(new Error("connection was closed")));
  });
}

function happened(stream: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once(event, resolve);
    stream.once("error", reject);
    stream.once("close", () => reject(new Error(`connection was closed before "${event}"`)));
  });
}
