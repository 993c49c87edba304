/** Users of a file, and what is wrong with it. */
export interface UserFile {
  /** By user name what comes after the first colon: how the password is checked. */
  readonly users: ReadonlyMap<string, string>;
  readonly problems: readonly LineProblem[];
}

export interface LineProblem {
  /** From 1. */
  readonly line: number;
  /** Never shows what comes after the colon. */
  readonly why: string;
}

/**
 * Reads lines of `user:secret`; empty ones and those that begin with # say nothing.
 *
 * @param problemWith what is wrong with the part after the colon, undefined if nothing is
 */
export function parseUserFile(text: string, problemWith: (secret: string) => string | undefined): UserFile {
  const users = new Map<string, string>();
  const lines = new Map<string, number>();
  const problems: LineProblem[] = [];
  for (const [index, content] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (content.trim() === "" || content.startsWith("#")) continue;
    const line = index + 1;
    const colon = content.indexOf(":");
    if (colon < 1) {
      problems.push({ line, why: "is no user:hash" });
      continue;
    }
    const user = content.slice(0, colon);
    const secret = content.slice(colon + 1).trim();
    const why = lines.has(user) ? `is the same user as line ${lines.get(user)}` : problemWith(secret);
    if (why !== undefined) problems.push({ line, why: `(user ${JSON.stringify(user)}) ${why}` });
    if (!lines.has(user)) lines.set(user, line);
    if (why === undefined) users.set(user, secret);
  }
  return { users, problems };
}
