import { connect, errors, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import type { Log } from "../../log.js";
import type { Backoff } from "./backoff.js";
import { EngineSetupError } from "./engine-errors.js";

/** Messages with a time to live came with it. */
export const VERSION_2_11 = "2.11.0";

export interface FirstConnectionOptions {
  readonly connect: NodeConnectionOptions;
  /** For messages. */
  readonly servers: readonly string[];
  /** How long servers may be out of reach before that is an error: they may be starting too. */
  readonly withinMs: number;
  readonly backoff: Backoff;
  readonly log: Log;
}

/**
 * Connects for the first time. What only other settings can mend is an error at once; a server that is not there yet is waited for.
 *
 * @throws EngineSetupError with the setting and the remedy
 */
export async function firstConnection(options: FirstConnectionOptions): Promise<NatsConnection> {
  const { withinMs, backoff, log } = options;
  const deadline = performance.now() + withinMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await checkedVersion(await connect(options.connect), options);
    } catch (error) {
      const problem = error instanceof EngineSetupError ? error : permanentProblem(error as Error, options.servers);
      if (problem) throw problem;
      const waitMs = backoff.nextMs();
      if (performance.now() + waitMs > deadline) throw unreachable(error as Error, options);
      if (attempt === 0) log.warn({ err: error, servers: options.servers }, "NATS cannot be reached yet");
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** @throws EngineSetupError for a server that is too old */
async function checkedVersion(connection: NatsConnection, { servers }: FirstConnectionOptions): Promise<NatsConnection> {
  const version = connection.info?.version ?? "0";
  if (isAtLeast(version, VERSION_2_11)) return connection;
  await connection.close();
  throw new EngineSetupError([`the NATS server at ${servers.join(", ")} has version ${version}: 2.11 or newer is needed, update it`]);
}

/** Whether a version is the other or comes after it; what follows the numbers does not count. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split(/[.-]/, 3).map((part) => Number.parseInt(part, 10) || 0));
  for (const [index, wanted] of want!.entries()) {
    const had = have![index] ?? 0;
    if (had !== wanted) return had > wanted;
  }
  return true;
}

function unreachable({ message }: Error, { servers, withinMs }: FirstConnectionOptions): EngineSetupError {
  const text = `nats.servers: no NATS server can be reached at ${servers.join(", ")} within ${Math.ceil(withinMs / 1_000)} s: ${message || "the connection was closed"}`;
  return new EngineSetupError([`${text}; start it, or name others with --nats`]);
}

/** What waiting does not mend. */
export function permanentProblem(error: Error, servers: readonly string[]): EngineSetupError | undefined {
  const at = servers.join(", ");
  const { code = "" } = (rootOf(error) ?? {}) as NodeJS.ErrnoException;
  const { message } = error;
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    const remedy = "name what it knows with nats.credentialsFile, nats.passwordFile, nats.tokenFile or nats.nkeySeedFile";
    return new EngineSetupError([`the NATS server at ${at} does not let the broker in (${message}): ${remedy}`], { cause: error });
  }
  if (/does not support 'tls'/.test(message)) {
    return new EngineSetupError([`the NATS server at ${at} has no TLS: begin nats.servers with nats://, and leave out nats.tls`], {
      cause: error,
    });
  }
  if (/CERT|SIGNATURE|SELF_SIGNED|UNABLE_TO_|TLS|SSL/.test(code) || /certificate|self.signed|alert/i.test(message)) {
    const remedy = "nats.tls.caFile names who signs its certificate, nats.tls.certFile and nats.tls.keyFile are what it may ask for";
    return new EngineSetupError([`there is no TLS with the NATS server at ${at} (${message || code}): ${remedy}`], { cause: error });
  }
  if (/unexpected response from server/.test(message)) {
    return new EngineSetupError([`nats.servers: what answers at ${at} is no NATS server: name the port of its clients, 4222 by default`], {
      cause: error,
    });
  }
  return undefined;
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error;
}
