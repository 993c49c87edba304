import { connect, type NatsConnection } from "@nats-io/transport-node";
import { connectOptions } from "./connect-options.js";
import type { NatsConnectionOptions } from "./engine-options.js";
import { isAtLeast, permanentProblem, VERSION_2_11 } from "./first-connection.js";
import { ApiError, readAnswer } from "./jetstream-api.js";

/** What to try. */
export interface ProbeOptions extends NatsConnectionOptions {
  readonly replicas: number;
  /** A stream that says what time it is there, if it exists. */
  readonly stream: string;
  /** Time for all of it. */
  readonly withinMs: number;
}

/** What was found. */
export interface ProbeAnswer {
  /** Undefined where nothing answered. */
  readonly version: string | undefined;
  /** Each with its remedy; none if a cluster of brokers can work with it. */
  readonly problems: readonly string[];
  /** The server's clock, and ours at that moment; undefined where nothing told it. */
  readonly clock: { readonly theirsMs: number; readonly oursMs: number } | undefined;
}

/** Connects once, changes nothing, and says whether the servers have what a cluster needs. */
export async function probeServers(options: ProbeOptions): Promise<ProbeAnswer> {
  const { servers, withinMs } = options;
  const tuning = {
    name: "mqttd doctor",
    inboxPrefix: "_INBOX.doctor",
    silentMs: withinMs,
    handshakeMs: withinMs,
    reconnectDelay: () => withinMs,
  };
  let connection: NatsConnection;
  try {
    connection = await connect({ ...connectOptions(options, tuning), reconnect: false, maxReconnectAttempts: 0 });
  } catch (error) {
    const { message } = error as Error;
    const unreachable = `no NATS server can be reached at ${servers.join(", ")} (${message || "the connection was closed"}): start it, or mend nats.servers`;
    return { version: undefined, problems: [permanentProblem(error as Error, servers)?.message ?? unreachable], clock: undefined };
  }
  try {
    return await questions(connection, options);
  } finally {
    await connection.close();
  }
}

async function questions(connection: NatsConnection, options: ProbeOptions): Promise<ProbeAnswer> {
  const { replicas, stream, withinMs } = options;
  const info = connection.info;
  const version = info?.version ?? "0";
  const problems: string[] = [];
  if (!isAtLeast(version, VERSION_2_11)) problems.push(`it has version ${version}, and 2.11 or newer is needed: update it`);
  const ask = async (verb: string) => readAnswer(verb, (await connection.request(`$JS.API.${verb}`, "", { timeout: withinMs })).data);
  try {
    await ask("INFO");
  } catch (error) {
    problems.push(`JetStream does not answer (${(error as Error).message}): enable it on the server (jetstream { … }) and for the account`);
  }
  // Urls are not told where the servers are set not to; then it is not known how many there are.
  const known = info?.cluster === undefined ? 1 : (info.connect_urls?.length ?? replicas);
  if (known < replicas) {
    problems.push(
      `nats.replicas is ${replicas} and there ${known === 1 ? "is 1 server" : `are ${known} servers`}: start as many, or lower it`,
    );
  }
  try {
    const { ts } = (await ask(`STREAM.INFO.${stream}`)) as { readonly ts?: string };
    return { version, problems, clock: ts === undefined ? undefined : { theirsMs: Date.parse(ts), oursMs: Date.now() } };
  } catch (error) {
    // That no broker has made it yet is an answer too.
    if (!(error instanceof ApiError) && problems.length === 0) {
      problems.push(`JetStream cannot work now (${(error as Error).message}): see whether most of its servers run`);
    }
    return { version, problems, clock: undefined };
  }
}
