import type { Qos } from "../../src/codec/packet.js";
import { type CleanMember, History, type Published, type Receipt } from "../torture/history.js";

/**
 * One connection of a clean session, which lives and ends with it, from SUBSCRIBE on. What waits for the client when the connection ends is
 * lost, and may be.
 */
export interface CleanConnection {
  readonly name: string;
  readonly filter: string;
  readonly qos: Qos;
  /** Members of a group get each message once between them. */
  readonly group: string | undefined;
  readonly receipts: Receipt[];
  readonly askedAt: number;
  /** When SUBACK came. */
  heldAt?: number;
  endedAt?: number;
  /** When the client's next connection had its SUBACK: by then its brokers know that this one has ended. */
  goneAt?: number;
}

/** An older connection of a client was asked for a sign after a newer one had been accepted, and gave it. */
export interface LateSign {
  readonly clientId: string;
  /** Since the newer one was accepted, or its broker could act again. */
  readonly lateMs: number;
}

/** What clients of several brokers sent and were told; `subscribers` are those whose sessions outlive their connections. */
export class ChaosHistory extends History {
  readonly connections: CleanConnection[] = [];
  readonly lateSigns: LateSign[] = [];
  /** Connections of clients that had not left the broker where they were before. */
  moves = 0;

  /** By a member's next SUBACK its brokers know that the connection before has ended. */
  override get cleanMembers(): readonly CleanMember[] {
    return this.connections.flatMap(({ name, group, receipts, qos, endedAt, goneAt = Number.POSITIVE_INFINITY }) => {
      const mayLack = (message: Published) => Math.min(qos, message.qos) === 2 && endedAt !== undefined && message.sentAt < goneAt;
      return group === undefined ? [] : { name, group, receipts, mayLack };
    });
  }

  connection(name: string, filter: string, qos: Qos, group?: string): CleanConnection {
    const made: CleanConnection = { name, filter, qos, group, receipts: [], askedAt: this.next() };
    this.connections.push(made);
    return made;
  }
}
