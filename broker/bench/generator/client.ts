import type { Network, Source, Target, Wire, WireReceiver } from "../../src/bench/wire.js";
import { decode } from "../../src/codec/codec.js";
import { INCOMPLETE, packetLength } from "../../src/codec/frame.js";
import { type ConnackPacket, PacketType, type ProtocolVersion, type Qos } from "../../src/codec/packet.js";
import { connectFrame, disconnectFrame, subscribeFrame } from "./frames.js";
import type { Credentials } from "./job.js";

/** How clients of one run connect. */
export interface Dialler {
  readonly network: Network;
  readonly target: Target;
  readonly version: ProtocolVersion;
  readonly credentials?: Credentials | undefined;
  /** Told each CONNACK that accepts. */
  readonly onConnack?: (packet: ConnackPacket) => void;
  /** A client's connection ended though nobody closed it. */
  readonly onDeath: (reason: string) => void;
}

export type Receive = (bytes: Uint8Array) => void;

/** An MQTT client that decodes properly until it is connected and subscribed, and then hands over raw bytes. */
export class Client {
  readonly #wire: Wire;
  readonly #version: ProtocolVersion;
  /** What happens to bytes from the broker. */
  receive: Receive = ignore;
  hasLeft = false;

  private constructor(wire: Wire, version: ProtocolVersion) {
    this.#wire = wire;
    this.#version = version;
  }

  /** Resolves after CONNACK; a refusal or a closed connection is a death. */
  static connect(dialler: Dialler, clientId: string, source?: Source): Promise<Client> {
    return Client.open(dialler, connectFrame(clientId, dialler.version, dialler.credentials), source);
  }

  /** As `connect`, with a CONNECT of the caller's. */
  static open({ network, target, version, onConnack, onDeath }: Dialler, connect: Uint8Array, source?: Source): Promise<Client> {
    return new Promise((resolve) => {
      let client: Client | undefined;
      const receiver: WireReceiver = {
        onOpen(wire) {
          const opened = new Client(wire, version);
          client = opened;
          opened.#next((frame) => {
            const packet = decode(frame, 0, frame.length, version);
            if (packet.type === PacketType.Connack && packet.reasonCode === 0) {
              onConnack?.(packet);
              resolve(opened);
            } else onDeath(`CONNECT was answered with ${JSON.stringify(packet)}`);
          });
          wire.write(connect);
        },
        onData(_wire, bytes) {
          client!.receive(bytes);
        },
        onClose: (reason) => {
          if (client?.hasLeft !== true) onDeath(reason);
        },
      };
      network.dial(target, receiver, source);
    });
  }

  /** Resolves after SUBACK. */
  async subscribe(topicFilter: string, qos: Qos): Promise<void> {
    const answer = this.nextFrame();
    this.write(subscribeFrame(topicFilter, qos, this.#version));
    const frame = await answer;
    const packet = decode(frame, 0, frame.length, this.#version);
    if (packet.type !== PacketType.Suback || packet.reasonCodes[0] !== qos) {
      throw new Error(`SUBSCRIBE was answered with ${JSON.stringify(packet)}`);
    }
  }

  /** The next frame, whole. To be called before what makes the broker send it; what comes behind it in one read is lost. */
  nextFrame(): Promise<Uint8Array> {
    return new Promise((resolve) => this.#next(resolve));
  }

  write(bytes: Uint8Array): void {
    this.#wire.write(bytes);
  }

  /** Disconnects, and closes when the broker does. */
  leave(): void {
    this.hasLeft = true;
    this.write(disconnectFrame(this.#version));
  }

  #next(done: (frame: Uint8Array) => void): void {
    let received: Uint8Array = new Uint8Array(0);
    this.receive = (bytes) => {
      received = Buffer.concat([received, bytes]);
      const length = packetLength(received, 0, received.length);
      if (length === INCOMPLETE || length > received.length) return;
      this.receive = ignore;
      done(received.subarray(0, length));
    };
  }
}

function ignore(): void {}
