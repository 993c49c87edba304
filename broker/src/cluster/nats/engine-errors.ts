/** The engine cannot do it now: out of reach, too slow, without a leader, or full. */
export class EngineUnavailableError extends Error {
  override readonly name = "EngineUnavailableError";
  /** Whether it may have been done nevertheless: the request went out, and no answer came. */
  readonly isOutcomeUnknown: boolean;
  /** As of a disk, if the stream or the servers have no more room: whoever tells clients looks for it. */
  readonly code: "ENOSPC" | undefined;

  constructor(message: string, options: { readonly isOutcomeUnknown: boolean; readonly cause?: unknown; readonly isFull?: boolean }) {
    super(message, { cause: options.cause });
    this.isOutcomeUnknown = options.isOutcomeUnknown;
    this.code = options.isFull === true ? "ENOSPC" : undefined;
  }
}

/** The servers do not let the broker's user do it: nothing was done, and nothing will be before that has changed. */
export class EngineForbiddenError extends EngineUnavailableError {
  constructor(message: string) {
    super(message, { isOutcomeUnknown: false });
  }
}

/** A compare-and-set was not done, as the subject's last message is not the expected one. */
export class LostRaceError extends Error {
  override readonly name = "LostRaceError";

  constructor(
    readonly subject: string,
    /** Of the message that is there, as far as the server told. */
    readonly lastSequence: number | undefined,
  ) {
    super(`another writer of ${subject} was first: its last sequence is ${lastSequence ?? "another"}`);
  }
}

/** A request that nobody has subscribed to. */
export class NoListenerError extends Error {
  override readonly name = "NoListenerError";

  constructor(readonly subject: string) {
    super(`nobody listens to ${subject}`);
  }
}

/** Settings and servers do not go together: each line names what is wrong, the setting and the remedy. */
export class EngineSetupError extends Error {
  override readonly name = "EngineSetupError";

  constructor(
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(problems.join("\n"), options);
  }
}
