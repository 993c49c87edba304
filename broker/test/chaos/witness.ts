import { wrongRetained } from "../torture/check-history.js";
import { TortureClient } from "../torture/torture-client.js";
import type { ChaosHistory, CleanConnection } from "./chaos-history.js";

/** It asks again one in so many looks. */
const ASKS_ONE_IN = 4;

/**
 * Says what is retained on one broker: what it gives to who subscribes. It asks again when that is not what is expected, as what is acknowledged only
 * after a subscription may have been taken before it, and is then not sent to it [MQTT-3.3.1-6]. What is published after SUBACK has to come as to anyone.
 */
export class Witness {
  readonly client: TortureClient;
  /** By topic, the identifier of the message. */
  readonly retained = new Map<string, string>();
  readonly #filter: string;
  readonly #history: ChaosHistory;
  #looks = 0;

  constructor(history: ChaosHistory, clientId: string, filter: string) {
    this.#filter = filter;
    this.#history = history;
    let connections = 0;
    let current: CleanConnection | undefined;
    this.client = new TortureClient(
      { clientId, version: 5, expirySeconds: 0 },
      {
        onConnected: () => {
          current = history.connection(`${clientId}, connection ${++connections},`, filter, 1);
          this.#ask();
        },
        onSubscribed: () => {
          current!.heldAt ??= history.next();
        },
        onMessage: (id, qos, { topic, payload, retain }) => {
          if (payload.length === 0) this.retained.delete(topic);
          else this.retained.set(topic, id);
          // Those that are retained are in no order with the others.
          if (payload.length > 0 && !retain) current!.receipts.push({ id, qos, at: history.next() });
        },
        onDisconnected: () => {
          if (current !== undefined) current.endedAt ??= history.next();
        },
      },
    );
  }

  /** To be called again and again. */
  look(port: number): void {
    const { client, retained } = this;
    if (client.isIdle) client.connect(port);
    else if (
      ++this.#looks % ASKS_ONE_IN === 0 &&
      client.isConnected &&
      client.isSettled &&
      wrongRetained(this.#history, retained).length > 0
    )
      this.#ask();
  }

  /** What is retained is sent to who subscribes again, too [MQTT-3.8.4-4]. */
  #ask(): void {
    this.retained.clear();
    this.client.subscribe(this.#filter, 1);
  }
}
