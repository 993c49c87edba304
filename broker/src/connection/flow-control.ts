import { ReasonCode } from "../codec/reason-code.js";
import { TimerEntry } from "../timer-wheel.js";
import type { Socket } from "../transport/socket.js";
import type { ConnectionContext, ListenerContext } from "./connection-context.js";
import type { Pause } from "./pause.js";
import { Phase } from "./phase.js";
import type { RateLimit } from "./rate-limit.js";

/** A client is given one and a half times its Keep Alive [MQTT-3.1.2-22]. */
const KEEP_ALIVE_FACTOR = 1.5;

/**
 * The part of a connection that holds it up, and that says how long that may last: why it is not read from, since when it takes nothing
 * of what waits for it, and since when nothing has been heard of it. A base and not a part, because a million of them are idle.
 */
export abstract class FlowControl extends TimerEntry {
  readonly socket: Socket;
  readonly context: ConnectionContext;
  readonly listener: ListenerContext;
  phase: Phase = Phase.AwaitingConnect;
  keepAliveSeconds = 0;
  /** Made when something has come by a listener that has rates. */
  rate: RateLimit | null = null;

  /** The socket has not taken what it was given. */
  protected isBlocked = false;
  /** Bits of `Pause`. */
  protected pauses = 0;
  #isPaused = false;
  /** Whether the timer is set for no later than what a blocked socket needs. */
  #isWatched = false;
  /** Milliseconds since the broker's start, small integers for some weeks. */
  #lastSeenMs: number;
  #blockedSinceMs = 0;

  constructor(socket: Socket, context: ConnectionContext, listener: ListenerContext) {
    super();
    this.socket = socket;
    this.context = context;
    this.listener = listener;
    this.#lastSeenMs = context.uptimeMs();
    context.wheel.arm(this, listener.connectTimeoutMs);
  }

  abstract close(reasonCode: ReasonCode, reason: string): void;

  get isWritable(): boolean {
    return !this.isBlocked;
  }

  /** Starts watching the Keep Alive that was agreed on; 0 turns it off [MQTT-3.1.2-22]. */
  watchKeepAlive(seconds: number): void {
    this.keepAliveSeconds = seconds;
    this.#watch(0, 0);
  }

  /** Reads no more, for this cause too; true if it is a new one. */
  pause(cause: Pause): boolean {
    const isNew = (this.pauses & cause) === 0;
    this.pauses |= cause;
    if (!this.#isPaused) this.socket.pause();
    this.#isPaused = true;
    return isNew;
  }

  /** A cause has gone. */
  resume(cause: Pause): void {
    this.pauses &= ~cause;
    this.readOn();
  }

  override onTimeout(): void {
    const { context, phase } = this;
    if (phase === Phase.Closing) {
      this.socket.destroy();
      return;
    }
    if (phase !== Phase.Connected) {
      context.counters.connectTimeouts++;
      this.close(ReasonCode.UnspecifiedError, "no CONNECT in time"); // 3.1.4: the server may close
      return;
    }
    const now = context.uptimeMs();
    const silentMs = this.#silentMs(now);
    const stuckMs = this.isBlocked ? now - this.#blockedSinceMs : 0;
    if (stuckMs >= context.settings.slowConsumerMs) {
      context.counters.slowConsumers++;
      this.close(ReasonCode.QuotaExceeded, `nothing taken for ${Math.round(stuckMs / 1000)} s`);
    } else if (silentMs >= this.#allowedMs) {
      this.close(ReasonCode.KeepAliveTimeout, `nothing heard for ${Math.round(silentMs / 1000)} s`); // [MQTT-3.1.2-22]
    } else this.#watch(silentMs, stuckMs);
  }

  /** Something has come. */
  protected heard(): void {
    this.#lastSeenMs = this.context.uptimeMs();
  }

  /** Reads on if nothing stands against it; the client's silence begins only now. */
  protected readOn(): void {
    if (!this.#isPaused || this.pauses !== 0 || this.phase >= Phase.Closing) return;
    this.#isPaused = false;
    this.heard();
    this.socket.resume();
  }

  /** The socket has not taken what it was given. */
  protected block(): void {
    this.isBlocked = true;
    const now = this.context.uptimeMs();
    this.#blockedSinceMs = now;
    // A timer that was set for an earlier time may find it free meanwhile, but does not come too late.
    if (!this.#isWatched && this.phase === Phase.Connected) this.#watch(this.#silentMs(now), 0);
  }

  /** Who is not read from cannot be heard. Should it be gone, its socket takes nothing, which is noticed as well. */
  #silentMs(now: number): number {
    return this.#isPaused ? 0 : now - this.#lastSeenMs;
  }

  /** How long it may be silent. */
  get #allowedMs(): number {
    return this.keepAliveSeconds === 0 ? Number.POSITIVE_INFINITY : this.keepAliveSeconds * 1000 * KEEP_ALIVE_FACTOR;
  }

  /** Waits for what comes first: it is silent, or takes nothing, for too long. */
  #watch(silentMs: number, stuckMs: number): void {
    const { wheel, settings } = this.context;
    this.#isWatched = this.isBlocked;
    const leftMs = this.isBlocked ? settings.slowConsumerMs - stuckMs : Number.POSITIVE_INFINITY;
    const delayMs = Math.min(this.#allowedMs - silentMs, leftMs);
    if (delayMs === Number.POSITIVE_INFINITY) wheel.cancel(this);
    else wheel.arm(this, delayMs);
  }
}
