import { EngineUnavailableError } from "./engine-errors.js";

/** What JetStream says of a request that it does not do; codes as in nats-server's server/errors.json. */
export interface ApiProblem {
  /** As HTTP has them: 503 for what may work later. */
  readonly code: number;
  readonly err_code: number;
  readonly description: string;
}

/** JetStream said no. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly verb: string,
    readonly problem: ApiProblem,
  ) {
    super(`${verb}: ${problem.description}`);
  }
}

/** Codes that are told apart. */
export const ApiCode = {
  InsufficientResources: 10_023,
  NoPeers: 10_005,
  MemoryExceeded: 10_028,
  StorageExceeded: 10_047,
  NoSuchMessage: 10_037,
  NotEnabled: 10_076,
  NotEnabledForAccount: 10_039,
  NameInUse: 10_058,
  NoSuchStream: 10_059,
  SubjectsOverlap: 10_065,
  MaximumStreams: 10_027,
  WrongLastSequence: 10_071,
  WrongLastSequenceUnknown: 10_164,
  ReplicasNotSupported: 10_074,
  StoreFailed: 10_077,
} as const;

/** Whether a message was not stored for want of room: a bound of the stream, the account or the servers. */
export function isFull({ err_code, description }: ApiProblem): boolean {
  if (err_code === ApiCode.StoreFailed) return /maximum|no space/.test(description);
  return err_code === ApiCode.InsufficientResources || err_code === ApiCode.StorageExceeded || err_code === ApiCode.MemoryExceeded;
}

/** One of JetStream's subjects `$JS.API.…`, asked with JSON. */
export type AskJetStream = (verb: string, body?: object) => Promise<unknown>;

/**
 * What the answer to a request holds.
 *
 * @throws ApiError if JetStream did not do it, EngineUnavailableError if it cannot do it now
 */
export function readAnswer(verb: string, bytes: Uint8Array): unknown {
  const answer = JSON.parse(new TextDecoder().decode(bytes)) as { readonly error?: ApiProblem };
  if (answer.error === undefined) return answer;
  const isOff = answer.error.err_code === ApiCode.NotEnabled || answer.error.err_code === ApiCode.NotEnabledForAccount;
  if (answer.error.code === 503 && !isOff)
    throw new EngineUnavailableError(`${verb}: ${answer.error.description}`, { isOutcomeUnknown: false });
  throw new ApiError(verb, answer.error);
}
