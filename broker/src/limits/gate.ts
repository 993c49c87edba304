import { AddressRules } from "./address-rules.js";
import { ConnectRate } from "./connect-rate.js";

export interface GateLimits {
  /** CONNECTs a second; Infinity for no limit, here and below. */
  readonly maxConnectRate: number;
  readonly allowAddresses: readonly string[];
  readonly denyAddresses: readonly string[];
  /** Clients past their CONNACK. */
  readonly maxConnections: number;
}

/** What one listener lets in, or all together. */
export class Gate {
  readonly rate = new ConnectRate();
  rules = new AddressRules([], []);
  /** Infinity for no limit. */
  maxClients = Number.POSITIVE_INFINITY;
  /** Past their CONNACK. */
  clients = 0;

  get isFull(): boolean {
    return this.clients >= this.maxClients;
  }

  configure(limits: GateLimits, burstSeconds: number, nowMs: number): void {
    this.rate.configure(limits.maxConnectRate, burstSeconds, nowMs);
    this.rules = new AddressRules(limits.allowAddresses, limits.denyAddresses);
    this.maxClients = limits.maxConnections;
  }
}
