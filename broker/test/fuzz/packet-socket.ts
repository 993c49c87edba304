import { createConnection, type Socket } from "node:net";
import { decode, encode } from "../../src/codec/codec.js";
import { INCOMPLETE, packetLength } from "../../src/codec/frame.js";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/codec/packet.js";

/** A client's connection over TCP that speaks in packets, for clients that behave. It keeps none alive and acknowledges nothing by itself. */
export class PacketSocket {
  readonly #version: ProtocolVersion;
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #onPacket: (packet: Packet) => void = () => {};

  private constructor(socket: Socket, version: ProtocolVersion) {
    this.#socket = socket;
    this.#version = version;
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", () => {}); // "close" follows
  }

  /** Connects with a clean start. Calls `onPacket` with what comes after CONNACK, and `onClose` once. */
  static connect(
    port: number,
    version: ProtocolVersion,
    clientId: string,
    events: { readonly onPacket: (packet: Packet) => void; readonly onClose: () => void },
  ): Promise<PacketSocket> {
    const packets = new PacketSocket(createConnection({ host: "127.0.0.1", port, noDelay: true }), version);
    packets.#socket.on("close", events.onClose);
    packets.send({ type: PacketType.Connect, version, cleanStart: true, keepAliveSeconds: 0, clientId, properties: {} });
    return new Promise((resolve, reject) => {
      packets.#socket.once("close", () => reject(new Error(`${clientId} was not let in`)));
      packets.#onPacket = (packet) => {
        packets.#onPacket = events.onPacket;
        resolve(packets);
        if (packet.type !== PacketType.Connack || packet.reasonCode !== 0) packets.destroy();
      };
    });
  }

  send(packet: Packet): void {
    this.#socket.write(encode(packet, this.#version));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let at = 0;
    for (;;) {
      const length = packetLength(bytes, at, bytes.length);
      if (length === INCOMPLETE || at + length > bytes.length) break;
      this.#onPacket(decode(bytes, at, at + length, this.#version));
      at += length;
    }
    this.#bytes = bytes.subarray(at);
  }
}
