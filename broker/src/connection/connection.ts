import { INCOMPLETE } from "../codec/frame.js";
import { type AckType, type Packet, PacketType, type ProtocolVersion, type Qos, type Will } from "../codec/packet.js";
import { ProtocolError } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Publication } from "../publication/publication.js";
import { CommitError } from "../session/commit-error.js";
import type { CommitWaiter } from "../session/commits.js";
import type { Link } from "../session/link.js";
import type { Session } from "../session/session.js";
import { DropCause } from "../sys/counters.js";
import type { Socket, SocketReceiver } from "../transport/socket.js";
import { type ClientLimits, DEFAULT_CLIENT_LIMITS } from "./client-limits.js";
import type { ConnectionContext, ListenerContext } from "./connection-context.js";
import { ConnectionOutput } from "./connection-output.js";
import { InboundState } from "./inbound-state.js";
import { acceptedLength, Input } from "./input.js";
import type { Offer } from "./offer.js";
import type { OutboundAliases } from "./outbound-aliases.js";
import { sayWhy, sendAck, sendPacket, sendPong } from "./packet-writer.js";
import { Pause } from "./pause.js";
import { Phase } from "./phase.js";
import type { PublishRights } from "./publish-rights.js";
import { forwardPublish, publishLengthFor, sendPublish } from "./publish-writer.js";
import { charge } from "./rate-limit.js";
import { refusalOf } from "./refusal.js";

/** How long a client that is told to go may take to read what it was sent. */
const CLOSE_GRACE_MS = 5_000;

/**
 * One network connection: turns bytes into packets for the handlers, and collects what they send until the end of the turn.
 *
 * A million of them are idle at a time, so everything that an idle client does not need is null.
 */
export class Connection extends ConnectionOutput implements SocketReceiver, Link, CommitWaiter {
  /** Of its listener when it was accepted, and from CONNECT on the one that it was welcomed with. */
  offer: Offer;
  version: ProtocolVersion = 4;
  session: Session | null = null;
  will: Will | null = null;
  limits: ClientLimits = DEFAULT_CLIENT_LIMITS;
  /** What only clients that publish above QoS 0 or use aliases need. */
  inbound: InboundState | null = null;
  aliases: OutboundAliases | null = null;
  /** What only clients need that publish where not everyone may. */
  publishRights: PublishRights | null = null;
  #input: Input | null = null;

  constructor(socket: Socket, context: ConnectionContext, listener: ListenerContext) {
    super(socket, context, listener);
    this.offer = listener.offer;
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
    this.heard();
    context.counters.bytesReceived += bytes.length;
    if (this.phase >= Phase.Closing) return;
    if ((this.pauses & Pause.Held) !== 0) this.#keep(bytes, 0, bytes.length);
    else this.#consume(bytes);
    if (this.listener.rates !== null) charge(this, 0, bytes.length);
  }

  onDrain(): void {
    this.drained();
    if (this.isBlocked) return;
    if (this.phase === Phase.Closing) {
      this.socket.end();
      return;
    }
    this.resume(Pause.Full);
    this.session?.sendQueued();
  }

  onClose(error: Error | undefined): void {
    if (this.phase === Phase.Closed) return;
    if (this.phase !== Phase.Closing) this.#leave(ReasonCode.UnspecifiedError, error?.message ?? "closed by the client");
    this.phase = Phase.Closed;
    this.context.wheel.cancel(this);
    if (this.rate !== null) this.context.throttle.cancel(this.rate);
    this.#input = null;
    this.dropOutput();
    this.context.events.onClosed(this);
  }

  // ---- what handlers do with it

  send(packet: Packet): void {
    sendPacket(this, packet);
  }

  acknowledge(type: AckType, packetId: number, reasonCode: ReasonCode): void {
    sendAck(this, type, packetId, reasonCode);
  }

  pong(): void {
    sendPong(this);
  }

