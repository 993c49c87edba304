import { isIP } from "node:net";
import type { ProtocolVersion, Qos } from "../codec/packet.js";
import { flagsOf } from "./flags.js";
import type { BenchCommand, BenchOptions, OutputOptions, PublishOptions, Share } from "./options.js";
import { constant, filler, PAYLOAD_HEADERS, type PayloadHeader, type PayloadMaker, templated } from "./payload.js";
import { readTopicsPayload } from "./topics-payload.js";
import type { ClientTls } from "./wire.js";

/** A flag has a value that will not do. The message names both, and what will. */
export class BenchOptionError extends Error {
  override readonly name = "BenchOptionError";

  constructor(flag: string, value: string, remedy: string) {
    super(`'--${flag}' ${remedy}, got ${JSON.stringify(value)}`);
  }
}

const MOST_CLIENTS = 100_000_000;
const MOST_PAYLOAD_BYTES = 268_000_000;
const METRICS = { host: "127.0.0.1", port: 8_081, isAsked: false };
const LONGEST_SECONDS = 65_535;
const MOST_PACKET_IDS = 65_535;
/** By emqtt-bench's names; whether a handshake looks like TLS 1.2 to boxes on the way is the library's choice. */
const TLS_VERSIONS: ReadonlyMap<string, "TLSv1.2" | "TLSv1.3"> = new Map([
  ["tlsv1.2", "TLSv1.2"],
  ["tlsv1.3", "TLSv1.3"],
  ["tlsv1.3_nocompat", "TLSv1.3"],
]);
const TEMPLATE_SCHEME = "template://";

/** The flags of a command as text, by name; what was not given is not there. */
export class GivenFlags {
  readonly #command: BenchCommand;
  readonly #given: ReadonlyMap<string, readonly string[]>;

  constructor(command: BenchCommand, given: ReadonlyMap<string, readonly string[]>) {
    this.#command = command;
    this.#given = given;
  }

  texts(long: string): readonly string[] {
    return this.#given.get(long) ?? [];
  }

  /** What was given, or the default. */
  text(long: string): string | undefined {
    return this.#given.get(long)?.at(-1) ?? flagsOf(this.#command).find((flag) => flag.long === long)?.byDefault;
  }

  isOn(long: string): boolean {
    const text = this.text(long) ?? "false";
    if (text !== "true" && text !== "false") throw new BenchOptionError(long, text, "takes true or false");
    return text === "true";
  }

  whole(long: string, { min, max }: { min: number; max: number }): number {
    const text = this.text(long) ?? "";
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new BenchOptionError(long, text, `takes a whole number from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}`);
  }

  list(long: string): readonly string[] {
    const text = this.text(long);
    return text === undefined ? [] : text.split(",").map((word) => word.trim());
  }

  /** What it says of flags that do not do what emqtt-bench does with them. Throws where that ends it. */
  notes(): readonly string[] {
    return flagsOf(this.#command).flatMap(({ long, otherwise, byDefault = "false" }) => {
      const text = this.#given.get(long)?.at(-1);
      if (otherwise === undefined || text === undefined || text === byDefault || text === "false") return [];
      if (otherwise.how === "refused") throw new BenchOptionError(long, text, `is not possible: ${otherwise.why}`);
      return [`'--${long}' changes nothing: ${otherwise.why}`];
    });
  }
}

