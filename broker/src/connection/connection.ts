import { INCOMPLETE } from "../codec/frame.js";
import { type AckType, type Packet, PacketType, type ProtocolVersion, type Qos, type Will } from "../codec/packet.js";
import { ProtocolError } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Publication } from "../publication/publication.js";
import type { Link } from "../session/link.js";
import type { Session } from "../session/session.js";
import { DropCause } from "../sys/counters.js";
import { TimerEntry } from "../timer-wheel.js";
import type { Socket, SocketReceiver } from "../transport/socket.js";
import { type ClientLimits, DEFAULT_CLIENT_LIMITS } from "./client-limits.js";
import type { ConnectionContext, ListenerContext } from "./connection-context.js";
import { InboundState } from "./inbound-state.js";
import { acceptedLength, Input } from "./input.js";
import type { OutboundAliases } from "./outbound-aliases.js";
import type { Output } from "./output.js";
import { sayWhy, sendAck, sendPacket, sendPong } from "./packet-writer.js";
import { Phase } from "./phase.js";
import { forwardPublish, publishLengthFor, sendPublish } from "./publish-writer.js";

/** How long a client that is told to go may take to read what it was sent. */
const CLOSE_GRACE_MS = 5_000;

/** A client is given one and a half times its Keep Alive [MQTT-3.1.2-22]. */
const KEEP_ALIVE_FACTOR = 1.5;

/**
 * One network connection: turns bytes into packets for the handlers, and collects what they send until the end of the turn.
 *
 * A million of them are idle at a time, so everything that an idle client does not need is null.
 */
export class Connection extends TimerEntry implements SocketReceiver, Link {
  readonly socket: Socket;
  readonly context: ConnectionContext;
  readonly listener: ListenerContext;

  version: ProtocolVersion = 4;
  phase: Phase = Phase.AwaitingConnect;
  session: Session | null = null;
  will: Will | null = null;
  limits: ClientLimits = DEFAULT_CLIENT_LIMITS;
  /** What only clients that publish above QoS 0 or use aliases need. */
  inbound: InboundState | null = null;
  aliases: OutboundAliases | null = null;
  keepAliveSeconds = 0;

  output: Output | null = null;
  /** What the socket has been given and not sent yet. */
  #draining: Output | null = null;
  #isBlocked = false;
  #input: Input | null = null;
  #isHeld = false;
  #isPaused = false;
  /** Milliseconds since the broker's start, a small integer for some weeks. */
  #lastSeenMs: number;

  constructor(socket: Socket, context: ConnectionContext, listener: ListenerContext) {
    super();
    this.socket = socket;
    this.context = context;
    this.listener = listener;
    this.#lastSeenMs = context.uptimeMs();
    context.wheel.arm(this, listener.connectTimeoutMs);
  }

  get isWritable(): boolean {
    return !this.#isBlocked;
  }

  get isConnected(): boolean {
    return this.phase === Phase.Connected;
  }

  get maxInflight(): number {
    return Math.min(this.limits.receiveMaximum, this.context.settings.maxInflight);
  }

  // ---- what the socket tells

  onData(bytes: Uint8Array): void {
    const { context } = this;
    this.#lastSeenMs = context.uptimeMs();
    context.counters.bytesReceived += bytes.length;
    if (this.phase >= Phase.Closing) return;
    if (this.#isHeld) {
      this.#keep(bytes, 0, bytes.length);
      return;
    }
    this.#consume(bytes);
  }

