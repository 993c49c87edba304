/** What `/api/v1` answers, as far as the page shows it; /api/v1/openapi.json has all of it. */
export interface NodeFacts {
  readonly node: string;
  readonly version: string;
  readonly runtime: string;
  readonly pid: number;
  readonly status: string;
  readonly uptime_seconds: number;
  readonly connections: number;
  readonly sessions: number;
  readonly subscriptions: number;
  readonly topics: number;
  readonly retained: number;
  readonly memory_bytes: number;
  readonly event_loop_lag_seconds: number;
  readonly received_msgs: number;
  readonly sent_msgs: number;
  readonly dropped_msgs: number;
}

export interface Cluster {
  readonly name: string | null;
  readonly node: string;
  readonly peers: readonly string[];
}

export interface Client {
  readonly clientid: string;
  readonly username: string | null;
  readonly node: string;
  readonly connected: boolean;
  readonly listener: string | null;
  readonly ip_address: string | null;
  readonly port: number | null;
  readonly tls: string | null;
  readonly proto_ver: number | null;
  readonly clean_start: boolean;
  readonly keepalive: number | null;
  readonly session_expiry_interval: number;
  readonly subscriptions: number;
  readonly inflight: number;
  readonly awaiting_rel: number;
  readonly delivered_msgs: number;
  readonly enqueued_msgs: number;
  readonly dropped_msgs: number;
  readonly created_at: number;
  readonly connected_at: number | null;
  readonly disconnected_at: number | null;
}

export interface ClientDetail extends Client {
  readonly receive_maximum: number | null;
  readonly inflight_bytes: number;
  readonly enqueued_bytes: number;
  readonly has_will_waiting: boolean;
  readonly expires_at: number | null;
  readonly topics: readonly Subscription[];
}

export interface Subscription {
  readonly clientid: string;
  readonly node: string;
  readonly topic: string;
  readonly qos: number;
  readonly nl: number;
  readonly rap: number;
  readonly rh: number;
}

export interface TopicRoute {
  readonly topic: string;
  readonly node: string;
}

export interface Retained {
  readonly topic: string;
  readonly qos: number;
  readonly from_clientid: string;
  readonly payload_bytes: number;
  readonly expires_at: number | null;
}

export interface RetainedDetail extends Retained {
  /** In base64. */
  readonly payload: string;
  readonly payload_text: string | null;
  readonly content_type: string | null;
}

export interface Listener {
  readonly id: string;
  readonly node: string;
  readonly type: string;
  readonly listen_on: string;
  readonly path: string | null;
  readonly running: boolean;
  readonly proxy_protocol: boolean;
  readonly current_conn: number;
  readonly max_conns: number | null;
  readonly max_conn_rate: number | null;
}

export interface Rebalance {
  readonly node: string;
  readonly status: "disabled" | "enabled";
  readonly process?: string;
  readonly state?: string;
}

export interface DoctorReport {
  readonly ok: boolean;
  readonly at: string;
  readonly plan?: { readonly pool: string; readonly platform: string; readonly profile: string };
  readonly wrong: { readonly required: number; readonly advised: number };
  readonly checks: readonly DoctorCheck[];
}

export interface DoctorCheck {
  readonly name: string;
  readonly need: "required" | "advised";
  readonly wanted?: string;
  readonly effective?: string;
  readonly verdict: "ok" | "short" | "differs" | "failed" | "unseen";
  readonly detail?: string;
  readonly remedy?: string;
}

/** Numbers of a broker: rows of what ROW names. */
export interface NodeRows {
  readonly node: string;
  readonly rows: readonly (readonly number[])[];
}
