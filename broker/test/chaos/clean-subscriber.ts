import type { ProtocolVersion, Qos } from "../../src/codec/packet.js";
import type { Random } from "../codec/random.js";
import type { Actor } from "../torture/actors.js";
import { TortureClient } from "../torture/torture-client.js";
import type { ChaosHistory, CleanConnection } from "./chaos-history.js";

export interface CleanSubscriberOptions {
  readonly name: string;
  readonly version: ProtocolVersion;
  readonly filter: string;
  readonly qos: Qos;
  /** Name of the shared subscription that it takes part in. */
  readonly group?: string;
  /** One in so many turns it goes, or comes back. */
  readonly leavesOneIn?: number;
  readonly returnsOneIn?: number;
  /** As TortureClient has it, until the load is over. @default 0 */
  readonly paceMs?: number;
}

export interface CleanStage {
  readonly history: ChaosHistory;
  readonly random: Random;
  readonly onEvent: () => void;
}

/** Subscribes anew with every connection, as its session ends with it. */
export class CleanSubscriber implements Actor {
  readonly client: TortureClient;
  readonly #random: Random;
  readonly #options: CleanSubscriberOptions;

  constructor({ history, random, onEvent }: CleanStage, options: CleanSubscriberOptions) {
    const { name: clientId, version, filter, qos, group, paceMs = 0 } = options;
    this.#random = random;
    this.#options = options;
    let connections = 0;
    let current: CleanConnection | undefined;
    const before: CleanConnection[] = [];
    this.client = new TortureClient(
      { clientId, version, expirySeconds: 0 },
      {
        onConnected: () => {
          if (current !== undefined) before.push(current);
          current = history.connection(`${clientId}, connection ${++connections},`, filter, qos, group);
          this.client.subscribe(group === undefined ? filter : `$share/${group}/${filter}`, qos);
        },
        onSubscribed: (_, reasonCode) => {
          // 3.x has no other way to say it than 0x80; the broker may be cut off.
          if (reasonCode > 2) this.client.drop();
          else {
            current!.heldAt = history.next();
            for (const connection of before.splice(0)) connection.goneAt = current!.heldAt;
          }
        },
        onMessage: (id, receivedQos) => {
          current!.receipts.push({ id, qos: receivedQos, at: history.next() });
          onEvent();
        },
        onDisconnected: () => {
          if (current !== undefined) current.endedAt ??= history.next();
        },
      },
    );
    this.client.paceMs = paceMs;
  }

  act(port: number): void {
    const { leavesOneIn, returnsOneIn = 1 } = this.#options;
    const random = this.#random;
    if (this.client.isIdle) {
      if (random.chance(returnsOneIn)) this.client.connect(port);
    } else if (this.client.isConnected && leavesOneIn !== undefined && random.chance(leavesOneIn)) {
      if (random.chance(2)) this.client.drop();
      else this.client.disconnect();
    }
  }

  /** Who is there stays; who is not is owed nothing. */
  finish(): void {
    this.client.paceMs = 0;
  }
}
