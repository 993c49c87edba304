/** How clients and sessions are moved away. */
export interface EvictionTerms {
  /** Clients disconnected each second. */
  readonly connEvictRate: number;
  /** Sessions handed to other brokers each second. */
  readonly sessEvictRate: number;
  /** How long load balancers get to notice that the broker is not ready, before anybody is disconnected. */
  readonly waitHealthCheckSeconds: number;
  /** How long clients get to come back elsewhere, and take their sessions along, before those that are left are handed over. */
  readonly waitTakeoverSeconds: number;
}

/** As `emqx ctl rebalance start` has them. */
export const DEFAULT_TERMS: EvictionTerms = {
  connEvictRate: 500,
  sessEvictRate: 500,
  waitHealthCheckSeconds: 60,
  waitTakeoverSeconds: 60,
};

/** What one broker is to do. */
export interface EvictionOrder extends EvictionTerms {
  /** An evacuated broker takes nobody any more until that is stopped; one that only had too many is as before when it is done. */
  readonly type: "evacuation" | "rebalance";
  /** Clients and sessions that may stay. */
  readonly connectionGoal: number;
  readonly sessionGoal: number;
  /** Servers that clients of 5.0 are told of, with a space between them. @default - as `mqtt.serverReference` says */
  readonly redirectTo?: string | undefined;
  /** Brokers that sessions are handed to, by name. @default - all that are ready */
  readonly migrateTo?: readonly string[] | undefined;
}

/** What it is doing; names and order are those of EMQX. */
export type EvictionState = "waiting_health_check" | "evicting_conns" | "waiting_takeover" | "evicting_sessions" | "prohibiting";

export interface ChannelCounts {
  /** Clients. */
  readonly connected: number;
  /** With their clients or without. */
  readonly sessions: number;
}

/** How far a broker has come. */
export interface EvictionStatus {
  readonly order: EvictionOrder;
  readonly state: EvictionState;
  readonly initial: ChannelCounts;
  /** Sessions that no broker has taken over, tried again until it does. */
  readonly handOversFailed: number;
}