/** Checks everything that can be before a connection is made. Throws a BenchOptionError. */
export function readOptions(command: BenchCommand, given: GivenFlags, readFile: (path: string) => string): BenchOptions {
  const rate = given.whole("connrate", { min: 0, max: 1_000_000 });
  const filters = command === "sub" ? required(given, "topic") : [];
  return {
    command,
    hosts: given.list("host").map((host) => notEmpty("host", host)),
    port: given.whole("port", { min: 1, max: 65_535 }),
    version: given.whole("version", { min: 3, max: 5 }) as ProtocolVersion,
    clients: given.whole("count", { min: 1, max: MOST_CLIENTS }),
    share: shareOf(given),
    connectIntervalMs: rate > 0 ? 1_000 / rate : given.whole("interval", { min: 0, max: 3_600_000 }),
    mostConnecting: given.whole("most-connecting", { min: 1, max: 100_000 }),
    sourceAddresses: sourceAddresses(given),
    prefix: given.text("prefix"),
    hasShortIds: given.isOn("shortids"),
    startNumber: given.whole("startnumber", { min: 0, max: Number.MAX_SAFE_INTEGER }),
    connectRetries: given.whole("num-retry-connect", { min: 0, max: 1_000_000 }),
    reconnects: given.text("reconnect") === "infinity" ? Number.POSITIVE_INFINITY : given.whole("reconnect", { min: 0, max: 1_000_000 }),
    tls: given.isOn("ssl") || given.text("ssl-version") !== undefined ? tlsOf(given, readFile) : undefined,
    isWebSocket: given.isOn("ws"),
    userName: given.text("username"),
    password: given.text("password"),
    keepAliveSeconds: given.whole("keepalive", { min: 0, max: LONGEST_SECONDS }),
    isCleanStart: given.isOn("clean"),
    sessionExpirySeconds: given.whole("session-expiry", { min: 0, max: 0xffff_ffff }),
    filters,
    qos: command === "conn" ? 0 : (given.whole("qos", { min: 0, max: 2 }) as Qos),
    payloadHeaders: command === "conn" ? [] : headersOf(given),
    publish: command === "pub" ? publishOf(given, readFile) : undefined,
    output: outputOf(given),
    processes: given.text("processes") === undefined ? undefined : given.whole("processes", { min: 1, max: 1_000 }),
    durationMs: given.text("duration") === undefined ? undefined : given.whole("duration", { min: 1, max: 31_536_000 }) * 1_000,
  };
}

function shareOf(given: GivenFlags): Share {
  const text = given.text("share")!;
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  if (of === undefined || Number(index) >= Number(of))
    throw new BenchOptionError("share", text, "takes a number from 0, a slash and of how many");
  return { index: Number(index), of: Number(of) };
}

function outputOf(given: GivenFlags): OutputOptions {
  const log = given.text("log_to")!;
  if (log !== "console" && log !== "null") throw new BenchOptionError("log_to", log, "takes console or null");
  const qoe = given.text("qoe")!;
  if (qoe === "dump") throw new BenchOptionError("qoe", qoe, "takes true or false here: the file of --qoelog is CSV already");
  return {
    isJson: given.isOn("json"),
    isQuiet: log === "null",
    hasQoe: given.isOn("qoe"),
    qoeLog: given.text("qoelog"),
    pushgateway: pushgatewayOf(given.text("pushgateway")),
    metrics: given.isOn("prometheus") || given.text("restapi") !== undefined ? metricsAddress(given.text("restapi")) : undefined,
  };
}

function pushgatewayOf(text: string | undefined): string | undefined {
  if (text === undefined || /^https?:\/\/[^/\s]+(\/\S*)?$/.test(text)) return text;
  throw new BenchOptionError("pushgateway", text, "takes a URL such as http://pushgateway:9091");
}

function metricsAddress(text: string | undefined): OutputOptions["metrics"] {
  if (text === undefined || text === "true") return METRICS;
  const [, host, port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === undefined || Number(port) > 65_535)
    throw new BenchOptionError("restapi", text, "takes a port, or an address, a colon and a port");
  return { host, port: Number(port), isAsked: true };
}

