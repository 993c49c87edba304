import { type AckType, PacketType } from "../codec/packet.js";
import type { ReasonCode } from "../codec/reason-code.js";

/** Where acknowledgements go. */
export interface AckTarget {
  /** False once the client is gone or told to go: nothing is acknowledged to it any more. */
  readonly isConnected: boolean;
  acknowledge(type: AckType, packetId: number, reasonCode: ReasonCode): void;
  /** What was to be acknowledged with this reason code could not be accepted. Also called when the client is gone. */
  rejectAcks(type: AckType, packetId: number, reasonCode: ReasonCode, error: unknown): void;
}

/**
 * From here on the client is read from no more until some have left. Whoever waits for acknowledgements before it sends more stays below;
 * 3.x has no Receive Maximum that would keep others there. What one read brings still comes on top.
 */
const MAX_WAITING = 4_096;

interface Group {
  readonly accepted: Promise<void> | undefined;
  readonly acks: { readonly type: AckType; readonly packetId: number; readonly reasonCode: ReasonCode }[];
  isSettled: boolean;
  error: unknown;
}

/**
 * Acknowledgements that must not leave before their messages are safe, and leave in the order of the messages [MQTT-4.6.0-2]
 * [MQTT-4.6.0-3]. As long as nothing has to be waited for, it stays empty and holds nobody up.
 */
export class AckQueue {
  readonly #groups: Group[] = [];
  #size = 0;
  #pubacks = 0;

  /** Acknowledgements that wait. */
  get size(): number {
    return this.#size;
  }

  /** PUBACKs among them. */
  get pubacks(): number {
    return this.#pubacks;
  }

  /** If more wait than should: settles when the last that can be waited for has left. */
  get backlog(): Promise<void> | undefined {
    if (this.#size < MAX_WAITING) return undefined;
    return this.#groups.findLast(({ accepted }) => accepted !== undefined)?.accepted?.then(nothing, nothing);
  }

  /** Acknowledges once `accepted` has resolved, undefined for at once, and all acknowledgements before have left. */
  add(target: AckTarget, accepted: Promise<void> | undefined, type: AckType, packetId: number, reasonCode: ReasonCode): void {
    const last = this.#groups[this.#groups.length - 1];
    if (accepted === undefined && last === undefined) {
      target.acknowledge(type, packetId, reasonCode);
      return;
    }
    this.#size++;
    if (type === PacketType.Puback) this.#pubacks++;
    if (last !== undefined && accepted === last.accepted) {
      last.acks.push({ type, packetId, reasonCode });
      return;
    }
    // What only waits for its turn is a group of its own, not to fail with the one before.
    const group: Group = { accepted, acks: [{ type, packetId, reasonCode }], isSettled: accepted === undefined, error: undefined };
    this.#groups.push(group);
    accepted?.then(
      () => this.#settle(target, group, undefined),
      (error) => this.#settle(target, group, error ?? new Error("not accepted")),
    );
  }

  #settle(target: AckTarget, group: Group, error: unknown): void {
    group.isSettled = true;
    group.error = error;
    while (this.#groups[0]?.isSettled) {
      const { acks, error: failure } = this.#groups.shift()!;
      this.#size -= acks.length;
      for (const { type, packetId, reasonCode } of acks) {
        if (type === PacketType.Puback) this.#pubacks--;
        if (failure !== undefined) target.rejectAcks(type, packetId, reasonCode, failure);
        else if (target.isConnected) target.acknowledge(type, packetId, reasonCode);
      }
    }
  }
}

function nothing(): void {}