  onDrain(): void {
    this.#isBlocked = false;
    if (this.#draining !== null) {
      this.context.turn.pool.give(this.#draining);
      this.#draining = null;
    }
    this.flush();
    if (this.#isBlocked) return;
    if (this.phase === Phase.Closing) {
      this.socket.end();
      return;
    }
    this.#readWhileWritten();
    this.session?.sendQueued();
  }

  onClose(error: Error | undefined): void {
    if (this.phase === Phase.Closed) return;
    if (this.phase !== Phase.Closing) this.#leave(ReasonCode.UnspecifiedError, error?.message ?? "closed by the client");
    this.phase = Phase.Closed;
    this.context.wheel.cancel(this);
    this.output = this.#draining = this.#input = null;
    this.context.events.onClosed(this);
  }

  override onTimeout(): void {
    const { context, keepAliveSeconds } = this;
    if (this.phase === Phase.Closing) {
      this.socket.destroy();
      return;
    }
    if (this.phase !== Phase.Connected) {
      context.counters.connectTimeouts++;
      this.close(ReasonCode.UnspecifiedError, "no CONNECT in time"); // 3.1.4: the server may close
      return;
    }
    const allowedMs = keepAliveSeconds * 1000 * KEEP_ALIVE_FACTOR;
    const idleMs = context.uptimeMs() - this.#lastSeenMs;
    if (idleMs >= allowedMs)
      this.disconnect(ReasonCode.KeepAliveTimeout, `nothing heard for ${Math.round(idleMs / 1000)} s`); // [MQTT-3.1.2-22]
    else context.wheel.arm(this, allowedMs - idleMs);
  }

  // ---- what handlers do with it

  /** Starts watching the Keep Alive that was agreed on; 0 turns it off [MQTT-3.1.2-22]. */
  watchKeepAlive(seconds: number): void {
    this.keepAliveSeconds = seconds;
    if (seconds === 0) this.context.wheel.cancel(this);
    else this.context.wheel.arm(this, seconds * 1000 * KEEP_ALIVE_FACTOR);
  }

  send(packet: Packet): void {
    sendPacket(this, packet);
  }

  acknowledge(type: AckType, packetId: number, reasonCode: ReasonCode): void {
    sendAck(this, type, packetId, reasonCode);
  }

  pong(): void {
    sendPong(this);
  }

  /** The messages could not be accepted: 5.0 can say so; of 3.x, the connection ends, and the client sends them again [MQTT-4.4.0-1]. */
  rejectAcks(type: AckType, packetId: number, error: unknown): void {
    const { session } = this.inboundState();
    this.context.log.error({ err: error, clientId: session.clientId }, "a message could not be accepted");
    if (type === PacketType.Pubrec) session.forgetReceived(packetId);
    if (!this.isConnected) return;
    if (this.version === 5) this.acknowledge(type, packetId, ReasonCode.ImplementationSpecificError);
    else this.closeQuietly("a message could not be accepted");
  }

  /** Made when it is needed, for the first time while there is a session. */
  inboundState(): InboundState {
    this.inbound ??= new InboundState(this.session!);
    return this.inbound;
  }

  accepts(publication: Publication, qos: Qos, identifiers: readonly number[] | undefined): boolean {
    const { maximumPacketBytes } = this.limits;
    return maximumPacketBytes === Number.POSITIVE_INFINITY || publishLengthFor(this, publication, qos, identifiers) <= maximumPacketBytes;
  }

  forward(publication: Publication, retain: boolean, identifiers: readonly number[] | undefined): void {
    const { counters, settings } = this.context;
    if (this.#isBlocked && this.output !== null && this.output.size > settings.maxOutputBytes)
      counters.publishDropped[DropCause.SlowConnection]!++;
    else if (!this.accepts(publication, 0, identifiers)) counters.publishDropped[DropCause.TooLarge]!++;
    else forwardPublish(this, publication, retain, identifiers);
  }

  publish(
    publication: Publication,
    qos: Qos,
    dup: boolean,
    retain: boolean,
    packetId: number,
    identifiers: readonly number[] | undefined,
  ): void {
    sendPublish(this, publication, qos, dup, retain, packetId, identifiers);
  }

  /** Lets no packet be looked at until the promise is settled; the client's next ones wait. */
  hold(until: Promise<void>): void {
    this.#isHeld = true;
    this.#pause();
    until.then(
      () => this.#release(),
      (error) => {
        this.#isHeld = false;
        this.fail(error);
      },
    );
  }

  /** Ends the connection because of what its client did; only this connection. */
  fail(error: unknown): void {
    if (error instanceof ProtocolError) {
      this.close(error.reasonCode, error.message);
      return;
    }
    this.context.log.error({ err: error, clientId: this.session?.clientId }, "a packet could not be handled");
    this.close(ReasonCode.ImplementationSpecificError, "the broker could not handle a packet");
  }

  disconnect(reasonCode: ReasonCode, reason: string, serverReference?: string): void {
    this.close(reasonCode, reason, serverReference);
  }

  /** Says why, where the version and the phase have a packet for it, and closes. */
  close(reasonCode: ReasonCode, reason: string, serverReference?: string): void {
    if (this.phase >= Phase.Closing) return;
    sayWhy(this, reasonCode, reason, serverReference);
    this.#leave(reasonCode, reason);
    this.#shut();
  }

  /** Closes after the client's DISCONNECT, or without a word. */
  closeQuietly(reason: string): void {
    if (this.phase >= Phase.Closing) return;
    this.#leave(ReasonCode.NormalDisconnection, reason);
    this.#shut();
  }

  // ---- output

  reserve(length: number): number {
    const { turn } = this.context;
    if (turn.isRunFor(this)) turn.endRun();
    let output = this.output;
    if (output !== null && output.length + length > output.bytes.length) {
      if (output.size >= FLUSH_BYTES && !this.#isBlocked) {
        this.flush();
        output = this.output;
      }
    }
    if (output === null) {
      output = this.output = turn.pool.take();
      if (!this.#isBlocked) turn.add(this);
    }
    if (output.length + length > output.bytes.length) turn.pool.grow(output, length);
    const at = output.length;
    output.length = at + length;
    return at;
  }

  /** Sends bytes that others may send as well, without a copy; nobody may change them any more. */
  appendShared(bytes: Uint8Array): void {
    this.reserve(0);
    this.context.turn.pool.append(this.output!, bytes);
  }

  outputBytes(): Uint8Array {
    return this.output!.bytes;
  }

  flush(): void {
    const output = this.output;
    if (output === null || this.#isBlocked || this.phase === Phase.Closed) return;
    const { counters, turn } = this.context;
    if (output.sealed !== null) {
      for (let i = 0; i < output.sealed.length; i++) {
        const chunk = output.sealed[i]!;
        output.sealedBytes -= chunk.length;
        counters.bytesSent += chunk.length;
        if (!this.socket.write(chunk)) {
          this.#isBlocked = true;
          output.sealed = i + 1 < output.sealed.length ? output.sealed.slice(i + 1) : null;
          return;
        }
      }
      output.sealed = null;
    }
    this.output = null;
    counters.bytesSent += output.length;
    if (output.length === 0 || this.socket.write(output.bytes.subarray(0, output.length))) turn.pool.give(output);
    else {
      this.#isBlocked = true;
      this.#draining = output;
    }
  }

  // ---- input

  #consume(bytes: Uint8Array): void {
    try {
      let at = 0;
      if (this.#input !== null) at = this.#completeInput(bytes);
      at = this.#process(bytes, at, bytes.length);
      if (at < bytes.length && this.phase < Phase.Closing) this.#keep(bytes, at, bytes.length);
    } catch (error) {
      this.fail(error);
    }
    this.context.turn.endRun();
    if (this.#isBlocked && this.output !== null && this.output.size > this.context.settings.maxOutputBytes) this.#pause();
  }

  /** Handles the packet whose beginning waits in the input; returns where the next one begins in `bytes`. */
  #completeInput(bytes: Uint8Array): number {
    const input = this.#input!;
    const taken = input.complete(bytes);
    const length = this.#packetLength(input.bytes, 0, input.length);
    if (length === INCOMPLETE || length > input.length) return taken;
    this.#input = null;
    this.#process(input.bytes, 0, input.length);
    this.context.turn.endRun();
    return taken;
  }

  #process(bytes: Uint8Array, start: number, end: number): number {
    const { events } = this.context;
    let at = start;
    while (at < end && !this.#isHeld && this.phase < Phase.Closing) {
      const length = this.#packetLength(bytes, at, end);
      if (length === INCOMPLETE || at + length > end) break;
      const pending = events.onPacket(this, bytes, at, at + length);
      at += length;
      if (pending !== undefined) this.hold(pending);
    }
    return at;
  }

  #packetLength(bytes: Uint8Array, at: number, end: number): number {
    return acceptedLength(bytes, at, end, this.listener.maxPacketBytes, this.phase === Phase.AwaitingConnect);
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    this.#input ??= new Input();
    this.#input.append(bytes, start, end);
  }

  #release(): void {
    this.#isHeld = false;
    if (this.phase >= Phase.Closing) return;
    const input = this.#input;
    this.#input = null;
    if (input !== null) this.#consume(input.bytes.subarray(0, input.length));
    if (!this.#isHeld) this.#readWhileWritten();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.socket.pause();
  }

  /** Reads on if nothing stands against it: who does not read what it is sent is not read from either. */
  #readWhileWritten(): void {
    if (!this.#isPaused || this.#isHeld || this.phase >= Phase.Closing) return;
    if (this.#isBlocked && this.output !== null && this.output.size > this.context.settings.maxOutputBytes) return;
    this.#isPaused = false;
    this.socket.resume();
  }

  // ---- the end

  #leave(reasonCode: ReasonCode, reason: string): void {
    const wasConnected = this.phase === Phase.Connected;
    this.phase = Phase.Closing;
    this.#input = null;
    this.context.events.onLeave(this, wasConnected, reasonCode, reason);
  }

  #shut(): void {
    this.context.turn.endRun(); // part of it may be for this client, and nothing may be written once it has ended
    this.flush();
    this.context.wheel.arm(this, CLOSE_GRACE_MS);
    if (!this.#isBlocked) this.socket.end();
  }
}

/** A buffer that is full and holds as much is sent before the turn ends, so that the next one need not be larger. */
const FLUSH_BYTES = 49_152;
