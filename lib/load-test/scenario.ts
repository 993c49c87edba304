import { ScenarioError } from "../errors";

/** What a fleet of load generators does to a broker. The same file is read by `broker-pools scenario` and by `LoadTestFleet`. */
export interface Scenario {
  /** Part of client ids and of the Job's name: small letters, digits and dashes, at most 40. */
  readonly name: string;

  /** `conn` only connects, `sub` subscribes, `pub` publishes: the commands of `mqttd bench` and of emqtt-bench. */
  readonly command: "conn" | "sub" | "pub";

  /** Clients of all pods together: a whole number from 1 to 100,000,000. */
  readonly clients: number;

  /**
   * Clients of one pod, which has as many ports to one address of the broker: 1 to 64,000.
   *
   * @default 50,000, as the guide has on one machine
   */
  readonly clientsPerPod?: number;

  /**
   * Connects in a second over all pods.
   *
   * @default - 500 on each pod
   */
  readonly connectRate?: number;

  /** Seconds that it runs once it has begun, the ramp included: 1 to 86,400. @default 600 */
  readonly durationSeconds?: number;

  /** MQTT version by its protocol level: 3 (3.1), 4 (3.1.1) or 5. @default 5 */
  readonly mqttVersion?: 3 | 4 | 5;

  /** Seconds, 0 to 65,535. @default 300, as emqtt-bench has it */
  readonly keepAliveSeconds?: number;

  /** Whether sessions begin anew. @default true */
  readonly cleanStart?: boolean;

  /** Seconds that sessions outlive their connection. @default 0 */
  readonly sessionExpirySeconds?: number;

  /** TLS to the broker, without a look at its certificate. @default false */
  readonly tls?: boolean;

  /** MQTT over WebSocket. @default false */
  readonly webSocket?: boolean;

  /** Topic filter or topic; `%i` is a client's number, `%c` its id. Needed for `sub` and `pub`. */
  readonly topic?: string;

  /** Quality of service of `sub` and `pub`. @default 0 */
  readonly qos?: 0 | 1 | 2;

  /** Messages of all publishers together in a second. @default - one a second of each */
  readonly publishRate?: number;

  /** Bytes of each message, 0 to 1,047,552. @default 256 */
  readonly payloadBytes?: number;

  /** Whether messages carry a counter and a time, by which subscribers find loss and latency. @default false */
  readonly measured?: boolean;
}

/** Where the load goes. */
export interface LoadTarget {
  /** Name or address; several have commas between, and clients take them in turn. */
  readonly host: string;
  readonly port: number;
}

/** Ports from 1024 to 65535 that `SysctlProfile.LOAD_GENERATOR` opens to one address of a broker, a few kept for other uses. */
const MOST_CLIENTS_PER_POD = 64_000;
const DEFAULT_CLIENTS_PER_POD = 50_000;
const DEFAULT_CONNECT_RATE_PER_POD = 500;
const MOST = 100_000_000;
const KEYS: Readonly<Record<keyof Scenario, true>> = {
  name: true,
  command: true,
  clients: true,
  clientsPerPod: true,
  connectRate: true,
  durationSeconds: true,
  mqttVersion: true,
  keepAliveSeconds: true,
  cleanStart: true,
  sessionExpirySeconds: true,
  tls: true,
  webSocket: true,
  topic: true,
  qos: true,
  publishRate: true,
  payloadBytes: true,
  measured: true,
};

/**
 * A scenario from JSON, or from props in code, with every setting checked.
 *
 * @throws ScenarioError with every mistake at once: the setting, its value and what to write
 */
