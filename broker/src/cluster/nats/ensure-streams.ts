import type { StreamDefinition } from "./engine.js";
import { EngineForbiddenError, EngineSetupError, EngineUnavailableError, NoListenerError } from "./engine-errors.js";
import { ApiCode, ApiError, type AskJetStream } from "./jetstream-api.js";
import { differences, groupedProblems, refusal, type StreamProblem } from "./stream-problems.js";

const PAUSE_MS = 250;

/** A stream's configuration as JetStream has it. */
export interface StreamConfiguration {
  readonly name: string;
  readonly subjects?: readonly string[];
  readonly storage: string;
  readonly num_replicas: number;
  readonly max_msgs_per_subject: number;
  readonly allow_msg_ttl?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Prefix of the metadata that hold settings: keys may have no dots of NATS' own. */
const SETTING = "mqttd.";

/**
 * Makes the streams that are not there, and checks those that are. What is different stays as it is: it may hold what other brokers need.
 * Servers get some time to find each other, and their leader.
 *
 * @throws EngineSetupError with all that is wrong
 */
export async function ensureStreams(definitions: readonly StreamDefinition[], ask: AskJetStream, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  await patiently(() => ask("INFO"), deadline);
  const problems: StreamProblem[] = [];
  for (const definition of definitions) problems.push(...(await ensure(definition, ask, deadline)));
  if (problems.length > 0) throw new EngineSetupError(groupedProblems(problems));
}

async function ensure(definition: StreamDefinition, ask: AskJetStream, deadline: number): Promise<readonly StreamProblem[]> {
  try {
    const { config } = (await patiently(() => infoOrCreate(definition, ask), deadline)) as { readonly config: StreamConfiguration };
    return differences(definition, config, SETTING);
  } catch (error) {
    if (error instanceof ApiError) return [refusal(definition, error.problem)];
    throw error;
  }
}

async function infoOrCreate(definition: StreamDefinition, ask: AskJetStream): Promise<unknown> {
  try {
    return await ask(`STREAM.INFO.${definition.name}`);
  } catch (error) {
    if (!(error instanceof ApiError) || error.problem.err_code !== ApiCode.NoSuchStream) throw error;
  }
  try {
    return await ask(`STREAM.CREATE.${definition.name}`, configurationOf(definition));
  } catch (error) {
    // Another broker was faster, with other settings: they are compared.
    if (error instanceof ApiError && error.problem.err_code === ApiCode.NameInUse) return ask(`STREAM.INFO.${definition.name}`);
    throw error;
  }
}

function configurationOf({ name, subjects, storage, replicas, agreedSettings = {}, ...more }: StreamDefinition): object {
  return {
    name,
    subjects,
    storage,
    num_replicas: replicas,
    retention: "limits",
    discard: "new", // a full store refuses what is new rather than forget what is old
    max_msgs_per_subject: more.maxMessagesPerSubject ?? -1,
    ...(more.hasMessageTtl && { allow_msg_ttl: true }),
    ...(more.duplicateWindowSeconds !== undefined && { duplicate_window: more.duplicateWindowSeconds * 1e9 }),
    metadata: Object.fromEntries(Object.entries(agreedSettings).map(([setting, value]) => [SETTING + setting, value])),
  };
}

/** Again while it cannot be done now, or for want of servers that may be starting. */
async function patiently<T>(run: () => Promise<T>, deadline: number): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      const isOver = performance.now() + PAUSE_MS > deadline;
      if (error instanceof ApiError && isOff(error) && isOver) throw withoutJetStream(error.message);
      if (error instanceof ApiError && (isOver || !isWorthWaiting(error))) throw error;
      if (error instanceof EngineForbiddenError) throw forbidden(error);
      if (error instanceof NoListenerError && isOver) throw withoutJetStream(error.message);
      if (error instanceof EngineUnavailableError && isOver) throw silent(error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function isWorthWaiting({ problem }: Pick<ApiError, "problem">): boolean {
  return problem.err_code === ApiCode.NoPeers || isOff({ problem });
}

function isOff({ problem }: Pick<ApiError, "problem">): boolean {
  return problem.err_code === ApiCode.NotEnabled || problem.err_code === ApiCode.NotEnabledForAccount;
}

function withoutJetStream(why: string): EngineSetupError {
  return new EngineSetupError([`NATS has no JetStream for this user (${why}): run nats-server with -js, or enable it for the account`]);
}

function silent(error: EngineUnavailableError): EngineSetupError {
  return new EngineSetupError([`JetStream does not answer (${error.message}): see whether the NATS servers' cluster has a majority`], {
    cause: error,
  });
}

function forbidden(error: EngineForbiddenError): EngineSetupError {
  return new EngineSetupError([`${error.message}: permit it mqttd.> and $JS.>, to publish and to subscribe`], { cause: error });
}
