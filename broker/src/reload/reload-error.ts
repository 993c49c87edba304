/** Settings that were read again are not in force, and why: what was in force before goes on. */
export class ReloadError extends Error {
  override readonly name = "ReloadError";

  constructor(
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(["the settings stay as they were:", ...problems.map((problem) => `  - ${problem}`)].join("\n"), options);
  }
}

/** The lines of an error: each mistake of a ConfigError, or its message. */
export function problemsOf(error: unknown): readonly string[] {
  const { problems, message } = error as { readonly problems?: readonly string[]; readonly message?: string };
  return problems ?? [message ?? String(error)];
}
