import type { ReasonCode } from "../../src/codec/reason-code.js";
import type { Departure } from "../../src/drain/departure.js";
import { openLog } from "../../src/log.js";
import type { EvictedBroker, EvictionParts } from "../../src/rebalance/eviction.js";
import type { Session } from "../../src/session/session.js";
import { ManualClock } from "../support/manual-clock.js";

/** A session, of which only what an eviction looks at is there. */
interface PretendSession {
  readonly clientId: string;
  link: { disconnect(reasonCode: ReasonCode, reason: string, serverReference?: string): void } | null;
}

/** Clients and sessions that know no more than how to go. */
export class PretendBroker implements EvictedBroker {
  readonly #sessions = new Map<string, PretendSession>();
  readonly told: (readonly [reasonCode: ReasonCode, serverReference: string | undefined])[] = [];
  readonly handedOver: string[] = [];
  departure: Departure | undefined;
  failing = new Set<string>();
  connected = 0;
  handOver: ((clientId: string) => Promise<void>) | undefined = async (clientId) => {
    if (this.failing.has(clientId)) throw new Error("no broker takes it");
    this.handedOver.push(clientId);
    this.#sessions.delete(clientId);
  };

  get sessions(): Iterable<Session> & { readonly size: number } {
    const sessions = this.#sessions;
    return {
      [Symbol.iterator]: () => sessions.values(),
      get size() {
        return sessions.size;
      },
    } as never;
  }

  turnAway(departure: Departure | undefined): void {
    this.departure = departure;
  }

  /** Clients whose sessions stay behind when they go, or end with them. */
  clients(count: number, { sessionsStay = false, prefix = "c" } = {}): void {
    for (let i = 0; i < count; i++) {
      const clientId = `${prefix}${i}`;
      const session: PretendSession = { clientId, link: null };
      session.link = {
        disconnect: (reasonCode, _reason, serverReference) => {
          this.told.push([reasonCode, serverReference]);
          this.connected--;
          session.link = null;
          if (!sessionsStay) this.#sessions.delete(clientId);
        },
      };
      this.connected++;
      this.#sessions.set(clientId, session);
    }
  }

  awaySessions(count: number): void {
    for (let i = 0; i < count; i++) this.#sessions.set(`away${i}`, { clientId: `away${i}`, link: null });
  }
}

export class Evicted {
  readonly broker = new PretendBroker();
  readonly clock = new ManualClock();
  serverReference: string | undefined;
  redirect: "use-another-server" | "server-moved" = "use-another-server";

  get parts(): Omit<EvictionParts, "onDone"> {
    return {
      clock: this.clock,
      log: openLog({ level: "silent", format: "json" }),
      broker: this.broker,
      departureSettings: () => ({ serverReference: this.serverReference, redirect: this.redirect }),
    };
  }

  /** Time goes on, with a chance for promises at each step. */
  async pass(seconds: number): Promise<void> {
    for (let left = seconds * 10; left > 0; left--) {
      this.clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
