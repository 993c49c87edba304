import type { ListCommand, SingleCommand, Typed } from "./commands.js";

// biome-ignore lint/suspicious/noExplicitAny: told by the API's OpenAPI document
type Status = Readonly<Record<string, any>>;

const NUMBERS = {
  waitHealthCheck: "wait_health_check",
  connEvictRate: "conn_evict_rate",
  waitTakeover: "wait_takeover",
  sessEvictRate: "sess_evict_rate",
  absConnThreshold: "abs_conn_threshold",
  relConnThreshold: "rel_conn_threshold",
  absSessThreshold: "abs_sess_threshold",
  relSessThreshold: "rel_sess_threshold",
} as const;

/** `mqttd ctl rebalance`, spelt and printed as EMQX has it. */
export const REBALANCE_COMMANDS: readonly (SingleCommand | ListCommand)[] = [
  {
    words: "rebalance start",
    does: "have brokers with too many clients give some away; or all of this one's, with --evacuation",
    flags: [
      ["--evacuation", "have everybody leave this broker, and nobody come, until it is stopped"],
      ["--wait-health-check <seconds>", "how long load balancers get to notice that it is not ready (default: 60)"],
      ["--redirect-to <servers>", "with --evacuation: what clients of 5.0 are told as server reference (default: mqtt.serverReference)"],
      [
        "--migrate-to <nodes>",
        "with --evacuation: brokers that sessions are handed to, with spaces between them (default: all that are ready)",
      ],
      ["--nodes <names>", "brokers that take part, with spaces between them (default: all)"],
      ["--conn-evict-rate <number>", "clients disconnected each second (default: 500)"],
      ["--abs-conn-threshold <number>", "clients that they must have more than the others, on average (default: 1000)"],
      ["--rel-conn-threshold <factor>", "times as many as the others, on average, that they must have (default: 1.1)"],
      ["--wait-takeover <seconds>", "how long clients get to take their sessions along (default: 60)"],
      ["--sess-evict-rate <number>", "sessions handed over each second (default: 500)"],
      ["--abs-sess-threshold <number>", "as --abs-conn-threshold, for sessions (default: 1000)"],
      ["--rel-sess-threshold <factor>", "as --rel-conn-threshold, for sessions (default: 1.1)"],
    ],
    ask: (api, { flags }) => api.ask("POST", flags.evacuation === true ? "/rebalance/evacuation" : "/rebalance", {}, fieldsOf(flags)),
    text: (_, { flags }) => (flags.evacuation === true ? "Rebalance(evacuation) started\n" : "Rebalance started\n"),
  },
  {
    words: "rebalance status",
    does: "which brokers of the cluster move clients away, and how far they are",
    ask: (api) => api.ask("GET", "/rebalance"),
    text: ({ data, meta }: { data: readonly Status[]; meta: { missing?: readonly string[] } }) => {
      const enabled = data.filter(({ status }) => status === "enabled");
      const told = enabled.map((status) => `Node '${status.node}': ${status.process}\n${statusText(status)}`);
      const missing = (meta.missing ?? []).map((node) => `Node '${node}' did not answer\n`);
      return told.length === 0 && missing.length === 0 ? "Rebalance is disabled on all nodes\n" : [...told, ...missing].join("");
    },
  },
  {
    words: "rebalance node-status",
    does: "what this broker moves away",
    ask: (api) => api.ask("GET", "/rebalance/node-status"),
    text: (status: Status) => (status.status === "enabled" ? statusText(status) : "Rebalance is disabled\n"),
  },
  {
    words: "rebalance stop",
    does: "end the evacuation of this broker, and the rebalancing of all",
    ask: (api) => api.ask("DELETE", "/rebalance"),
    text: ({ nodes }: { nodes: readonly string[] }) => (nodes.length === 0 ? "Rebalance is disabled\n" : "Rebalance stopped\n"),
  },
];

function fieldsOf(flags: Typed["flags"]): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const [flag, field] of Object.entries(NUMBERS)) if (flags[flag] !== undefined) fields[field] = Number(flags[flag]);
  const { redirectTo, migrateTo, nodes } = flags;
  if (redirectTo !== undefined) fields.redirect_to = redirectTo;
  if (typeof migrateTo === "string") fields.migrate_to = namesIn(migrateTo);
  if (typeof nodes === "string") fields.nodes = namesIn(nodes);
  return fields;
}

function namesIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== "");
}

function statusText({ process, state, stats, ...status }: Status): string {
  return [
    `Rebalance type: ${process}`,
    `Rebalance state: ${state}`,
    `Connection eviction rate: ${status.connection_eviction_rate} connections/second`,
    `Session eviction rate: ${status.session_eviction_rate} sessions/second`,
    `Connection goal: ${status.connection_goal}`,
    `Session goal: ${status.session_goal}`,
    ...(status.hand_overs_failed > 0 ? [`Failed session hand-overs: ${status.hand_overs_failed}`] : []),
    "Channel statistics:",
    ...["current_connected", "current_sessions", "initial_connected", "initial_sessions"].map((name) => `  ${name}: ${stats[name]}`),
    "",
  ].join("\n");
}
