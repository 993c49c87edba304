import type { BenchCommand } from "./options.js";

/** A flag of `mqttd bench`. */
export interface BenchFlag {
  /** One letter. */
  readonly short?: string;
  readonly long: string;
  /** "switch" takes true or false after it, or nothing for true; "texts" may be given several times. */
  readonly takes: "switch" | "number" | "text" | "texts";
  readonly byDefault?: string;
  readonly of: readonly BenchCommand[];
  readonly purpose: string;
  /** emqtt-bench has it and here it cannot do the same. "noted" says so and goes on, "refused" ends. */
  readonly otherwise?: { readonly how: "noted" | "refused"; readonly why: string };
  /** emqtt-bench has no such flag. */
  readonly isOwn?: true;
}

const ALL: readonly BenchCommand[] = ["conn", "pub", "sub"];
const MESSAGES: readonly BenchCommand[] = ["pub", "sub"];
const PUB: readonly BenchCommand[] = ["pub"];

function noted(why: string): Pick<BenchFlag, "otherwise"> {
  return { otherwise: { how: "noted", why } };
}

function refused(why: string): Pick<BenchFlag, "otherwise"> {
  return { otherwise: { how: "refused", why } };
}

const LIBRARY_CHOOSES = "what the TLS library offers by itself is offered";

