import { AllowAnonymous } from "../../src/auth/allow-anonymous.js";
import { encode } from "../../src/codec/codec.js";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import type { ReasonCode } from "../../src/codec/reason-code.js";
import { Connection } from "../../src/connection/connection.js";
import type { ConnectionContext, ConnectionEvents, ConnectionSettings, ListenerContext } from "../../src/connection/connection-context.js";
import type { Offer } from "../../src/connection/offer.js";
import { Phase } from "../../src/connection/phase.js";
import { Throttle } from "../../src/connection/throttle.js";
import { Turn } from "../../src/connection/turn.js";
import { openLog } from "../../src/log.js";
import type { Publication } from "../../src/publication/publication.js";
import { Counters } from "../../src/sys/counters.js";
import { TimerWheel } from "../../src/timer-wheel.js";
import type { Peer, Socket } from "../../src/transport/socket.js";
import { messageOf, publicationOf } from "../session/support.js";
import { ManualClock } from "../support/manual-clock.js";
import { SettableClock } from "../support/settable-clock.js";

/** A socket that takes what it is given until it is told not to, and checks that its rules are kept. */
export class FakeSocket implements Socket {
  /** Everything that was written, in order. */
  readonly chunks: Buffer[] = [];
  readonly calls: ("pause" | "resume" | "end" | "destroy")[] = [];
  /** Whether the kernel takes all of the next writes. */
  isTaking = true;
  #unsent: { readonly bytes: Uint8Array; readonly before: Buffer } | undefined;
  #hasEnded = false;

  get written(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get isPaused(): boolean {
    return this.calls.filter((call) => call === "pause" || call === "resume").at(-1) === "pause";
  }

  write(bytes: Uint8Array): boolean {
    if (this.#unsent !== undefined) throw new Error("written to before it has drained");
    if (this.#hasEnded) throw new Error("written to after its end");
    if (bytes.length === 0) throw new Error("nothing to write");
    this.chunks.push(Buffer.from(bytes));
    if (this.isTaking) return true;
    this.#unsent = { bytes, before: Buffer.from(bytes) };
    return false;
  }

  /** The kernel has taken what waited; the caller tells the connection. */
  drain(): void {
    if (this.#unsent === undefined) throw new Error("there is nothing to drain");
    const { bytes, before } = this.#unsent;
    if (!before.equals(bytes)) throw new Error("the bytes were changed before they had gone");
    this.#unsent = undefined;
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  end(): void {
    this.calls.push("end");
    this.#hasEnded = true;
  }

  destroy(): void {
    this.calls.push("destroy");
    this.#hasEnded = true;
  }

  peer(): Peer {
    return { address: "127.0.0.1", port: 1, localAddress: "127.0.0.1", localPort: 2 };
  }
}

/** As the settings are by default. */
const OFFER: Offer = {
  ...{ maxPacketBytes: 1_000_000, maxQos: 2, receiveMaximum: 1_024, topicAliasMaximum: 32, retainAvailable: true },
  ...{ wildcardSubscriptions: true, sharedSubscriptions: true, subscriptionIdentifiers: true },
};

/** Notes what connections tell; what a packet leads to is the test's to say. */
export class RecordingEvents implements ConnectionEvents {
  readonly packets: string[] = [];
  readonly left: (readonly [wasConnected: boolean, reasonCode: ReasonCode, reason: string])[] = [];
  closed = 0;
  handle: (connection: Connection, bytes: Uint8Array, start: number, end: number) => Promise<void> | undefined = () => undefined;

  onPacket(connection: Connection, bytes: Uint8Array, start: number, end: number): Promise<void> | undefined {
    this.packets.push(Buffer.from(bytes.subarray(start, end)).toString("hex"));
    return this.handle(connection, bytes, start, end);
  }

  onLeave(_: Connection, wasConnected: boolean, reasonCode: ReasonCode, reason: string): void {
    this.left.push([wasConnected, reasonCode, reason]);
  }

  onClosed(): void {
    this.closed++;
  }
}

export class TestConnections {
  readonly clock = new SettableClock();
  readonly wheel = new TimerWheel({ clock: this.clock });
  /** Goes on with `passMs`. */
  readonly fineClock = new ManualClock();
  readonly throttle = new Throttle({ clock: this.fineClock });
  readonly events = new RecordingEvents();
  readonly counters = new Counters();
  readonly turn = new Turn();
  readonly failures: unknown[] = [];
  readonly context: ConnectionContext;
  readonly listener: ListenerContext = {
    ...{ name: "tcp", connectTimeoutMs: 10_000, offer: OFFER, connections: 0 },
    authenticator: new AllowAnonymous(),
    enhanced: new Map(),
    rates: null,
  };

  constructor(settings: Partial<ConnectionSettings> = {}) {
    const startedAtMs = this.clock.nowMs;
    this.context = {
      ...{ events: this.events, turn: this.turn, wheel: this.wheel, counters: this.counters },
      log: openLog({ level: "silent", format: "json" }),
      reportFailure: (error) => this.failures.push(error),
      uptimeMs: () => this.clock.nowMs - startedAtMs,
      throttle: this.throttle,
      settings: { maxInflight: 100, maxOutputBytes: 100_000, slowConsumerMs: 60_000, ...settings },
    };
  }

  /** A connection that has sent nothing yet. */
  accept(): { readonly connection: Connection; readonly socket: FakeSocket } {
    const socket = new FakeSocket();
    return { connection: new Connection(socket, this.context, this.listener), socket };
  }

  /** A connection past its CONNACK. */
  connect(version: ProtocolVersion = 5): { readonly connection: Connection; readonly socket: FakeSocket } {
    const accepted = this.accept();
    accepted.connection.version = version;
    accepted.connection.phase = Phase.Connected;
    accepted.connection.watchKeepAlive(0);
    return accepted;
  }

  /** Lets a short time pass, in which nothing times out but the pauses of who sends too much. */
  passMs(milliseconds: number): void {
    this.clock.nowMs += milliseconds;
    this.fineClock.advance(milliseconds);
  }

  /** Lets time pass, a second at a time. */
  wait(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.clock.nowMs += 1_000;
      this.wheel.advance();
    }
  }
}

/** The end of the turn, when what was collected has been sent. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** A promise that the test settles. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (error: unknown) => void } {
  let resolve = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

export const PING = Buffer.from("c000", "hex");
export const PONG = Buffer.from("d000", "hex");
export const CONNECT = Buffer.from(
  encode({ type: PacketType.Connect, version: 5, cleanStart: true, keepAliveSeconds: 0, clientId: "c", properties: {} }, 5),
);

/** A PUBLISH to the topic "t". */
export function publishBytes(payload: string | Uint8Array, version: ProtocolVersion = 5): Buffer {
  const packet: Packet = {
    ...{ type: PacketType.Publish, dup: false, qos: 0, retain: false, topic: "t", packetId: 0, properties: {} },
    payload: Buffer.from(payload as string),
  };
  return Buffer.from(encode(packet, version));
}

/** A message to the topic "t", as a session passes it on. */
export function publicationTo(topic: string, payload: string): Publication {
  return publicationOf(messageOf(payload, { topic }));
}

/** The packets in what a socket was given, as far as they are whole. */
export function packetsIn(bytes: Uint8Array): string[] {
  const packets: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    let length = 0;
    let shift = 0;
    let header = at + 1;
    for (;;) {
      const byte = bytes[header++]!;
      length |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) break;
    }
    packets.push(Buffer.from(bytes.subarray(at, header + length)).toString("hex"));
    at = header + length;
  }
  return packets;
}
