import type { ApiClient, Rows } from "./api-client.js";
import {
  banLine,
  brokerText,
  clientLine,
  clusterText,
  listenersText,
  numbersText,
  retainedLine,
  retainedText,
  statusText,
  subscriptionLine,
  topicLine,
} from "./formats.js";
import { REBALANCE_COMMANDS } from "./rebalance-commands.js";

/** What was typed after a command's words: its arguments in order, and its own flags. */
export interface Typed {
  readonly args: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
}

interface Described {
  /** For example "clients list". */
  readonly words: string;
  /** Its arguments as help shows them. */
  readonly takes?: string;
  readonly does: string;
  /** Flags of its own, and what each is for. */
  readonly flags?: readonly (readonly [flag: string, purpose: string])[];
  /** Not in help: another name for something. */
  readonly isAlias?: boolean;
}

/** A command with one answer. */
export interface SingleCommand extends Described {
  ask(api: ApiClient, typed: Typed): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: what `ask` resolves with
  text(answer: any, typed: Typed): string;
}

/** A command whose answer is a list, which may be long. */
export interface ListCommand extends Described {
  rows(api: ApiClient, typed: Typed): AsyncIterable<Rows>;
  line(row: Readonly<Record<string, unknown>>): string;
  /** Printed for an empty list. */
  readonly none: string;
}

export type CtlCommand = SingleCommand | ListCommand;

const name = encodeURIComponent;
const OK = () => "ok\n";

const LISTENERS_LIST = {
  does: "list the listeners",
  ask: async (api: ApiClient) => (await api.ask("GET", "/listeners")).data,
  text: listenersText,
};

const RETAINED_LIST = {
  rows: (api: ApiClient, { args: [topic] }: Typed) => api.list("/retained", { topic }),
  line: retainedLine,
  none: "No retained messages.\n",
};

const RETAINED_DELETE = {
  takes: "<topic>",
  does: "delete the retained message of a topic",
  ask: (api: ApiClient, { args: [topic = ""] }: Typed) => api.ask("DELETE", `/retained/${name(topic)}`),
  text: OK,
};