/** Spellings and defaults are emqtt-bench's, so that its scripts run unchanged. */
export const BENCH_FLAGS: readonly BenchFlag[] = [
  {
    short: "h",
    long: "host",
    takes: "text",
    byDefault: "localhost",
    of: ALL,
    purpose: "host, or several with commas, which clients use in turn",
  },
  { short: "p", long: "port", takes: "number", byDefault: "1883", of: ALL, purpose: "port" },
  { short: "V", long: "version", takes: "number", byDefault: "5", of: ALL, purpose: "version of MQTT: 3 (3.1), 4 (3.1.1) or 5" },
  { short: "c", long: "count", takes: "number", byDefault: "200", of: ALL, purpose: "clients" },
  { short: "R", long: "connrate", takes: "number", byDefault: "0", of: ALL, purpose: "connections a second; 0: by --interval" },
  {
    short: "i",
    long: "interval",
    takes: "number",
    byDefault: "10",
    of: ALL,
    purpose: "milliseconds between connections; 0: as fast as they go",
  },
  { short: "n", long: "startnumber", takes: "number", byDefault: "0", of: ALL, purpose: "clients are numbered from the next" },
  { long: "num-retry-connect", takes: "number", byDefault: "0", of: ALL, purpose: "times that a failed connection is tried again" },
  { long: "reconnect", takes: "text", byDefault: "0", of: ALL, purpose: "times that a lost connection is tried again, or infinity" },
  { long: "ifaddr", takes: "text", of: ALL, purpose: "source addresses with commas, used in turn; each gives 64,000 connections" },
  { long: "prefix", takes: "text", of: ALL, purpose: "beginning of client identifiers" },
  { long: "shortids", takes: "switch", byDefault: "false", of: ALL, purpose: "client identifiers are the prefix and a number" },
  { short: "u", long: "username", takes: "text", of: ALL, purpose: "user name; %i and %rand_N stand for numbers" },
  { short: "P", long: "password", takes: "text", of: ALL, purpose: "password; the same" },
  { short: "k", long: "keepalive", takes: "number", byDefault: "300", of: ALL, purpose: "keep alive in seconds" },
  { short: "C", long: "clean", takes: "switch", byDefault: "true", of: ALL, purpose: "clean start" },
  { short: "x", long: "session-expiry", takes: "number", byDefault: "0", of: ALL, purpose: "session expiry in seconds (5.0)" },
  { short: "S", long: "ssl", takes: "switch", byDefault: "false", of: ALL, purpose: "TLS; any certificate will do without --cacertfile" },
  { long: "cacertfile", takes: "text", of: ALL, purpose: "authorities that the broker's certificate must come from, PEM" },
  { long: "certfile", takes: "text", of: ALL, purpose: "certificate of the clients, PEM" },
  { long: "keyfile", takes: "text", of: ALL, purpose: "its private key, PEM" },
  { long: "ssl-version", takes: "text", of: ALL, purpose: "tlsv1.2 or tlsv1.3 alone; TLS without --ssl too" },
  { long: "ciphers", takes: "text", of: ALL, purpose: "ciphers with commas, as OpenSSL names them" },
  { long: "signature-algs", takes: "text", of: ALL, purpose: "signature algorithms", ...noted(LIBRARY_CHOOSES) },
  { long: "keyex-algs", takes: "text", of: ALL, purpose: "key exchanges", ...noted(LIBRARY_CHOOSES) },
  { long: "ws", takes: "switch", byDefault: "false", of: ALL, purpose: "WebSocket, at /mqtt" },
  {
    long: "quic",
    takes: "text",
    of: ALL,
    purpose: "MQTT over QUIC",
    ...refused("neither Node nor Bun speaks it to be relied on; leave it out for TCP, or use --ws"),
  },
  { long: "load-qst", takes: "text", of: ALL, purpose: "tickets of QUIC", ...noted("there is no QUIC to use tickets for") },
  {
    short: "d",
    long: "dist",
    takes: "switch",
    byDefault: "false",
    of: ALL,
    purpose: "Erlang distribution",
    ...noted("there is no Erlang here; --processes uses more cores"),
  },
  { short: "l", long: "lowmem", takes: "switch", byDefault: "false", of: ALL, purpose: "less memory a client; so it always is here" },
  {
    long: "force-major-gc-interval",
    takes: "number",
    byDefault: "0",
    of: ALL,
    purpose: "collect garbage",
    ...noted("the runtime decides when to collect"),
  },
  {
    short: "Q",
    long: "qoe",
    takes: "text",
    byDefault: "false",
    of: ALL,
    purpose: "true: durations of connecting and subscribing in the summary",
  },
  { long: "qoelog", takes: "text", of: ALL, purpose: "file for the durations of each client, as CSV" },
  { long: "prometheus", takes: "switch", byDefault: "false", of: ALL, purpose: "metrics at /metrics, on 127.0.0.1:8081 or --restapi" },
  { long: "restapi", takes: "text", of: ALL, purpose: "[ip:]port of these metrics; without an address on all" },
  { long: "log_to", takes: "text", byDefault: "console", of: ALL, purpose: "console, or null for the summary alone" },

  {
    short: "t",
    long: "topic",
    takes: "texts",
    of: MESSAGES,
    purpose: "topic or filter; %u %c %i %s %rand_N stand for user, client, number, message, random",
  },
  { short: "q", long: "qos", takes: "number", byDefault: "0", of: MESSAGES, purpose: "quality of service: 0, 1 or 2" },
  {
    long: "payload-hdrs",
    takes: "text",
    of: MESSAGES,
    purpose: "cnt64, ts or both with a comma: for loss, duplicates and latency between one publisher and its topic's subscribers",
  },
  {
    short: "I",
    long: "interval_of_msg",
    takes: "number",
    byDefault: "1000",
    of: PUB,
    purpose: "milliseconds between a client's messages; 0: as fast as they go",
  },
  { short: "s", long: "size", takes: "number", byDefault: "256", of: PUB, purpose: "bytes of payload, headers apart" },
  {
    short: "m",
    long: "message",
    takes: "text",
    of: PUB,
    purpose: "payload, or template://FILE with %TIMESTAMP% %TIMESTAMPMS% %TIMESTAMPUS% %TIMESTAMPNS% %UNIQUE% %RANDOM%",
  },
  { long: "topics-payload", takes: "text", of: PUB, purpose: "JSON file with several topics, each with its interval, QoS and payload" },
  { short: "r", long: "retain", takes: "switch", byDefault: "false", of: PUB, purpose: "retained messages" },
  { short: "L", long: "limit", takes: "number", byDefault: "0", of: PUB, purpose: "messages of all clients together; 0: no limit" },
  {
    short: "F",
    long: "inflight",
    takes: "number",
    byDefault: "1",
    of: PUB,
    purpose: "unacknowledged messages a client, of QoS 1 and 2; 0: no limit of its own",
  },
  { short: "w", long: "wait-before-publishing", takes: "switch", byDefault: "false", of: PUB, purpose: "publish when all are connected" },
  { long: "min-random-wait", takes: "number", byDefault: "0", of: PUB, purpose: "least milliseconds before a client's first message" },
  { long: "max-random-wait", takes: "number", byDefault: "0", of: PUB, purpose: "most milliseconds before a client's first message" },
  {
    long: "retry-interval",
    takes: "number",
    byDefault: "0",
    of: PUB,
    purpose: "send again what is not acknowledged",
    ...noted("MQTT 5.0 forbids it on a live connection [MQTT-4.4.0-1]; pub less pub_succ is what was not acknowledged"),
  },
  { long: "keep-connected", takes: "switch", byDefault: "false", of: PUB, purpose: "stay connected after the limit" },

  {
    long: "processes",
    takes: "number",
    of: ALL,
    purpose: "processes that share the clients; as many as the limit on open files needs, unless given",
    isOwn: true,
  },
  {
    long: "share",
    takes: "text",
    byDefault: "0/1",
    of: ALL,
    purpose: "which part of all clients, rates and limits is this command's, when several run it: 0/4 is the first of four",
    isOwn: true,
  },
  {
    long: "most-connecting",
    takes: "number",
    byDefault: "250",
    of: ALL,
    purpose: "connections under way at once in a process",
    isOwn: true,
  },
  {
    long: "duration",
    takes: "number",
    of: ALL,
    purpose: "seconds until it ends by itself; else it ends by Ctrl-C, or after --limit",
    isOwn: true,
  },
  {
    long: "pushgateway",
    takes: "text",
    of: ALL,
    purpose: "URL of a pushgateway that gets the counts at the end, under the job mqttd_bench and this host's name and share",
    isOwn: true,
  },
  {
    long: "json",
    takes: "switch",
    byDefault: "false",
    of: ALL,
    purpose: "a line of JSON each second and a summary, for machines",
    isOwn: true,
  },
];

/** Those of one command. */
export function flagsOf(command: BenchCommand): readonly BenchFlag[] {
  return BENCH_FLAGS.filter(({ of }) => of.includes(command));
}