export function checkScenario(value: unknown): Scenario {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ScenarioError("scenario", [`is ${JSON.stringify(value)}; write an object with name, command and clients`]);
  }
  const scenario = value as Scenario;
  const { command } = scenario;
  const publishes = command === "pub";
  const problems = [
    ...Object.keys(scenario).flatMap((key) =>
      Object.hasOwn(KEYS, key) ? [] : [`'${key}' is not known; there are ${Object.keys(KEYS).join(", ")}`],
    ),
    matching("name", scenario.name, /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/, "1 to 40 small letters, digits and dashes"),
    oneOf("command", command, ["conn", "sub", "pub"]),
    whole("clients", scenario.clients, 1, MOST),
    whole("clientsPerPod", scenario.clientsPerPod, 1, MOST_CLIENTS_PER_POD),
    whole("connectRate", scenario.connectRate, 1, MOST),
    whole("durationSeconds", scenario.durationSeconds, 1, 86_400),
    oneOf("mqttVersion", scenario.mqttVersion, [3, 4, 5]),
    whole("keepAliveSeconds", scenario.keepAliveSeconds, 0, 65_535),
    oneOf("cleanStart", scenario.cleanStart, [true, false]),
    whole("sessionExpirySeconds", scenario.sessionExpirySeconds, 0, 4_294_967_295),
    oneOf("tls", scenario.tls, [true, false]),
    oneOf("webSocket", scenario.webSocket, [true, false]),
    oneOf("qos", scenario.qos, [0, 1, 2]),
    whole("publishRate", scenario.publishRate, 1, MOST),
    whole("payloadBytes", scenario.payloadBytes, scenario.measured === true ? 16 : 0, 1_047_552),
    oneOf("measured", scenario.measured, [true, false]),
    command !== "conn" && command !== undefined && !scenario.topic
      ? `'topic' is missing; ${command} needs one, such as load/%i`
      : undefined,
    command === "conn" && scenario.topic !== undefined ? "'topic' is of no use to conn; take it out, or write sub or pub" : undefined,
    !publishes && scenario.publishRate !== undefined ? `'publishRate' is of no use to ${command}; take it out, or write pub` : undefined,
    !publishes && scenario.payloadBytes !== undefined ? `'payloadBytes' is of no use to ${command}; take it out, or write pub` : undefined,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new ScenarioError(`scenario '${scenario.name ?? "without a name"}'`, problems);
  return scenario;
}

/** How many pods a scenario takes. */
export function podsOf({ clients, clientsPerPod = DEFAULT_CLIENTS_PER_POD }: Scenario): number {
  return Math.ceil(clients / clientsPerPod);
}

/**
 * What follows `mqttd` on the command line: flags of `mqttd bench`, which are those of emqtt-bench, and two of its own, `--duration` and `--share`.
 *
 * @param share which part of the whole this process does, `<number from 0>/<of how many>`; without it all of it
 */
export function benchArguments(scenario: Scenario, { host, port }: LoadTarget, share?: string): string[] {
  const { name, command, clients, topic, qos, publishRate, payloadBytes, measured, durationSeconds = 600 } = scenario;
  const { connectRate = DEFAULT_CONNECT_RATE_PER_POD * podsOf(scenario), mqttVersion = 5, keepAliveSeconds = 300 } = scenario;
  const flags: (string | number)[] = ["bench", command, "-h", host, "-p", port, "-c", clients, "-R", connectRate, "--prefix", name];
  flags.push("-V", mqttVersion, "-k", keepAliveSeconds, "--duration", durationSeconds);
  if (scenario.cleanStart === false) flags.push("-C", "false");
  if (scenario.sessionExpirySeconds !== undefined) flags.push("-x", scenario.sessionExpirySeconds);
  if (scenario.tls) flags.push("-S");
  if (scenario.webSocket) flags.push("--ws");
  if (topic !== undefined) flags.push("-t", topic);
  if (qos !== undefined) flags.push("-q", qos);
  // Each publisher's share of the rate, as the time between two of its messages.
  if (publishRate !== undefined) flags.push("-I", Math.max(1, Math.round((clients / publishRate) * 1_000)));
  if (payloadBytes !== undefined) flags.push("-s", payloadBytes);
  if (measured) flags.push("--payload-hdrs", "cnt64,ts");
  if (share !== undefined) flags.push("--share", share);
  return flags.map(String);
}

function whole(name: string, value: number | undefined, least: number, most: number): string | undefined {
  if (value === undefined && name !== "clients") return undefined;
  if (Number.isSafeInteger(value) && value! >= least && value! <= most) return undefined;
  return `'${name}' is ${JSON.stringify(value)}; write a whole number from ${least} to ${most}`;
}

function oneOf(name: string, value: unknown, values: readonly unknown[]): string | undefined {
  if ((value === undefined && name !== "command") || values.includes(value)) return undefined;
  return `'${name}' is ${JSON.stringify(value)}; write ${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}

function matching(name: string, value: unknown, pattern: RegExp, remedy: string): string | undefined {
  return typeof value === "string" && pattern.test(value) ? undefined : `'${name}' is ${JSON.stringify(value)}; write ${remedy}`;
}