/** Everything that `mqttd ctl` can do. */
export const CTL_COMMANDS: readonly CtlCommand[] = [
  { words: "status", does: "say whether the broker is there, and ready", ask: (api) => api.ask("GET", "/broker"), text: statusText },
  {
    words: "broker",
    takes: "[stats|metrics]",
    does: "what the broker is; what there is at this moment; what has happened since the start",
    ask: (api, { args: [what] }) => api.ask("GET", what === undefined ? "/broker" : `/broker/${what}`),
    text: (answer, { args: [what] }) => (what === undefined ? brokerText(answer) : numbersText(answer)),
  },
  { words: "listeners", ...LISTENERS_LIST },
  { words: "listeners list", ...LISTENERS_LIST, isAlias: true },
  listenerCommand("start", "accept connections by a listener again", "Started"),
  listenerCommand("stop", "accept no connections by a listener any more; those that are open stay", "Stop"),
  listenerCommand("restart", "stop and start a listener", "Restarted"),
  {
    words: "clients list",
    does: "list the clients, those that are away with a session included",
    flags: [
      ["--like <text>", "only those whose identifier has it"],
      ["--username <name>", "only those of that user"],
      ["--address <address>", "only those from there, or from addresses that begin so"],
      ["--state <state>", "connected or disconnected"],
    ],
    rows: (api, { flags }) =>
      api.list("/clients", {
        ...{ like_clientid: text(flags.like), username: text(flags.username) },
        ...{ ip_address: text(flags.address), conn_state: text(flags.state) },
      }),
    line: clientLine,
    none: "No clients.\n",
  },
  {
    words: "clients show",
    takes: "<clientid>",
    does: "show a client",
    ask: (api, { args: [id = ""] }) => api.ask("GET", `/clients/${name(id)}`),
    text: clientLine,
  },
  {
    words: "clients kick",
    takes: "<clientid>",
    does: "end a client's connection, and its session",
    flags: [["--keep-session", "leave the session as it is"]],
    ask: (api, { args: [id = ""], flags }) =>
      api.ask("DELETE", `/clients/${name(id)}`, { session: flags.keepSession === true ? "keep" : undefined }),
    text: OK,
  },
  {
    words: "subscriptions list",
    does: "list the subscriptions of all clients",
    rows: (api) => api.list("/subscriptions"),
    line: subscriptionLine,
    none: "No subscriptions.\n",
  },
  {
    words: "subscriptions show",
    takes: "<clientid>",
    does: "list the subscriptions of a client",
    rows: (api, { args: [clientid] }) => api.list("/subscriptions", { clientid }),
    line: subscriptionLine,
    none: "No subscriptions.\n",
  },
  {
    words: "subscriptions add",
    takes: "<clientid> <topic> <qos>",
    does: "subscribe in a client's place",
    ask: (api, { args: [id = "", topic, qos] }) => api.ask("POST", `/clients/${name(id)}/subscriptions`, {}, { topic, qos: Number(qos) }),
    text: OK,
  },
  {
    words: "subscriptions del",
    takes: "<clientid> <topic>",
    does: "end a subscription in a client's place",
    ask: (api, { args: [id = "", topic = ""] }) => api.ask("DELETE", `/clients/${name(id)}/subscriptions/${name(topic)}`),
    text: OK,
  },
  {
    words: "topics list",
    does: "list the topic filters that brokers have subscribers for",
    rows: (api) => api.list("/topics"),
    line: topicLine,
    none: "No topics.\n",
  },
  {
    words: "topics show",
    takes: "<topic>",
    does: "say which brokers have subscribers for a topic filter",
    rows: (api, { args: [topic] }) => api.list("/topics", { topic }),
    line: topicLine,
    none: "No topics.\n",
  },
  { words: "retained list", takes: "[topic-filter]", does: "list the topics with a retained message", ...RETAINED_LIST },
  {
    words: "retained show",
    takes: "<topic>",
    does: "show the retained message of a topic",
    ask: (api, { args: [topic = ""] }) => api.ask("GET", `/retained/${name(topic)}`),
    text: retainedText,
  },
  { words: "retained delete", ...RETAINED_DELETE },
  {
    words: "retainer info",
    does: "how many messages are retained",
    ask: (api) => api.ask("GET", "/broker"),
    text: ({ retained }) => `Number of retained messages: ${retained}\n`,
    isAlias: true,
  },
  { words: "retainer topics", does: "as retained list", ...RETAINED_LIST, isAlias: true },
  { words: "retainer clean", ...RETAINED_DELETE, isAlias: true },
  {
    words: "cluster status",
    does: "which brokers of the cluster there are",
    ask: async (api) => {
      const { data, meta } = await api.ask("GET", "/nodes");
      return { running_nodes: data.map(({ node }: { node: string }) => node), stopped_nodes: meta.missing ?? [] };
    },
    text: clusterText,
  },
  {
    words: "bans list",
    does: "list who may not connect",
    rows: (api) => api.list("/bans"),
    line: banLine,
    none: "No bans.\n",
  },
  {
    words: "bans add",
    takes: "<clientid|username|peerhost> <who>",
    does: "ban a client identifier, a user, or an address (or CIDR block), and disconnect them",
    flags: [
      ["--seconds <number>", "how long; for ever, unless given"],
      ["--reason <text>", "why, for others who look"],
    ],
    ask: (api, { args: [as, who], flags: { seconds, reason } }) =>
      api.ask(
        "POST",
        "/bans",
        {},
        { as, who, ...(reason !== undefined && { reason }), ...(seconds !== undefined && { seconds: Number(seconds) }) },
      ),
    text: OK,
  },
  {
    words: "bans del",
    takes: "<clientid|username|peerhost|flapping> <who>",
    does: "lift a ban",
    ask: (api, { args: [as = "", who = ""] }) => api.ask("DELETE", `/bans/${name(as)}/${name(who)}`),
    text: OK,
  },
  {
    words: "log level",
    takes: "[level]",
    does: "show, or change until the broker starts again, the least weight of what is logged",
    ask: (api, { args: [level] }) => (level === undefined ? api.ask("GET", "/log/level") : api.ask("PUT", "/log/level", {}, { level })),
    text: ({ level }) => `${level}\n`,
  },
  {
    words: "config show",
    does: "show the settings in force, without secrets, as JSON",
    ask: (api) => api.ask("GET", "/config"),
    text: (settings) => `${JSON.stringify(settings, null, 2)}\n`,
  },
  {
    words: "config reload",
    does: "read the settings, and the files that they name, again",
    ask: (api) => api.ask("POST", "/config/reload"),
    text: ({ applied, needs_restart }) =>
      [
        applied.length === 0 ? "nothing has changed" : `applied: ${applied.join(", ")}`,
        ...(needs_restart.length === 0 ? [] : [`only after a restart: ${needs_restart.join(", ")}`]),
        "",
      ].join("\n"),
  },
  {
    words: "publish",
    takes: "<topic> [payload]",
    does: "publish a message",
    flags: [
      ["--qos <0|1|2>", "its QoS (default: 0)"],
      ["--retain", "retain it"],
    ],
    ask: (api, { args: [topic, payload = ""], flags: { qos = "0", retain } }) =>
      api.ask("POST", "/publish", {}, { topic, payload, qos: Number(qos), retain: retain === true }),
    text: ({ matched }) => (matched ? "ok\n" : "ok, no subscriber\n"),
  },
  ...REBALANCE_COMMANDS,
];

function listenerCommand(action: "start" | "stop" | "restart", does: string, done: string): SingleCommand {
  return {
    words: `listeners ${action}`,
    takes: "<id>",
    does,
    ask: (api, { args: [id = ""] }) => api.ask("POST", `/listeners/${name(id)}/${action}`),
    text: (_, { args: [id] }) => `${done} ${id} listener successfully.\n`,
  };
}

function text(flag: string | boolean | undefined): string | undefined {
  return typeof flag === "string" ? flag : undefined;
}