function publishOf(given: GivenFlags, readFile: (path: string) => string): PublishOptions {
  const limit = given.whole("limit", { min: 0, max: Number.MAX_SAFE_INTEGER });
  return {
    topics: topicsOf(given, readFile),
    isRetained: given.isOn("retain"),
    limit: limit === 0 ? Number.POSITIVE_INFINITY : limit,
    inflight: given.whole("inflight", { min: 0, max: MOST_PACKET_IDS }) || MOST_PACKET_IDS,
    waitsForAll: given.isOn("wait-before-publishing"),
    minWaitMs: given.whole("min-random-wait", { min: 0, max: 86_400_000 }),
    maxWaitMs: given.whole("max-random-wait", { min: 0, max: 86_400_000 }),
    keepsConnected: given.isOn("keep-connected"),
  };
}

function topicsOf(given: GivenFlags, readFile: (path: string) => string): PublishOptions["topics"] {
  const file = given.text("topics-payload");
  if (file !== undefined) {
    const text = contents("topics-payload", file, readFile);
    try {
      return readTopicsPayload(text);
    } catch (error) {
      throw new BenchOptionError("topics-payload", file, `cannot be used: ${(error as Error).message}`);
    }
  }
  const topics = required(given, "topic");
  if (topics.length > 1)
    throw new BenchOptionError("topic", topics.join(" "), "takes one topic for publishers; --topics-payload takes several");
  return [
    {
      topic: topics[0]!,
      intervalMs: given.whole("interval_of_msg", { min: 0, max: 86_400_000 }),
      qos: given.whole("qos", { min: 0, max: 2 }) as Qos,
      payload: payloadOf(given, readFile),
    },
  ];
}

function payloadOf(given: GivenFlags, readFile: (path: string) => string): PayloadMaker {
  const message = given.text("message");
  if (message === undefined) return filler(given.whole("size", { min: 0, max: MOST_PAYLOAD_BYTES }));
  if (!message.startsWith(TEMPLATE_SCHEME)) return constant(Buffer.from(message));
  return templated(contents("message", message.slice(TEMPLATE_SCHEME.length), readFile));
}

function headersOf(given: GivenFlags): readonly PayloadHeader[] {
  return given.list("payload-hdrs").map((name) => {
    const header = PAYLOAD_HEADERS.find((known) => known === name);
    if (header === undefined) throw new BenchOptionError("payload-hdrs", name, `takes ${PAYLOAD_HEADERS.join(", ")} or both`);
    return header;
  });
}

function tlsOf(given: GivenFlags, readFile: (path: string) => string): ClientTls {
  const file = (long: string) => {
    const path = given.text(long);
    return path === undefined ? undefined : contents(long, path, readFile);
  };
  const name = given.text("ssl-version");
  const version = TLS_VERSIONS.get(name?.toLowerCase() ?? "");
  if (name !== undefined && version === undefined) throw new BenchOptionError("ssl-version", name, "takes tlsv1.2 or tlsv1.3");
  const settings = {
    ca: file("cacertfile"),
    cert: file("certfile"),
    key: file("keyfile"),
    // OpenSSL puts colons between them.
    ciphers: given.text("ciphers")?.replaceAll(",", ":"),
    minVersion: version,
    maxVersion: version,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as ClientTls;
}

function contents(long: string, path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    throw new BenchOptionError(long, path, `names a file that cannot be read: ${(error as Error).message}`);
  }
}

function required(given: GivenFlags, long: string): readonly string[] {
  const texts = given.texts(long);
  if (texts.length === 0) throw new BenchOptionError(long, "", "is required");
  return texts.map((text) => notEmpty(long, text));
}

function notEmpty(long: string, text: string): string {
  if (text === "") throw new BenchOptionError(long, text, "must not be empty");
  return text;
}

/** On loopback one is chosen, as that spares the kernel's search for a port, and its range. */
function sourceAddresses(given: GivenFlags): readonly string[] {
  const addresses = given.list("ifaddr");
  if (addresses.length > 0) return addresses.map(sourceAddress);
  return given.list("host").every((host) => /^127\.\d/.test(host)) ? ["127.0.0.1"] : [];
}

function sourceAddress(text: string): string {
  if (isIP(text) === 0) throw new BenchOptionError("ifaddr", text, "takes addresses of this machine with commas between them");
  return text;
}
