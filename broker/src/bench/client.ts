import { decode } from "../codec/codec.js";
import { type ConnackPacket, PacketType } from "../codec/packet.js";
import { type FrameVisitor, scanFrames } from "./frames.js";
import type { Role } from "./role.js";
import type { SwarmContext } from "./swarm-context.js";
import type { Wire, WireReceiver } from "./wire.js";

/** Where a client is. Numbers, as there are a million. */
const Phase = { NEW: 0, DIALLING: 1, WAITING: 2, CONNECTED: 3, CLOSED: 4, LEAVING: 5, ABORTING: 6 } as const;

const PINGREQ = Uint8Array.of(0xc0, 0);
const REFUSED = 0x80;

/** One MQTT client: few fields, no closure, timer or scanner of its own; what it needs for its role it gets when it is connected. */
export class BenchClient implements WireReceiver, FrameVisitor {
  /** As `%i` has it. */
  readonly number: number;
  readonly #context: SwarmContext;
  role: Role | undefined = undefined;
  #wire: Wire | undefined = undefined;
  #phase: number = Phase.NEW;
  /** When the connection was begun. */
  #sinceMs = 0;
  #carry: Uint8Array | undefined = undefined;
  /** Of connecting; above 0 it has failed or been lost before. */
  attempts = 0;
  wasConnected = false;

  constructor(number: number, context: SwarmContext) {
    this.number = number;
    this.#context = context;
  }

  get isConnected(): boolean {
    return this.#phase === Phase.CONNECTED;
  }

  get isConnecting(): boolean {
    return this.#phase === Phase.DIALLING || this.#phase === Phase.WAITING;
  }

  /** Something waits for the kernel to take it. */
  get isFull(): boolean {
    return this.#wire?.isFull ?? true;
  }

  dial(nowMs: number): void {
    this.#phase = Phase.DIALLING;
    this.#sinceMs = nowMs;
    this.#carry = undefined;
    this.attempts++;
    this.#context.dial(this);
  }

  /** Another try from another port: no failure of the broker's. */
  redial(): void {
    this.#context.dial(this);
  }

  write(bytes: Uint8Array): void {
    this.#wire!.write(bytes);
  }

  ping(): void {
    this.#context.tallies.counts.ping_sent++;
    this.#wire!.write(PINGREQ);
  }

  /** DISCONNECT, and closes. */
  leave(): void {
    this.#wire!.write(this.#context.disconnectFrame);
    this.#phase = Phase.LEAVING;
    this.#wire!.end();
  }

  /** Closes before it is connected. */
  abort(): void {
    this.#phase = Phase.ABORTING;
    this.#wire?.close();
  }

  isOverdue(nowMs: number, limitMs: number): boolean {
    return this.isConnecting && nowMs - this.#sinceMs >= limitMs;
  }

  /** As if the connection had failed. */
  giveUp(): void {
    this.#wire?.close();
    this.onClose("no CONNACK in time", "ETIMEDOUT");
  }

  onOpen(wire: Wire): void {
    if (this.#phase !== Phase.DIALLING) {
      wire.close();
      return;
    }
    this.#wire = wire;
    this.#phase = Phase.WAITING;
    this.#context.opened(this, performance.now() - this.#sinceMs);
    wire.write(this.#context.connectFrame(this));
  }

  onData(wire: Wire, bytes: Uint8Array): void {
    if (wire !== this.#wire || this.#phase >= Phase.CLOSED) return;
    try {
      this.#carry = scanFrames(this.#carry, bytes, this);
    } catch (error) {
      wire.close();
      this.onClose((error as Error).message, "");
      return;
    }
    this.role?.afterRead(this);
  }

  onDrain(): void {
    this.role?.onDrain(this);
  }

  onFrame(bytes: Uint8Array, start: number, end: number): void {
    const { tallies, version } = this.#context;
    switch (bytes[start]! >> 4) {
      case PacketType.Connack:
        this.#onConnack(decode(bytes, start, end, version) as ConnackPacket);
        return;
      case PacketType.Pingresp:
        tallies.counts.ping_answered++;
        return;
      case PacketType.Disconnect:
        this.#context.told(this, bytes[start + 1] === 0 ? 0 : bytes[start + 2]!);
        return;
      default:
        this.role?.onFrame(this, bytes, start, end);
    }
  }

  onClose(reason: string, code: string): void {
    const phase = this.#phase;
    if (phase === Phase.CLOSED) return;
    this.#phase = Phase.CLOSED;
    this.#wire = undefined;
    this.#carry = undefined;
    if (phase === Phase.ABORTING) return;
    if (phase === Phase.LEAVING) this.#context.left();
    else if (phase === Phase.CONNECTED) {
      this.role?.onLost();
      this.#context.lost(this, reason);
    } else this.#context.failed(this, reason, code, phase === Phase.DIALLING);
  }

  /** Back to where another try of the same attempt begins. */
  again(): void {
    this.#phase = Phase.DIALLING;
  }

  #onConnack(packet: ConnackPacket): void {
    if (packet.reasonCode >= REFUSED) {
      this.#phase = Phase.WAITING;
      const wire = this.#wire;
      this.onClose(this.#context.reasonName(packet.reasonCode), "");
      wire?.end();
      return;
    }
    this.#phase = Phase.CONNECTED;
    this.#context.joined(this, packet, performance.now() - this.#sinceMs);
    this.wasConnected = true;
  }
}