  /**
   * What was to be acknowledged could not be accepted: 5.0 can say so; of 3.x, the connection ends, and the client sends it again
   * [MQTT-4.4.0-1]. PUBCOMP, which cannot refuse, leaves when the store has what it stands for.
   */
  rejectAcks(type: AckType, packetId: number, reasonCode: ReasonCode, error: unknown): void {
    const { session, unfinished } = this.inboundState();
    this.context.reportFailure(error);
    // Subscribers here have what only the store does not have yet: sent again, it is the same message. Peers may lack what they did not take.
    if (type === PacketType.Pubrec && !(error instanceof CommitError)) session.forgetReceived(packetId);
    if (!this.isConnected) return;
    if (type === PacketType.Pubcomp) {
      unfinished.set(packetId, reasonCode);
      session.context.commits.stall(this);
    } else if (this.version === 5) {
      if (type === PacketType.Pubrec) session.refuseReceived(packetId);
      this.acknowledge(type, packetId, refusalOf(error));
    } else this.closeQuietly("a message could not be accepted");
  }

  /** The store has what PUBCOMPs have waited for. */
  onDurable(): void {
    if (!this.isConnected || this.inbound === null) return;
    const { unfinished } = this.inbound;
    for (const [packetId, reasonCode] of unfinished) this.acknowledge(PacketType.Pubcomp, packetId, reasonCode);
    unfinished.clear();
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
    const { publishDropped } = this.context.counters;
    if (this.isFull) publishDropped[DropCause.SlowConnection]!++;
    else if (!this.accepts(publication, 0, identifiers)) publishDropped[DropCause.TooLarge]!++;
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

  /** Lets no packet be looked at until `goOn`; the client's next ones wait. */
  wait(): void {
    this.pause(Pause.Held);
  }

  /** The same until the promise is settled. */
  hold(until: Promise<void>): void {
    this.wait();
    until.then(
      () => this.goOn(),
      (error) => {
        this.pauses &= ~Pause.Held;
        this.fail(error);
      },
    );
  }

  /** What has come meanwhile is looked at, unless the connection has gone. */
  goOn(): void {
    this.pauses &= ~Pause.Held;
    if (this.phase >= Phase.Closing) return;
    const input = this.#input;
    this.#input = null;
    if (input !== null) this.#consume(input.bytes.subarray(0, input.length));
    this.readOn();
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

  overflowed(): void {
    if ((this.pauses & Pause.Overflow) !== 0) return;
    this.pause(Pause.Overflow);
    this.context.counters.queueOverflows++;
    // Not at once: the message is on its way to others, whom a will that is published now would reach first.
    queueMicrotask(() => this.disconnect(ReasonCode.QuotaExceeded, "its queue is full"));
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

  // ---- input

  #consume(bytes: Uint8Array): void {
    const { rates } = this.listener;
    const before = rates === null ? 0 : this.context.counters.publishesReceived;
    try {
      let at = 0;
      if (this.#input !== null) at = this.#completeInput(bytes);
      at = this.#process(bytes, at, bytes.length);
      if (at < bytes.length && this.phase < Phase.Closing) this.#keep(bytes, at, bytes.length);
    } catch (error) {
      this.fail(error);
    }
    this.context.turn.endRun();
    if (this.isFull) this.pause(Pause.Full);
    const backlog = this.inbound?.acks.backlog;
    if (backlog !== undefined && (this.pauses & Pause.Held) === 0) {
      this.context.counters.ackPauses++;
      this.hold(backlog);
    }
    if (rates !== null) charge(this, this.context.counters.publishesReceived - before, 0);
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
    while (at < end && (this.pauses & Pause.Held) === 0 && this.phase < Phase.Closing) {
      const length = this.#packetLength(bytes, at, end);
      if (length === INCOMPLETE || at + length > end) break;
      const pending = events.onPacket(this, bytes, at, at + length);
      at += length;
      if (pending !== undefined) this.hold(pending);
    }
    return at;
  }

  #packetLength(bytes: Uint8Array, at: number, end: number): number {
    return acceptedLength(bytes, at, end, this.offer.maxPacketBytes, this.phase === Phase.AwaitingConnect);
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    this.#input ??= new Input();
    this.#input.append(bytes, start, end);
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
    if (!this.isBlocked) this.socket.end();
  }
}
